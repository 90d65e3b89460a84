"""The marks on a page, each seen from close up, and what a network says that they are."""

from pathlib import Path

import numpy as np
from PIL import Image
from scipy.special import softmax

from digit_model.lines.kinds import KINDS
from digit_model.lines.litert import run
from digit_model.lines.spots import Spots

SIDE = 32  # Pixels of a close-up,
REACH = 1.6  # which shows so many times the longer side of its mark.
LAYERS = 3
LEAST_CONTRAST = 8.0  # Grey levels: a fainter mark is shown as if it had so much.
SHARE = 64  # Levels of a close-up between paper and ink.
PAPER = 96  # Its level of paper.
THREADS = 1  # Of the processor, for all close-ups of a page.


def cut_closeups(spots: Spots, marks: np.ndarray) -> np.ndarray:
    """Cut some marks out of their page.

    Args:
        spots: all that are on it.
        marks: the numbers of some.

    Returns:
        uint8 `(marks, 32, 32, 3)`: the page, with the same levels for any paper and ink; the
        mark's ink, 0..255; and that of all others.
    """
    closeups = np.zeros((len(marks), SIDE, SIDE, LAYERS), np.uint8)
    boxes = spots.boxes[marks]
    sides = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
    halves = np.ceil(REACH / 2 * np.maximum(sides, 1)).astype(int)
    room = int(halves.max(initial=0))
    page = np.pad(spots.page, room, mode="edge")
    ink, labels = (np.pad(layer, room) for layer in (spots.ink, spots.labels))
    middles = (boxes[:, :2] + boxes[:, 2:]) // 2 + room
    for number, mark in enumerate(marks.tolist()):
        (y, x), half = middles[number], halves[number]
        window = np.s_[y - half : y + half, x - half : x + half]
        mine = labels[window] == mark
        layers = (
            _even(page[window], labels[window], mine),
            np.where(mine, ink[window], 0),
            np.where(mine, 0, ink[window]),
        )
        closeups[number] = np.stack([_shrink(layer) for layer in layers], axis=2)
    return closeups


def _shrink(layer: np.ndarray) -> np.ndarray:
    image = Image.fromarray(layer).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    return np.asarray(image)


def _even(grey: np.ndarray, labels: np.ndarray, mine: np.ndarray) -> np.ndarray:
    """A window with the same levels for any paper and ink, uint8."""
    around = grey[labels == 0]
    paper = float(np.median(around)) if len(around) else 255.0
    ink = float(np.median(grey[mine])) if mine.any() else 0.0
    contrast = paper - ink
    if abs(contrast) < LEAST_CONTRAST:
        contrast = LEAST_CONTRAST if contrast >= 0 else -LEAST_CONTRAST
    even: np.ndarray = (PAPER + SHARE * (paper - grey) / contrast).clip(0, 255)
    return np.asarray(np.rint(even), np.uint8)


class Closeups:
    """The network that says what marks are, each seen from close up, served by LiteRT.

    Args:
        path: of a LiteRT file that `training.spotting.export` wrote.
    """

    def __init__(self, path: Path) -> None:
        self._model = path.read_bytes()

    def __call__(self, spots: Spots, marks: np.ndarray) -> np.ndarray:
        """How probably each of some marks is of each kind, float32 `(n, KINDS)`."""
        if not len(marks):
            return np.zeros((0, KINDS), np.float32)
        return np.asarray(softmax(self.logits(cut_closeups(spots, marks)), axis=1))

    def logits(self, closeups: np.ndarray) -> np.ndarray:
        """What the network says of close-ups, uint8 `(n, 32, 32, 3)`: float32 `(n, KINDS)`."""
        return run(self._model, closeups.astype(np.float32), THREADS)
