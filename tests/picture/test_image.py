"""Any form of a picture, and the ink in it."""

import io
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageOps

from digit_model.picture.image import open_picture
from digit_model.picture.ink import extract_ink
from tests.support.crops import ink_of
from tests.support.files import encode
from tests.support.seven import SEVEN, assert_is_seven


def _transparent(drawing: Image.Image) -> Image.Image:
    """Black strokes on nothing."""
    picture = Image.new("RGBA", drawing.size, (0, 0, 0, 0))
    picture.putalpha(ImageOps.invert(drawing))
    return picture


@pytest.mark.parametrize(
    "picture",
    [
        np.asarray(SEVEN),
        np.asarray(SEVEN)[..., None],
        np.asarray(SEVEN.convert("RGB")),
        np.asarray(SEVEN.convert("RGBA")),
        np.asarray(SEVEN) > 127,
        np.asarray(SEVEN) / 255,
        np.asarray(SEVEN, np.float32) / 255,
        np.asarray(SEVEN, np.uint16) * 257,
        np.asarray(SEVEN.convert("RGB"), np.uint16) * 257,
        *(SEVEN.convert(mode) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I", "F")),
        SEVEN.convert("HSV"),
        Image.fromarray(np.asarray(SEVEN, np.uint16) * 257),
        encode(SEVEN),
        encode(SEVEN.convert("P")),
        encode(Image.fromarray(np.asarray(SEVEN, np.uint16) * 257)),
        *(encode(SEVEN.convert("RGB"), kind) for kind in ("GIF", "BMP", "TIFF", "WEBP")),
        encode(SEVEN, "JPEG"),
        encode(SEVEN.convert("CMYK"), "JPEG"),
        255 - np.asarray(SEVEN),
        {"background": None, "layers": [], "composite": np.asarray(SEVEN.convert("RGBA"))},
        {"background": None, "layers": [], "composite": SEVEN.convert("RGBA")},
    ],
)
def test_every_form_of_a_picture_gives_the_same_ink(picture: Any) -> None:
    """Somebody's file, array or canvas would be read wrongly for its format alone."""
    assert_is_seven(ink_of(picture), 0.005)


@pytest.mark.parametrize("kind", [str, Path])
def test_a_path_opens_as_text_or_as_path(tmp_path: Path, kind: type) -> None:
    """The command line or a notebook could not name a file."""
    file = tmp_path / "seven.png"
    SEVEN.save(file)

    assert_is_seven(ink_of(kind(file)))
    assert_is_seven(ink_of({"composite": kind(file)}))


def test_an_iphone_photo_opens() -> None:
    """HEIC is what iPhones upload."""
    file = io.BytesIO()
    pillow_heif.from_pillow(SEVEN.convert("RGB")).save(file)

    assert_is_seven(ink_of(file.getvalue()))


@pytest.mark.parametrize(("tag", "turn"), [(3, 180), (6, 90), (8, 270)])
def test_a_photo_taken_sideways_is_turned_upright(tag: int, turn: int) -> None:
    """Phones store the turn in EXIF: a sideways 7 is no 7."""
    exif = Image.Exif()
    exif[0x0112] = tag
    sideways = SEVEN.rotate(turn)
    deep = Image.fromarray(np.asarray(sideways, np.uint16) * 257)

    for picture in (
        encode(sideways, "JPEG", exif=exif),
        encode(deep, exif=exif),
        *(encode(_transparent(sideways), kind, exif=exif) for kind in ("PNG", "WEBP")),
    ):
        assert_is_seven(ink_of(picture))


def test_transparent_pixels_are_paper() -> None:
    """A drawing exported without a background would come out as a black square."""
    assert_is_seven(ink_of(encode(_transparent(SEVEN))))


def test_white_strokes_on_nothing_are_read_as_well() -> None:
    """Otherwise white on white is blank paper."""
    chalk = Image.new("RGBA", SEVEN.size, "white")
    chalk.putalpha(ImageOps.invert(SEVEN))

    assert_is_seven(ink_of(encode(chalk)))


def test_a_large_drawing_on_glass_is_read_and_turned(tmp_path: Path) -> None:
    """Otherwise a transparent picture takes several times the memory of others, or lies down."""
    drawing = Image.new("RGBA", (1500, 3000))
    drawing.paste("red", (0, 0, 1500, 300))
    exif = Image.Exif()
    exif[274] = 3  # Upside down.
    drawing.save(tmp_path / "drawing.png", exif=exif)

    image, scale = open_picture(tmp_path / "drawing.png")

    assert (image.size, scale) == ((500, 1000), 3)
    assert image.getpixel((250, 50)) == (255, 255, 255)
    assert image.getpixel((250, 950)) == (255, 0, 0)


@pytest.mark.parametrize("form", ["P", "RGBA", "I", "I;16", "F"])
def test_a_picture_that_is_shrunk_by_strips_keeps_every_row(form: str) -> None:
    """Otherwise strips of large pictures are lost, doubled or out of place."""
    rows = np.linspace(0, 255, 5003).astype(np.uint16)
    levels = Image.fromarray(np.repeat(rows[:, None], 41, axis=1))

    image, scale = open_picture(levels.convert("I").convert("L").convert(form))

    assert (image.size, scale) == ((8, 1000), 5.003)
    row = np.asarray(image.convert("L"), float)[:, 4]
    assert np.abs(row - np.linspace(0, 255, 1000)).max() < 2


@pytest.mark.parametrize("full", [1, 255])
def test_grey_values_a_little_past_their_full_scale_are_as_bright(full: int) -> None:
    """Otherwise a picture that was resized is black."""
    levels = np.full((8, 8), full * 1.006, np.float32)

    image, _ = open_picture(Image.fromarray(levels))

    assert np.asarray(image).min() == 255


def test_a_large_photo_is_read_small_and_says_by_how_much() -> None:
    """Twelve megapixels would take seconds, or the box on the page would be off."""
    image, scale = open_picture(encode(SEVEN.resize((4000, 3000)), "JPEG"))
    ink = extract_ink(image)

    assert max(ink.shape) <= 1000
    assert scale * ink.shape[1] == pytest.approx(4000)


def test_reading_in_threads_leaves_warnings_as_they_were() -> None:
    """A server that reads in worker threads would soon log no warning of any library."""
    before = warnings.filters[:]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ink_of, [encode(SEVEN.resize((1600, 1600)), "JPEG")] * 60))

    assert warnings.filters == before
