"""Any picture -> an upright PIL image at working size."""

from os import PathLike
from typing import Any

import numpy as np
from PIL import Image

from digit_model.errors import PictureError
from digit_model.picture.files import bytes_of_levels, open_file, shrink_image

Picture = str | PathLike[str] | bytes | Image.Image | np.ndarray | dict[str, Any]


def open_picture(picture: Picture) -> tuple[Image.Image, float]:
    """Open a picture, lay it on white, shrink it to `WORKING_SIDE` and turn it upright.

    Args:
        picture: a path, an encoded file's bytes, a PIL image, an array (HW, or
            HWC with 1, 3 or 4 channels; uint8, uint16, bool, or float 0..1) or
            a Gradio sketchpad's value (its composite is read).

    Returns:
        The picture, of mode "L" or "RGB", and the scale: original pixels for each
        pixel of the result, 1 or more. An untouched sketchpad is one white pixel.

    Raises:
        PictureError: if it cannot be opened, or has more pixels than `digit_model.limits` allows.
    """
    if isinstance(picture, dict):
        if "composite" not in picture:
            raise PictureError(
                f"Expected a sketchpad's value with a composite. Received: {sorted(picture)}."
            )
        if picture["composite"] is None:
            return Image.new("L", (1, 1), 255), 1.0
        return open_picture(picture["composite"])
    if isinstance(picture, np.ndarray):
        return shrink_image(_image_of_array(picture))
    if isinstance(picture, Image.Image):
        return shrink_image(picture)
    if isinstance(picture, str | PathLike | bytes):
        return open_file(picture)
    raise PictureError(
        "Expected a path, bytes, a PIL image, an array or a sketchpad's value. "
        f"Received: {type(picture).__name__}."
    )


def border_of(pixels: np.ndarray) -> np.ndarray:
    """Return the pixels along the four edges of `(height, width, ...)`, as `(n, ...)`."""
    return np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])


def _image_of_array(array: np.ndarray) -> Image.Image:
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    if not array.size or (array.ndim != 2 and (array.ndim != 3 or array.shape[2] not in (3, 4))):
        raise PictureError(
            "Expected an array of shape (height, width) or (height, width, 1, 3 or 4). "
            f"Received: {array.shape}."
        )
    if array.dtype == np.uint16:
        array = bytes_of_levels(array)
    elif array.dtype == bool or np.issubdtype(array.dtype, np.floating):
        # Resampling may overshoot the range a little. NaN fails this test too.
        if not (array.min() >= -0.01 and array.max() <= 1.01):
            raise PictureError(
                "Expected floats 0..1. Received: "
                f"{array.min()}..{array.max()}. Divide by their full scale."
            )
        array = np.rint(array.clip(0, 1) * 255).astype(np.uint8)
    elif array.dtype != np.uint8:
        raise PictureError(
            "Expected an array of uint8, uint16, bool or float 0..1. "
            f"Received: {array.dtype}. Convert it with .astype(np.uint8)."
        )
    return Image.fromarray(np.ascontiguousarray(array))
