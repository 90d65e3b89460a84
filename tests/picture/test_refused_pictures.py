"""What is no picture, a damaged one or too large a one, and the sentence that says so."""

import os
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from digit_model.errors import PictureError
from digit_model.limits import MAX_FILE_MB
from digit_model.picture.image import open_picture
from tests.support.crops import ink_of
from tests.support.files import encode, png
from tests.support.seven import SEVEN


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [7_072, 10_000, 20_000, 100_000])
def test_a_decompression_bomb_is_refused_unopened(side: int) -> None:
    """A few bytes that claim gigabytes would bring the server down."""
    with pytest.raises(PictureError, match="50 megapixels"):
        ink_of(png(side, side, zlib.compress(bytes(1000))))


@pytest.mark.parametrize(("kind", "options"), [("WEBP", {}), ("JPEG", {"progressive": True})])
def test_a_format_that_takes_more_memory_is_held_to_fewer_pixels(
    kind: str, options: dict[str, bool]
) -> None:
    """A few kilobytes of such a file would take a gigabyte."""
    with pytest.raises(PictureError, match=r"megapixels of (WEBP|progressive JPEG)"):
        ink_of(encode(Image.new("L", (6100, 6000)), kind, **options))


@pytest.mark.parametrize(
    ("picture", "message"),
    [
        ("no such file.png", "No such file"),
        (b"", "none of them, or is empty"),
        (b"seven", "none of them"),
        (encode(SEVEN)[:300], "cannot be read"),
        (encode(SEVEN, "JPEG")[:900], "cannot be read"),
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
    file=st.sampled_from([encode(SEVEN), encode(SEVEN, "JPEG"), encode(SEVEN, "GIF")]),
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
        os.truncate(path, 0 if kind == "empty" else (MAX_FILE_MB + 1) * 1024**2)

    with pytest.raises(PictureError, match=r"^Expected a (regular )?file"):
        open_picture(path)


@pytest.mark.parametrize("kind", ["P1", "P2", "P3"])
def test_pictures_in_text_are_refused(kind: str) -> None:
    """Otherwise 20 MB of numbers hold a reader up for half a minute."""
    text = f"{kind} 2 2 {'' if kind == 'P1' else 255} " + "0 1 0 1 0 1 0 1 0 1 0 1"

    with pytest.raises(PictureError, match=r"^Expected .* a binary PPM"):
        open_picture(text.encode())
