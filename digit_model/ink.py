"""Any picture -> its ink."""

import io
from os import PathLike
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageOps

from digit_model.errors import PictureError

Picture = str | PathLike[str] | bytes | Image.Image | np.ndarray | dict[str, Any]


class Ink(NamedTuple):
    """What was written, without what it was written on.

    Attributes:
        pixels: uint8 `(height, width)`, from 0 (paper) to 255 (full ink).
        scale: picture pixels per ink pixel, 1 or more.
    """

    pixels: np.ndarray
    scale: float = 1.0


def extract_ink(picture: Picture) -> Ink:
    """STUB being written: any picture to ink."""
    if isinstance(picture, dict):
        picture = picture["composite"]
    try:
        if isinstance(picture, bytes):
            picture = Image.open(io.BytesIO(picture))
        elif isinstance(picture, np.ndarray):
            picture = Image.fromarray(picture)
        elif picture is None:
            return Ink(np.zeros((1, 1), np.uint8))
        elif not isinstance(picture, Image.Image):
            picture = Image.open(picture)
        picture = ImageOps.exif_transpose(picture)
    except OSError as error:
        raise PictureError(f"cannot open: {error}") from error
    if picture.mode == "RGBA":
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture)
    grey = np.asarray(picture.convert("L"))
    return Ink(255 - grey if np.median(grey) > 127 else grey)
