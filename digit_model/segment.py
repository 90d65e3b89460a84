"""Ink -> the digits in it."""

from typing import NamedTuple

import numpy as np
from PIL import Image


class Crop(NamedTuple):
    """One digit's ink.

    Attributes:
        ink: uint8 `(height, width)`, from 0 (paper) to 255 (full ink).
        box: `(left, top, width, height)` in the ink's own pixels.
    """

    ink: np.ndarray
    box: tuple[int, int, int, int]


def find_digits(ink: np.ndarray) -> list[Crop]:
    """STUB being written: the one digit."""
    bounds = Image.fromarray(ink).getbbox()
    if bounds is None:
        return []
    left, top, right, bottom = bounds
    return [Crop(ink[top:bottom, left:right], (left, top, right - left, bottom - top))]
