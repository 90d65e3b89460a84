"""Reads handwritten digits in drawings and photos.

import digit_model
digit_model.load().read("photo.jpg").text
"""

from digit_model.errors import (
    ArtefactError,
    DigitModelError,
    EmptyDrawingError,
    HubError,
    HubUnreachableError,
    PictureError,
)
from digit_model.explain import Explanation
from digit_model.reader import Digit, Reader, Reading, load

__all__ = [
    "ArtefactError",
    "Digit",
    "DigitModelError",
    "EmptyDrawingError",
    "Explanation",
    "HubError",
    "HubUnreachableError",
    "PictureError",
    "Reader",
    "Reading",
    "load",
]
