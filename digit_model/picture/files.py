"""A picture's file -> an upright PIL image at working size.

Imports no numpy before it must, so that a process which only opens files starts at once.
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

# What cameras, scanners and browsers write; none that starts a program, as EPS does.
FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF", "HEIF"]
STRIP = 64  # Rows.
STROKES_SHARE = 0.5  # Of a transparent drawing, at most, is drawn on,
LIGHT = 191  # and strokes lighter than this want a dark ground.
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


def open_file(file: str | PathLike[str] | bytes) -> tuple[Image.Image, float]:
    """Open a picture's file, lay it on white, shrink it to `WORKING_SIDE` and turn it upright.

    Args:
        file: a path, or the file's bytes.

    Returns:
        The picture, of mode "L" or "RGB", and how many of its own pixels one
        pixel of the result spans, 1 or more.

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
            return _working_image(image)


def shrink_image(image: Image.Image) -> tuple[Image.Image, float]:
    """The same for an image that is open already; it stays as it is."""
    with _decoder_errors():
        _check_size(image)
        return _working_image(image.copy())


@contextmanager
def _decoder_errors() -> Iterator[None]:
    """Say in a sentence what a decoder complains of."""
    try:
        yield
    except PictureError:
        raise
    except Image.DecompressionBombError as error:
        raise PictureError(
            f"Expected at most {MAX_MEGAPIXELS} megapixels. {error} Shrink the picture."
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


def _check_file(path: str | PathLike[str]) -> None:
    """Refuse what may have no end, or make its reader wait: a pipe, a device, a file in /proc."""
    status = Path(path).stat()
    if not stat.S_ISREG(status.st_mode):
        raise PictureError(f"Expected a regular file. Received something else: {path}.")
    if not 0 < status.st_size <= MAX_FILE_MB * 1024**2:
        raise PictureError(
            f"Expected a file of 1 byte to {MAX_FILE_MB} MB. Received {status.st_size:,} bytes: "
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
    most = MAX_FORMAT_MEGAPIXELS.get(kind or "", MAX_MEGAPIXELS)
    if image.width * image.height > most * 1_000_000:
        raise PictureError(
            f"Expected at most {most} megapixels of {kind or 'a picture'}. Received: "
            f"{image.width} x {image.height}. Shrink the picture."
        )


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
        image = Image.alpha_composite(Image.new("RGBA", image.size, _ground(image)), image)
    elif form == "F":
        image = _grey_of_levels(image)
    if image.mode not in ("L", "RGB"):
        image = image.convert("RGB")
    return image, longer / max(image.size)


def _ground(image: Image.Image) -> str:
    """What to lay a transparent picture on: white, but black under light strokes."""
    opaque = image.getchannel("A")
    if ImageStat.Stat(opaque).mean[0] > 255 * STROKES_SHARE:
        return "white"
    light = ImageStat.Stat(image.convert("L"), opaque.point(lambda alpha: 255 * (alpha > 127)))
    return "black" if light.count[0] and light.mean[0] > LIGHT else "white"


def _grey_of_levels(image: Image.Image) -> Image.Image:
    """Bring an image of mode "F" to mode "L"."""
    import numpy as np

    levels = np.asarray(image)
    if not np.isfinite(levels).all():
        raise PictureError("Expected finite grey values. Received: some that are not.")
    return Image.fromarray(bytes_of_levels(levels))


def bytes_of_levels(levels: "np.ndarray") -> "np.ndarray":
    """Bring levels of any type to uint8, by the smallest usual full scale that holds them."""
    import numpy as np

    # Resizing may have carried them a little past it.
    full = next((full for full in (1, 255, 65535) if levels.max() <= 1.01 * full), levels.max())
    scaled = levels.astype(np.float32)  # In place, for of 50 megapixels each copy takes 200 MB.
    scaled *= 255 / full
    np.rint(scaled.clip(0, 255, out=scaled), out=scaled)
    return scaled.astype(np.uint8)


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
