"""Marks -> close-ups of them, and the judge, a network that names a mark from its close-up."""

from pathlib import Path

import numpy as np
from PIL import Image
from scipy.special import softmax

from digit_model.lines.kinds import KINDS
from digit_model.lines.litert import run
from digit_model.lines.spots import Spots

SIDE = 32  # Pixels, side of a close-up.
CLOSEUP_TO_MARK = 1.6  # Side of a close-up, divided by the longer side of its mark.
LAYERS = 3  # The page, the mark's ink and the ink of others.
MIN_SHOWN_CONTRAST = 8.0  # Grey levels: fainter marks are shown as if they had this contrast.
INK_CONTRAST = 64  # Levels between paper and ink in a close-up.
PAPER = 96  # Level of paper in a close-up.
THREADS = 1  # Threads for all close-ups of a page.


def cut_closeups(spots: Spots, marks: np.ndarray) -> np.ndarray:
    """Cut close-ups of marks out of their page.

    Args:
        spots: all marks of the page.
        marks: int `(n,)`, the marks to cut out.

    Returns:
        uint8 `(n, 32, 32, 3)`. The layers are the page, normalized to the same levels of paper
        and ink; the mark's ink, 0..255; and the ink of all other marks.
    """
    closeups = np.zeros((len(marks), SIDE, SIDE, LAYERS), np.uint8)
    boxes = spots.boxes[marks]
    sides = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
    halves = np.ceil(CLOSEUP_TO_MARK / 2 * np.maximum(sides, 1)).astype(int)
    margin = int(halves.max(initial=0))
    page = np.pad(spots.page, margin, mode="edge")
    ink, labels = (np.pad(layer, margin) for layer in (spots.ink, spots.labels))
    middles = (boxes[:, :2] + boxes[:, 2:]) // 2 + margin
    for index, mark in enumerate(marks.tolist()):
        (y, x), half = middles[index], halves[index]
        window = np.s_[y - half : y + half, x - half : x + half]
        own = labels[window] == mark
        layers = (
            _normalize(page[window], labels[window], own),
            np.where(own, ink[window], 0),
            np.where(own, 0, ink[window]),
        )
        closeups[index] = np.stack([_shrink(layer) for layer in layers], axis=2)
    return closeups


def _shrink(layer: np.ndarray) -> np.ndarray:
    image = Image.fromarray(layer).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    return np.asarray(image)


def _normalize(grey: np.ndarray, labels: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Give a grey window the same levels of paper and ink as all others, uint8."""
    background = grey[labels == 0]
    paper = float(np.median(background)) if len(background) else 255.0
    ink = float(np.median(grey[own])) if own.any() else 0.0
    contrast = paper - ink
    if abs(contrast) < MIN_SHOWN_CONTRAST:
        contrast = MIN_SHOWN_CONTRAST if contrast >= 0 else -MIN_SHOWN_CONTRAST
    normalized: np.ndarray = (PAPER + INK_CONTRAST * (paper - grey) / contrast).clip(0, 255)
    return np.asarray(np.rint(normalized), np.uint8)


class Closeups:
    """The judge: the network that names a mark from its close-up, run by LiteRT.

    Args:
        path: a LiteRT file that `training.spotting.export` wrote.
    """

    def __init__(self, path: Path) -> None:
        self._model = path.read_bytes()

    def __call__(self, spots: Spots, marks: np.ndarray) -> np.ndarray:
        """Return the probability of each kind for some marks, float32 `(n, KINDS)`."""
        if not len(marks):
            return np.zeros((0, KINDS), np.float32)
        return np.asarray(softmax(self.logits(cut_closeups(spots, marks)), axis=1))

    def logits(self, closeups: np.ndarray) -> np.ndarray:
        """Return the logits of close-ups, uint8 `(n, 32, 32, 3)`, as float32 `(n, KINDS)`."""
        return run(self._model, closeups.astype(np.float32), THREADS)
