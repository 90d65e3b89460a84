"""Reads handwritten digits in drawings and photos.

import digit_model
digit_model.load().read("photo.jpg").text
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from digit_model.errors import (
    ArtefactError,
    DigitModelError,
    EmptyDrawingError,
    HubError,
    HubUnreachableError,
    PictureError,
)

if TYPE_CHECKING:
    from digit_model.explain.explanation import Explanation
    from digit_model.reader import Reader, load
    from digit_model.reading import Digit, Reading

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

_MODULES = {
    "Digit": "reading",
    "Explanation": "explain.explanation",
    "Reader": "reader",
    "Reading": "reading",
    "load": "reader",
}


def __getattr__(name: str) -> Any:
    """Import on first use, so that opening pictures does not import numpy and scipy."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"digit_model.{_MODULES[name]}"), name)
