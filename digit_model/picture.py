"""Any picture -> an upright PIL image at working size."""

import io
import stat
import struct
import zlib
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError
from PIL.ImageFile import ImageFile

from digit_model.errors import PictureError
from digit_model.limits import FILE_MB, FORMAT_MEGAPIXELS, MEGAPIXELS, WORKING_SIDE

Picture = str | PathLike[str] | bytes | Image.Image | np.ndarray | dict[str, Any]

# What cameras, scanners and browsers write; none that starts a program, as EPS does.
FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF", "HEIF"]
STRIP = 64  # Rows.
# Pillow's decoders raise all of these on damaged files.
DECODER_ERRORS = (
    OSError,
    ValueError,
    TypeError,
    AttributeError,
    SyntaxError,
    EOFError,
    LookupError,
    ArithmeticError,
    MemoryError,
    RuntimeError,
    struct.error,
    zlib.error,
)


def open_picture(picture: Picture) -> tuple[Image.Image, float]:
    """Open a picture, lay it on white, shrink it to `WORKING_SIDE` and turn it upright.

    Args:
        picture: a path, an encoded file's bytes, a PIL image, an array (HW, or
            HWC with 1, 3 or 4 channels; uint8, uint16, bool, or float 0..1) or
            a Gradio sketchpad's value, of which the composite is read.

    Returns:
        The picture, of mode "L" or "RGB", and how many of its own pixels one
        pixel of the result spans, 1 or more. An untouched sketchpad is one
        white pixel.

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
        picture = _image_of_array(picture)
    if not isinstance(picture, str | PathLike | bytes | Image.Image):
        raise PictureError(
            "Expected a path, bytes, a PIL image, an array or a sketchpad's value. "
            f"Received: {type(picture).__name__}."
        )
    try:
        if isinstance(picture, Image.Image):
            _check_size(picture)
            return _working_image(picture.copy())
        with _open_file(picture) as image:
            _check_codec(image)
            _check_size(image)
            return _working_image(image)
    except PictureError:
        raise
    except Image.DecompressionBombError as error:
        raise PictureError(
            f"Expected at most {MEGAPIXELS} megapixels. {error} Shrink the picture."
        ) from error
    except UnidentifiedImageError as error:
        # Its own text names the file, which may be a server's.
        raise PictureError(
            f"Expected a picture: {', '.join(FORMATS)}. Received a file that is none of "
            "them, or is empty. Save it again as PNG or JPEG."
        ) from error
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise PictureError(f"Expected a file. {error.strerror}: {error.filename}.") from error
    except DECODER_ERRORS as error:
        raise PictureError(
            f"Expected a picture. Received one that cannot be read: {error}. "
            "Save it again as PNG or JPEG."
        ) from error


def border_of(pixels: np.ndarray) -> np.ndarray:
    """The pixels `(height, width, ...)` along the picture's four edges, in a row."""
    return np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])


def _open_file(file: str | PathLike[str] | bytes) -> ImageFile:
    import pillow_heif

    pillow_heif.register_heif_opener()
    if not isinstance(file, bytes):
        _check_file(file)
    return Image.open(io.BytesIO(file) if isinstance(file, bytes) else file, formats=FORMATS)


def _check_file(path: str | PathLike[str]) -> None:
    """Refuse what may have no end, or make its reader wait: a pipe, a device, a file in /proc."""
    status = Path(path).stat()
    if not stat.S_ISREG(status.st_mode):
        raise PictureError(f"Expected a regular file. Received something else: {path}.")
    if not 0 < status.st_size <= FILE_MB * 1024**2:
        raise PictureError(
            f"Expected a file of 1 byte to {FILE_MB} MB. Received {status.st_size:,} bytes: "
            f"{path}. Save the picture again, or shrink it."
        )


def _check_codec(image: ImageFile) -> None:
    """Refuse what Pillow decodes in Python: 20 MB of numbers in a text take it half a minute."""
    codec = image.tile[0][0] if image.tile else ""
    if codec in Image.DECODERS:
        raise PictureError(
            f"Expected a usual {image.format}. Received one of a rare kind, which takes too long "
            "to read. Save it again as PNG or JPEG."
        )


def _check_size(image: Image.Image) -> None:
    if not image.width * image.height:
        raise PictureError(f"Expected at least one pixel. Received: {image.size}.")
    kind = "progressive JPEG" if "progressive" in image.info else image.format
    most = FORMAT_MEGAPIXELS.get(kind or "", MEGAPIXELS)
    if image.width * image.height > most * 1_000_000:
        raise PictureError(
            f"Expected at most {most} megapixels of {kind or 'a picture'}. Received: "
            f"{image.width} x {image.height}. Shrink the picture."
        )


def _image_of_array(array: np.ndarray) -> Image.Image:
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    if not array.size or (array.ndim != 2 and (array.ndim != 3 or array.shape[2] not in (3, 4))):
        raise PictureError(
            "Expected an array of shape (height, width) or (height, width, 1, 3 or 4). "
            f"Received: {array.shape}."
        )
    if array.dtype == np.uint16:
        array = _bytes_of_levels(array)
    elif array.dtype == bool or np.issubdtype(array.dtype, np.floating):
        # Rounding may carry a resized picture a little past either end; NaN fails the test too.
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


def _bytes_of_levels(levels: np.ndarray) -> np.ndarray:
    """Bring levels to uint8 by the smallest usual full scale that holds them."""
    # Resizing may have carried them a little past it.
    full = next((full for full in (1, 255, 65535) if levels.max() <= 1.01 * full), levels.max())
    scaled = levels.astype(np.float32)  # In place, for of 50 megapixels each copy takes 200 MB.
    scaled *= 255 / full
    np.rint(scaled.clip(0, 255, out=scaled), out=scaled)
    return scaled.astype(np.uint8)


def _working_image(image: Image.Image) -> tuple[Image.Image, float]:
    longer, form = max(image.size), image.mode
    if image.has_transparency_data:
        form = "RGBA"
    elif form.startswith(("I", "F")):
        form = "F"
    elif form in ("1", "P"):
        form = "L" if form == "1" else "RGB"
    if form == "RGBA" or form != image.mode:
        image = _reduce(image, form)
    # Lets a JPEG decode at a half, a quarter or an eighth of its size.
    image.thumbnail((WORKING_SIDE, WORKING_SIDE))
    image = ImageOps.exif_transpose(image)
    if form == "RGBA":
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    elif form == "F":
        levels = np.asarray(image)
        if not np.isfinite(levels).all():
            raise PictureError("Expected finite grey values. Received: some that are not.")
        image = Image.fromarray(_bytes_of_levels(levels))
    if image.mode not in ("L", "RGB"):
        image = image.convert("RGB")
    return image, longer / max(image.size)


def _reduce(image: Image.Image, mode: str) -> Image.Image:
    """Shrink a picture of any mode to about twice the working size, in another mode.

    Strip by strip, because two copies of the whole would not fit in memory.
    """
    factor = max(image.size) // (2 * WORKING_SIDE)
    if factor < 2:
        reduced = image.convert(mode)
    else:
        reduced = Image.new(mode, (-(-image.width // factor), -(-image.height // factor)))
        for top in range(0, reduced.height, STRIP):
            bottom = min(factor * (top + STRIP), image.height)
            strip = image.crop((0, factor * top, image.width, bottom)).convert(mode)
            reduced.paste(strip.reduce(factor), (0, top))
    turn = ExifTags.Base.Orientation
    reduced.getexif()[turn] = image.getexif().get(turn, 1)
    return reduced
