"""What is written: ink in numbered pieces, and the numbers that the pieces make up."""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

import numpy as np

LOW_TO_HEIGHT = 0.4  # Share of the digits' height; what is lower is a part, a dot or a dash.
NUMBER_GAP_TO_HEIGHT = 2.0  # Gap between two numbers of a row, divided by their height.


class Writing(NamedTuple):
    """Ink in numbered pieces.

    Attributes:
        ink: uint8 `(height, width)`, from 0 (paper) to 255 (full ink).
        labels: int32 `(height, width)`, the number of each pixel's piece, 0 for none.
        boxes: int `(pieces + 1, 4)`: top, left, bottom, right of each piece; row 0 is unused.
    """

    ink: np.ndarray
    labels: np.ndarray
    boxes: np.ndarray

    def bounds(self, pieces: Sequence[int]) -> tuple[int, int, int, int]:
        """Return top, left, bottom, right of the bounding box of some pieces."""
        boxes = self.boxes[list(pieces)]
        top, left, bottom, right = (boxes[0] if len(boxes) == 1 else join_boxes(boxes)).tolist()
        return top, left, bottom, right

    def crop(self, pieces: Sequence[int]) -> np.ndarray:
        """Cut out the ink of some pieces only, uint8, as large as their bounding box."""
        top, left, bottom, right = self.bounds(pieces)
        is_chosen = np.zeros(len(self.boxes), bool)
        is_chosen[list(pieces)] = True
        window = np.s_[top:bottom, left:right]
        ink: np.ndarray = self.ink[window] * is_chosen[self.labels[window]]
        return ink


class Number(NamedTuple):
    """A number: digits, and signs, that stand together in a row of writing.

    Attributes:
        pieces: its pieces, as rows of `Writing.boxes`, from left to right.
        height: the height of its digits, in pixels of the ink.
        cut: the pieces that were cut from a piece of touching digits.
        row: its row's place from the top; the same for numbers that are side by side.
        signs: the signs among its digits: the middle column and the text of each.
    """

    pieces: list[int]
    height: float
    cut: frozenset[int] = frozenset()
    row: int = 0
    signs: tuple[tuple[float, str], ...] = ()


def usual_height(heights: Sequence[float]) -> float:
    """Find the height of a number's digits from the heights of all its pieces."""
    highest = max(heights)
    return float(median(height for height in heights if height >= LOW_TO_HEIGHT * highest))


def join_boxes(boxes: np.ndarray) -> np.ndarray:
    """Find the bounding box of boxes `(n, 4)`."""
    return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])
