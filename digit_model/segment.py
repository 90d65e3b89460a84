"""Ink -> the digits in it."""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from digit_model.ink import SMALL_PICTURE

SMALLEST = 0.04  # Of the picture's longer side: anything shorter is dust.
REACH = 0.4  # Of the digit's longer side: parts no farther off belong to it.
PART = 0.12  # Of the digit's longer side: shorter parts are specks.
CUT_OFF = 0.3  # How much a stroke that the picture's edge cuts counts beside one that lies inside.


class Crop(NamedTuple):
    """One digit's ink.

    Attributes:
        ink: uint8 `(height, width)`, from 0 (paper) to 255 (full ink).
        box: `(left, top, width, height)` in the ink's own pixels.
    """

    ink: np.ndarray
    box: tuple[int, int, int, int]


def find_digits(ink: np.ndarray) -> list[Crop]:
    """Find the digit: the longest connected stroke, and the parts that belong to it.

    Args:
        ink: uint8 `(height, width)`, from 0 (paper) to 255 (full ink).

    Returns:
        One crop, from which everything else is erased; none where no digit is.
    """
    if max(ink.shape) <= SMALL_PICTURE:
        # An icon or a data set's frame is all digit, detached pixels included.
        labels, count = (ink > 0).astype(np.int32), int(ink.any())
    else:
        labels, count = ndimage.label(ink > 0, np.ones((3, 3)))
    if not count:
        return []
    slices = ndimage.find_objects(labels)
    # (count, 4): top, left, bottom, right.
    boxes = np.array([(y.start, x.start, y.stop, x.stop) for y, x in slices])
    lengths = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
    cut = (boxes[:, :2] == 0).any(axis=1) | (boxes[:, 2:] == ink.shape).any(axis=1)
    main = int((lengths * np.where(cut, CUT_OFF, 1)).argmax())
    if lengths[main] < SMALLEST * max(ink.shape):
        return []
    parts = _parts_of(main, boxes, lengths >= PART * lengths[main], cut)
    top, left = boxes[parts, :2].min(axis=0).tolist()
    bottom, right = boxes[parts, 2:].max(axis=0).tolist()
    belongs = np.zeros(count + 1, bool)
    belongs[parts + 1] = True
    crop = np.where(belongs[labels[top:bottom, left:right]], ink[top:bottom, left:right], 0)
    return [Crop(crop.astype(np.uint8), (left, top, right - left, bottom - top))]


def _parts_of(main: int, boxes: np.ndarray, large: np.ndarray, cut: np.ndarray) -> np.ndarray:
    """Indices of the boxes that make up one digit with box `main`, itself included."""
    parts = np.arange(len(boxes)) == main
    reach = REACH * (boxes[main, 2:] - boxes[main, :2]).max()
    while True:
        start, end = boxes[parts, :2].min(axis=0), boxes[parts, 2:].max(axis=0)
        near = ((boxes[:, :2] < end + reach) & (boxes[:, 2:] > start - reach)).all(axis=1)
        grown = parts | (near & large & (~cut | cut[main]))
        if (grown == parts).all():
            return np.flatnonzero(parts)
        parts = grown
