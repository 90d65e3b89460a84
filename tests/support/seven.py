"""A drawn 7, as a file, and whether ink is that of it."""

import io
from typing import Any

import numpy as np
from PIL import Image

from tests.support.strokes import draw_digit

SEVEN = draw_digit("7")
SEVEN_INK = 255 - np.asarray(SEVEN)


def encode(image: Image.Image, **options: Any) -> bytes:
    """An image as a file, a PNG unless told otherwise."""
    file = io.BytesIO()
    image.save(file, **{"format": "PNG", **options})
    return file.getvalue()


def jpeg(image: Image.Image, **options: Any) -> bytes:
    """An image as a JPEG file."""
    return encode(image, format="JPEG", **options)


def assert_is_seven(pixels: np.ndarray, tolerance: float = 0.02) -> None:
    """The ink, brought to the drawing's size, is that drawing's."""
    size = SEVEN_INK.shape[::-1]
    ink = np.asarray(Image.fromarray(pixels).resize(size), float)
    assert abs(ink - SEVEN_INK).mean() / 255 < tolerance
