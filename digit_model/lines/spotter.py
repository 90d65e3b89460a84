"""A page -> for each pixel of it, what the network says of it."""

from itertools import accumulate, pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.special import softmax

from digit_model.lines.kinds import KINDS
from digit_model.lines.litert import run

CELL = 4  # Pixels, side of what the network says something of.
FINE = 2  # Pixels, side of the parts of a cell that have a centre and an offset of their own.
REACH = 32  # Pixels: the unit of offsets.
STRIDE = 32  # Pixels: the sides of what the network sees are multiples of it.
THREADS = 2  # Of the processor, for one page.
MARGIN = 8  # Pixels of paper that a page gets around it, at least.
# What the network says of each cell, and in how many channels: the ink of each of its pixels, as
# logits; whether each of its fine parts is a mark's centre, as logits; where from the middle of
# each fine part its mark's centre is, x and y, in `REACH`; which way the writing runs, x and y of
# length 1; and what the mark is, as a logit for each of `digit_model.lines.kinds`.
HEADS = {
    "ink": CELL**2,
    "centre": (CELL // FINE) ** 2,
    "offset": 2 * (CELL // FINE) ** 2,
    "direction": 2,
    "kind": KINDS,
}
_ENDS = [0, *accumulate(HEADS.values())]
PLACES = {name: slice(*ends) for name, ends in zip(HEADS, pairwise(_ENDS), strict=True)}


class Maps(NamedTuple):
    """What the network says of a page.

    Attributes:
        cells: float32 `(height / 4, width / 4, channels)`, of a page of `height` x `width` pixels,
            a little more than its own; see `HEADS`.
        margin: pixels before the page's own, on every side.
        page: uint8 `(height, width)`, what it was shown.
    """

    cells: np.ndarray
    margin: int
    page: np.ndarray

    def ink(self) -> np.ndarray:
        """For each pixel the logit that somebody wrote there, float32 `(height, width)`."""
        return _from_cells(self.cells[..., PLACES["ink"]], CELL)

    def centre(self) -> np.ndarray:
        """For each fine part the logit of a mark's centre, float32 `(height / 2, width / 2)`."""
        return _from_cells(self.cells[..., PLACES["centre"]], CELL // FINE)

    def votes(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Where some fine parts, int `(n,)`, see their mark's centre.

        Returns:
            float32 `(n, 2)`, x and y, in pixels.
        """
        parts = CELL // FINE
        offsets = self.cells[rows // parts, columns // parts, PLACES["offset"]]
        part = rows % parts * parts + columns % parts
        offsets = offsets.reshape(len(rows), parts**2, 2)[np.arange(len(rows)), part]
        middles: np.ndarray = (np.stack([columns, rows], axis=1) + 0.5) * FINE
        votes: np.ndarray = middles + REACH * offsets
        return votes

    def directions(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Which way the writing runs at some fine parts, float32 `(n, 2)`, x and y."""
        parts = CELL // FINE
        directions: np.ndarray = self.cells[rows // parts, columns // parts, PLACES["direction"]]
        return directions

    def kinds(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """The probability of each kind at some fine parts, float32 `(n, KINDS)`."""
        parts = CELL // FINE
        kinds: np.ndarray = self.cells[rows // parts, columns // parts, PLACES["kind"]]
        return np.asarray(softmax(kinds, axis=1))


class Spotter:
    """The network that finds the digits of a page, served by LiteRT.

    Args:
        path: of a LiteRT file that `training.spotting.export` wrote.
    """

    def __init__(self, path: Path) -> None:
        self._model = path.read_bytes()

    def __call__(self, page: np.ndarray) -> Maps:
        """Look at a page.

        Args:
            page: uint8 `(height, width)`, grey.
        """
        height, width = page.shape
        ends = [(MARGIN, MARGIN + -(side + 2 * MARGIN) % STRIDE) for side in (height, width)]
        shown = np.pad(page, ends, mode="edge")
        return Maps(self.cells(shown), MARGIN, shown)

    def cells(self, page: np.ndarray) -> np.ndarray:
        """All that the network says of a page whose sides are divisible by 32; see `HEADS`."""
        pixels = to_cells(page.astype(np.float32), CELL)[None]
        maps: np.ndarray = run(self._model, pixels, THREADS)[0]
        return maps


def to_cells(fine: np.ndarray, parts: int) -> np.ndarray:
    """A map `(height, width, ...)` -> `(height / parts, width / parts, ... * parts ** 2)`."""
    height, width = fine.shape[:2]
    cells = fine.reshape(height // parts, parts, width // parts, parts, -1).swapaxes(1, 2)
    return cells.reshape(height // parts, width // parts, -1)


def _from_cells(cells: np.ndarray, parts: int) -> np.ndarray:
    """A map `(height, width, parts ** 2)` -> `(height * parts, width * parts)`."""
    height, width, _ = cells.shape
    fine = cells.reshape(height, width, parts, parts).swapaxes(1, 2)
    return fine.reshape(height * parts, width * parts)
