"""The public API: load, read, read_many and what a reading holds."""

import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import digit_model
from digit_model import ArtefactError, HubError, PictureError, Reader, limits
from digit_model.reader import EMBEDDED_WEIGHTS
from scripts.strokes import STROKES
from tests.support.strokes import draw_digit

DIGITS = [str(digit) for digit in range(10)]


@pytest.mark.parametrize("label", STROKES)
def test_a_drawn_digit_is_read(reader: Reader, label: str) -> None:
    """Otherwise there is no product."""
    assert reader.read(draw_digit(label)).text == label


def test_a_reading_says_how_probable_each_digit_is(reader: Reader) -> None:
    """Otherwise the page has no bars to show."""
    reading = reader.read(draw_digit("0"))

    assert sorted(reading.probabilities) == DIGITS
    assert sum(reading.probabilities.values()) == pytest.approx(1, abs=1e-5)
    assert next(iter(reading.probabilities)) == reading.text
    values = list(reading.probabilities.values())
    assert values == sorted(values, reverse=True)
    assert {type(value) for value in values} == {float}


def test_a_reading_shows_what_the_network_saw(reader: Reader) -> None:
    """Otherwise nobody can tell a bad picture from a bad model."""
    (digit,) = reader.read(draw_digit("0")).digits

    assert digit.frame.shape == (28, 28)
    assert digit.frame.dtype == np.uint8
    assert digit.probabilities.shape == (10,)
    assert digit.probabilities.dtype == np.float32
    assert digit.frame[0].max() < 64 < digit.frame.max()


def test_a_box_surrounds_the_digit_in_the_pictures_own_pixels(reader: Reader) -> None:
    """Otherwise marking a digit in a photo marks something else."""
    picture = Image.new("L", (900, 600), 255)
    picture.paste(draw_digit("0", side=300, pen=20), (500, 200))
    inked = Image.eval(picture, lambda grey: 255 - grey).getbbox()
    assert inked

    (left, top, width, height) = reader.read(picture).digits[0].box

    np.testing.assert_allclose((left, top, left + width, top + height), inked, atol=12)


@pytest.mark.parametrize(
    "blank",
    [
        Image.new("RGB", (280, 280), "white"),
        Image.new("L", (280, 280), 0),
        np.full((28, 28), 128, np.uint8),
        {"background": None, "layers": [], "composite": None},
        {"background": None, "layers": [], "composite": np.full((280, 280, 4), 255, np.uint8)},
    ],
    ids=["white", "black", "grey", "untouched", "cleared"],
)
def test_a_picture_without_ink_is_blank(
    reader: Reader, blank: Image.Image | np.ndarray | dict[str, Any]
) -> None:
    """Otherwise an untouched page shows a digit, or an error."""
    assert reader.read(blank)[:4] == ("", "blank", {}, ())


def test_a_sketchpad_value_is_read_as_its_picture(reader: Reader) -> None:
    """Otherwise drawing and uploading the same digit give different answers."""
    drawing = draw_digit("0").convert("RGBA")
    value: dict[str, Any] = {"background": None, "layers": [], "composite": np.asarray(drawing)}

    assert reader.read(value).probabilities == reader.read(drawing).probabilities


def test_a_path_and_its_bytes_are_read_alike(reader: Reader, tmp_path: Path) -> None:
    """Otherwise an upload differs from the file on the disk."""
    buffer = io.BytesIO()
    draw_digit("0").save(buffer, "png")
    (tmp_path / "zero.png").write_bytes(buffer.getvalue())

    by_path = reader.read(tmp_path / "zero.png")

    assert reader.read(str(tmp_path / "zero.png")).probabilities == by_path.probabilities
    assert reader.read(buffer.getvalue()).probabilities == by_path.probabilities


def tiny(picture: Image.Image) -> np.ndarray:
    """A data set's frame of it."""
    return np.asarray(picture.resize((28, 28)))


@pytest.mark.parametrize(
    ("form", "batch"),
    [(Image.Image.copy, limits.BATCH_PICTURES), (tiny, limits.BATCH_SMALL_PICTURES)],
)
def test_many_pictures_are_read_as_each_by_itself_and_in_order(
    reader: Reader, form: Callable[[Image.Image], Any], batch: int
) -> None:
    """Otherwise an evaluation measures another reader than people use."""
    drawn = [*(draw_digit(label) for label in STROKES), Image.new("L", (50, 50), 255)]
    pictures = [form(picture) for picture in drawn]
    alone = [reader.read(picture, digits=1) for picture in pictures]
    times = 2 * batch // len(pictures) + 1

    together = reader.read_many(pictures * times, digits=1)

    for reading, expected in zip(together, alone * times, strict=True):
        assert (reading.text, reading.verdict) == (expected.text, expected.verdict)
        assert reading.probabilities == pytest.approx(expected.probabilities, abs=1e-5)


def test_one_bad_picture_of_many_is_named_and_holds_up_nothing(reader: Reader) -> None:
    """Otherwise the thread that met it keeps the others waiting for ever."""
    pictures = [tiny(draw_digit("3"))] * 3 * limits.BATCH_SMALL_PICTURES

    with pytest.raises(PictureError, match="uint32"):
        reader.read_many([*pictures, pictures[0].astype(np.uint32)])

    assert {reading.text for reading in reader.read_many(pictures)} == {"3"}


def test_no_pictures_give_no_readings(reader: Reader) -> None:
    """Otherwise an empty folder is an error."""
    assert reader.read_many([]) == []


def test_a_picture_that_cannot_be_opened_is_the_packages_own_error(reader: Reader) -> None:
    """Otherwise callers need to know Pillow's errors."""
    with pytest.raises(PictureError):
        reader.read(b"this is no picture")


def test_a_folder_is_loaded_by_its_path(reader: Reader, tmp_path: Path) -> None:
    """Otherwise a model that was just trained cannot be tried."""
    folder = shutil.copytree(EMBEDDED_WEIGHTS, tmp_path / "mine")

    for source in (folder, str(folder)):
        mine = digit_model.load(source).read(draw_digit("0"))
        assert mine.probabilities == reader.read(draw_digit("0")).probabilities


def test_a_folder_without_an_artefact_is_refused(tmp_path: Path) -> None:
    """Otherwise the wrong folder ends in a traceback."""
    with pytest.raises(ArtefactError, match=r"config\.json"):
        digit_model.load(tmp_path)


def test_a_revision_of_no_repository_is_refused() -> None:
    """Otherwise somebody who pins v2 is silently served another model."""
    for source in (None, EMBEDDED_WEIGHTS):
        with pytest.raises(HubError, match="revision v2"):
            digit_model.load(source, revision="v2")
