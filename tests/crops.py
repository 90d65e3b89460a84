"""The lone digit's ink, for the tests."""

import numpy as np

from digit_model.segment import Crop, find_digit, label_strokes


def find_digits(ink: np.ndarray) -> list[Crop]:
    """The digit's crop, or none."""
    writing, lines = find_digit(label_strokes(ink))
    return [writing.crop(line.pieces) for line in lines]
