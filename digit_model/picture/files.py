"""A picture's file -> an upright PIL image at working size.

numpy is imported only where it is needed, so that a process that only opens files starts fast.
"""

import io
import stat
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import ExifTags, Image, ImageOps, ImageStat, UnidentifiedImageError
from PIL.ImageFile import ImageFile

from digit_model.errors import PictureError
from digit_model.limits import MAX_FILE_MB, MAX_FORMAT_MEGAPIXELS, MAX_MEGAPIXELS, WORKING_SIDE

if TYPE_CHECKING:
    import numpy as np

# What cameras, scanners and browsers write. Not EPS: opening it runs Ghostscript.
FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF", "HEIF"]
STRIP_ROWS = 64  # Rows of a reduced picture that are made at a time.
MAX_DRAWN_SHARE = 0.5  # Mean opacity of a transparent drawing; if it is more, it is a picture.
MIN_LIGHT_LEVEL = 191  # Grey level, 0..255: strokes lighter than this are laid on black.
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


def suffixes() -> set[str]:
    """Return the suffixes of the files that `open_file` opens: {".jpg", ".png", ...}."""
    import pillow_heif

    pillow_heif.register_heif_opener()
    kinds = Image.registered_extensions().items()
    return {suffix for suffix, kind in kinds if kind in FORMATS}


def open_file(file: str | PathLike[str] | bytes) -> tuple[Image.Image, float]:
    """Open a picture's file, fill its background, shrink it to `WORKING_SIDE`, turn it upright.

    What is transparent becomes white, or black under light strokes.

    Args:
        file: a path, or the file's bytes.

    Returns:
        The picture, of mode "L" or "RGB", and the scale: original pixels for each
        pixel of the result, 1 or more.

    Raises:
        PictureError: if it cannot be opened, or has more pixels than `digit_model.limits` allows.
    """
    import pillow_heif

    pillow_heif.register_heif_opener()
    with _decoder_errors():
        if not isinstance(file, bytes):
            _check_file(file)
        source = io.BytesIO(file) if isinstance(file, bytes) else file
        with Image.open(source, formats=FORMATS) as image:
            _check_codec(image)
            _check_size(image)
            return _to_working_image(image)


def shrink_image(image: Image.Image) -> tuple[Image.Image, float]:
    """Do the same as `open_file` with a copy of an image that is already open."""
    with _decoder_errors():
        _check_size(image)
        return _to_working_image(image.copy())


@contextmanager
def _decoder_errors() -> Iterator[None]:
    """Turn the exceptions of decoders into a `PictureError` with a plain message."""
    try:
        yield
    except PictureError:
        raise
    except Image.DecompressionBombError as error:
        raise PictureError(
            f"Expected at most {MAX_MEGAPIXELS} megapixels. {error} Shrink the picture."
        ) from error
    except UnidentifiedImageError as error:
        # Pillow's message names the file, which may be a path on the server.
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


def _check_file(path: str | PathLike[str]) -> None:
    """Refuse pipes, devices and files in /proc: reading them may block or never end."""
    status = Path(path).stat()
    if not stat.S_ISREG(status.st_mode):
        raise PictureError(f"Expected a regular file. Received something else: {path}.")
    if not 0 < status.st_size <= MAX_FILE_MB * 1024**2:
        raise PictureError(
            f"Expected a file of 1 byte to {MAX_FILE_MB} MB. Received {status.st_size:,} bytes: "
            f"{path}. Save the picture again, or shrink it."
        )


def _check_codec(image: ImageFile) -> None:
    """Refuse codecs that Pillow runs in Python: 20 MB of a text format take 30 seconds."""
    codec = image.tile[0][0] if image.tile else ""
    if codec in Image.DECODERS:
        raise PictureError(
            "Expected an uncompressed BMP, or a binary PPM with levels up to 255. Received: "
            f"a {image.format} of another kind, which takes too long to read. "
            "Save it again as PNG or JPEG."
        )


def _check_size(image: Image.Image) -> None:
    if not image.width * image.height:
        raise PictureError(f"Expected at least one pixel. Received: {image.size}.")
    kind = "progressive JPEG" if "progressive" in image.info else image.format
    limit = MAX_FORMAT_MEGAPIXELS.get(kind or "", MAX_MEGAPIXELS)
    if image.width * image.height > limit * 1_000_000:
        raise PictureError(
            f"Expected at most {limit} megapixels of {kind or 'a picture'}. Received: "
            f"{image.width} x {image.height}. Shrink the picture."
        )


def _to_working_image(image: Image.Image) -> tuple[Image.Image, float]:
    longer, mode = max(image.size), image.mode
    if image.has_transparency_data:
        mode = "RGBA"
    elif mode.startswith(("I", "F")):
        mode = "F"
    elif mode in ("1", "P"):
        mode = "L" if mode == "1" else "RGB"
    if mode == "RGBA" or mode != image.mode:
        image = _reduce(image, mode)
    # Unlike resize, thumbnail lets a JPEG decode at a half, a quarter or an eighth of its size.
    image.thumbnail((WORKING_SIDE, WORKING_SIDE))
    image = ImageOps.exif_transpose(image)
    if mode == "RGBA":
        image = Image.alpha_composite(Image.new("RGBA", image.size, _background(image)), image)
    elif mode == "F":
        image = _to_grey(image)
    if image.mode not in ("L", "RGB"):
        image = image.convert("RGB")
    return image, longer / max(image.size)


def _background(image: Image.Image) -> str:
    """Choose the colour under a transparent picture: black for light strokes, else white."""
    opaque = image.getchannel("A")
    if ImageStat.Stat(opaque).mean[0] > 255 * MAX_DRAWN_SHARE:
        return "white"
    strokes = ImageStat.Stat(image.convert("L"), opaque.point(lambda alpha: 255 * (alpha > 127)))
    return "black" if strokes.count[0] and strokes.mean[0] > MIN_LIGHT_LEVEL else "white"


def _to_grey(image: Image.Image) -> Image.Image:
    """Convert an image of mode "F" to mode "L"."""
    import numpy as np

    levels = np.asarray(image)
    if not np.isfinite(levels).all():
        raise PictureError("Expected finite grey values. Received: some that are not.")
    return Image.fromarray(bytes_of_levels(levels))


def bytes_of_levels(levels: "np.ndarray") -> "np.ndarray":
    """Scale an array of any type to uint8, from the smallest usual full scale that holds it."""
    import numpy as np

    # Resampling may overshoot the full scale a little.
    full = next((full for full in (1, 255, 65535) if levels.max() <= 1.01 * full), levels.max())
    scaled = levels.astype(np.float32)  # Changed in place: a copy of 50 megapixels takes 200 MB.
    scaled *= 255 / full
    np.rint(scaled.clip(0, 255, out=scaled), out=scaled)
    return scaled.astype(np.uint8)


def _reduce(image: Image.Image, mode: str) -> Image.Image:
    """Shrink a picture to about twice the working size and convert it to a mode.

    It works strip by strip, because two full copies would not fit in memory.
    """
    factor = max(image.size) // (2 * WORKING_SIDE)
    if factor < 2:
        reduced = image.convert(mode)
    else:
        reduced = Image.new(mode, (-(-image.width // factor), -(-image.height // factor)))
        for top in range(0, reduced.height, STRIP_ROWS):
            bottom = min(factor * (top + STRIP_ROWS), image.height)
            strip = image.crop((0, factor * top, image.width, bottom)).convert(mode)
            reduced.paste(strip.reduce(factor), (0, top))
    orientation = ExifTags.Base.Orientation
    reduced.getexif()[orientation] = image.getexif().get(orientation, 1)
    return reduced
