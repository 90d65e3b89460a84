"""Any form of a picture, or a sentence that says why not."""

import io
import os
import struct
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from digit_model.errors import PictureError
from digit_model.ink import extract_ink
from digit_model.limits import FILE_MB
from digit_model.picture import open_picture
from tests.support.crops import ink_of
from tests.support.seven import SEVEN, assert_is_seven, encode, jpeg


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
        *(encode(SEVEN.convert("RGB"), format=kind) for kind in ("GIF", "BMP", "TIFF", "WEBP")),
        jpeg(SEVEN),
        jpeg(SEVEN.convert("CMYK")),
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
        jpeg(sideways, exif=exif),
        encode(deep, exif=exif),
        *(encode(_transparent(sideways), exif=exif, format=kind) for kind in ("PNG", "WEBP")),
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
    image, scale = open_picture(jpeg(SEVEN.resize((4000, 3000))))
    ink = extract_ink(image)

    assert max(ink.shape) <= 1000
    assert scale * ink.shape[1] == pytest.approx(4000)


def _png_header(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims any size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [7_072, 10_000, 20_000, 100_000])
def test_a_decompression_bomb_is_refused_unopened(side: int) -> None:
    """A few bytes that claim gigabytes would bring the server down."""
    with pytest.raises(PictureError, match="50 megapixels"):
        ink_of(_png_header(side, side))


@pytest.mark.parametrize("options", [{"format": "WEBP"}, {"format": "JPEG", "progressive": True}])
def test_a_format_that_takes_more_memory_is_held_to_fewer_pixels(options: dict[str, Any]) -> None:
    """A few kilobytes of such a file would take a gigabyte."""
    with pytest.raises(PictureError, match=r"megapixels of (WEBP|progressive JPEG)"):
        ink_of(encode(Image.new("L", (6100, 6000)), **options))


@pytest.mark.parametrize(
    ("picture", "message"),
    [
        ("no such file.png", "No such file"),
        (b"", "none of them, or is empty"),
        (b"seven", "none of them"),
        (encode(SEVEN)[:300], "cannot be read"),
        (jpeg(SEVEN)[:900], "cannot be read"),
        (7, "a path, bytes"),
        ({"background": None}, "composite"),
        (np.zeros((0, 5), np.uint8), "shape"),
        (np.zeros(5, np.uint8), "shape"),
        (np.zeros((5, 5, 2), np.uint8), "shape"),
        (np.zeros((5, 5, 3, 1), np.uint8), "shape"),
        (np.zeros((5, 5), np.int64), "uint8"),
        (np.zeros((5, 5), "datetime64[s]"), "uint8"),
        (np.full((5, 5), np.nan), "0..1"),
        (np.full((5, 5), 200.0), "0..1"),
        (Image.fromarray(np.full((5, 5), np.inf, np.float32)), "finite"),
        (Image.new("L", (0, 5)), "one pixel"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(picture: Any, message: str) -> None:
    """The page would show a traceback instead of what to do."""
    with pytest.raises(PictureError, match=message):
        ink_of(picture)


def test_a_text_file_named_png_is_refused(tmp_path: Path) -> None:
    """Somebody who renamed a document would see a traceback."""
    file = tmp_path / "seven.png"
    file.write_text("seven")

    with pytest.raises(PictureError, match="none of them"):
        ink_of(file)


@settings(deadline=None, max_examples=60)
@given(
    file=st.sampled_from([encode(SEVEN), jpeg(SEVEN), encode(SEVEN, format="GIF")]),
    cut=st.floats(0, 1),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), max_size=5),
)
def test_a_damaged_file_is_read_or_refused(
    file: bytes, cut: float, flips: list[tuple[float, int]]
) -> None:
    """A broken upload would stop the server, or show a traceback."""
    damaged = bytearray(file[: round(cut * len(file))] if cut < 0.5 else file)
    for place, bits in flips:
        if damaged:
            damaged[int(place * len(damaged))] ^= bits
    try:
        ink = ink_of(bytes(damaged))
    except PictureError:
        return
    assert ink.dtype == np.uint8


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=200))
def test_random_bytes_are_refused(file: bytes) -> None:
    """Anything may be uploaded."""
    with pytest.raises(PictureError):
        ink_of(file)


def test_reading_in_threads_leaves_warnings_as_they_were() -> None:
    """A server that reads in worker threads would soon log no warning of any library."""
    before = warnings.filters[:]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ink_of, [jpeg(SEVEN.resize((1600, 1600)))] * 60))

    assert warnings.filters == before


@pytest.mark.parametrize("kind", ["pipe", "device", "endless", "folder", "empty", "too large"])
def test_what_is_no_regular_file_of_a_sensible_size_is_refused(tmp_path: Path, kind: str) -> None:
    """Otherwise a pipe in a folder of photos holds the night's work up without end."""
    path = tmp_path / "seven.png"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "endless":
        path.symlink_to("/proc/self/mem")
    else:
        path.touch()
        os.truncate(path, 0 if kind == "empty" else (FILE_MB + 1) * 1024**2)

    with pytest.raises(PictureError, match=r"^Expected a (regular )?file"):
        open_picture(path)


@pytest.mark.parametrize("kind", ["P1", "P2", "P3"])
def test_pictures_in_text_are_refused(kind: str) -> None:
    """Otherwise 20 MB of numbers hold a reader up for half a minute."""
    text = f"{kind} 2 2 {'' if kind == 'P1' else 255} " + "0 1 0 1 0 1 0 1 0 1 0 1"

    with pytest.raises(PictureError, match=r"^Expected a usual PPM"):
        open_picture(text.encode())
