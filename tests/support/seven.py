"""A drawn 7, and whether ink is that of it."""

import numpy as np
from PIL import Image

from tests.support.strokes import draw_digit

SEVEN = draw_digit("7")
SEVEN_INK = 255 - np.asarray(SEVEN)


def assert_is_seven(pixels: np.ndarray, tolerance: float = 0.02) -> None:
    """The ink, brought to the drawing's size, is that drawing's."""
    size = SEVEN_INK.shape[::-1]
    ink = np.asarray(Image.fromarray(pixels).resize(size), float)
    assert abs(ink - SEVEN_INK).mean() / 255 < tolerance
