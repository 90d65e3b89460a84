"""The public API: load, read, read_many and what a reading holds."""

import io
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

import digit_model
from digit_model import ArtefactError, HubError, PictureError, Reader, limits
from digit_model.artefact import BARE_CONFIG, LABELS
from digit_model.classifier import Classifier
from digit_model.lattice import Path as Way
from digit_model.reader import EMBEDDED_WEIGHTS, _joint
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
    ("form", "batch"), [(Image.Image.copy, limits.BATCH_PICTURES), (tiny, limits.BATCH_SMALL)]
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
    pictures = [tiny(draw_digit("3"))] * 3 * limits.BATCH_SMALL

    with pytest.raises(PictureError, match="uint32"):
        reader.read_many([*pictures, pictures[0].astype(np.uint32)])

    assert {reading.text for reading in reader.read_many(pictures)} == {"3"}


@pytest.mark.parametrize("joined", [False, True])
def test_a_texture_does_not_hold_up_the_next_picture(reader: Reader, joined: bool) -> None:
    """Otherwise one picture of thousands of bars, touching or not, is read for a minute."""
    page = np.full((1000, 1000), 255, np.uint8)
    for top in range(2, 970, 28):
        page[top : top + 24, 3:][:, np.arange(997) % 5 < 3] = 0
        if joined:
            page[top + 22 : top + 24, 3:] = 0

    reading = reader.read(page)

    assert reading.verdict != "sure"
    assert len(reading.digits) < 2 * limits.STROKES


def test_no_pictures_give_no_readings(reader: Reader) -> None:
    """Otherwise an empty folder is an error."""
    assert reader.read_many([]) == []


def draw_number(number: str, gap: int = 150) -> Image.Image:
    """Drawn digits in a row."""
    picture = Image.new("L", (gap * len(number) + 80, 260), 255)
    for place, label in enumerate(number):
        digit = draw_digit(label, 180, 14)
        picture.paste(digit, (40 + gap * place, 40), digit.point(lambda grey: 255 - grey))
    return picture


@pytest.mark.parametrize("number", ["42", "203", "1747", "98765"])
def test_a_number_is_read_digit_by_digit(reader: Reader, number: str) -> None:
    """Otherwise "2026" is one wrong digit."""
    picture = draw_number(number)
    reading = reader.read(picture)

    assert reading.text == number
    assert "".join(str(digit.probabilities.argmax()) for digit in reading.digits) == number
    lefts = [digit.box[0] for digit in reading.digits]
    assert lefts == pytest.approx([lefts[0] + 150 * k for k in range(len(number))], abs=60)
    assert next(iter(reading.probabilities)) == number
    assert 0.5 < sum(reading.probabilities.values()) <= 1.001


def test_digits_that_touch_are_read(reader: Reader) -> None:
    """Otherwise a hurried hand's number is refused."""
    assert reader.read(draw_number("35", gap=88)).text == "35"


def test_a_page_is_read_line_by_line(reader: Reader) -> None:
    """Otherwise a sheet of numbers is one long number."""
    page = Image.new("L", (900, 700), 255)
    page.paste(draw_number("203"), (20, 20))
    page.paste(draw_number("4711"), (60, 300))

    reading = reader.read(page)

    assert reading.text == "203\n4711"
    assert next(iter(reading.probabilities)) == reading.text
    assert len(reading.digits) == 7


def test_a_stain_below_a_number_is_no_line_of_it(reader: Reader) -> None:
    """Otherwise a shadow on a sheet of numbers becomes a 0 of its own."""
    page = Image.new("L", (900, 700), 255)
    page.paste(draw_number("4711"), (60, 20))
    ImageDraw.Draw(page).ellipse((300, 420, 620, 520), fill=0)

    assert reader.read(page).text == "4711"


def test_a_doubtful_line_of_a_page_is_kept(reader: Reader) -> None:
    """Two bare strokes would be dropped from a page without a word."""
    page = Image.new("L", (900, 900), 255)
    page.paste(draw_number("203"), (20, 20))
    page.paste(draw_number("4711"), (60, 300))
    pencil = ImageDraw.Draw(page)
    pencil.line((200, 600, 240, 800), fill=0, width=10)
    pencil.line((300, 600, 260, 800), fill=0, width=10)

    assert reader.read(page).text == "203\n4711\n11"


def test_a_page_is_not_one_digit_that_is_hard_to_read() -> None:
    """A page that looks a little like a digit would be refused as a whole."""
    row = np.array([0.3, *[0] * 10, 0.7], np.float32)
    config = BARE_CONFIG | {"labels": LABELS}
    reader = Reader(Classifier(lambda frames: np.array([row] * len(frames)), config))
    page = Image.new("L", (700, 500), 255)
    line = draw_number("4711", gap=100)
    for top in (0, 170):
        page.paste(line, (60, top), line.point(lambda grey: 255 - grey))

    assert reader.read(draw_digit("7")).text == "0"
    assert reader.read(page).text == "", "It looked for several digits, and found none."


@pytest.mark.parametrize("digits", [1, 2, 3])
def test_a_known_number_of_digits_is_kept_to(reader: Reader, digits: int) -> None:
    """Otherwise what the caller knows is of no use."""
    assert len(reader.read(draw_number("74"), digits=digits if digits < 3 else 2).text) in (1, 2)
    assert len(reader.read(draw_number("747"), digits=digits).text) == digits


@pytest.mark.parametrize(("first", "second"), [("44", "0"), ("4", "6"), ("5", "5")])
def test_a_known_number_of_digits_misleads_no_lines(
    reader: Reader, first: str, second: str
) -> None:
    """Otherwise each line is read as so many digits as the whole page has."""
    page = Image.new("L", (300, 320), "white")
    for row, text in enumerate((first, second)):
        for place, digit in enumerate(text):
            page.paste(draw_digit(digit, 100, 8), (40 + 90 * place, 20 + 160 * row))

    assert reader.read(page, digits=len(first + second)).text == f"{first}\n{second}"


def test_ways_that_read_the_same_are_as_probable_as_all_together() -> None:
    """Otherwise a line that may be none takes its share from every reading."""
    one, none = Way((1,), (), math.log(0.6)), Way((), (), math.log(0.4))

    joint = _joint([[one, none], [one, none]], [0, 1])

    assert joint == pytest.approx({"1": 0.48, "1\n1": 0.36, "": 0.16})


def test_no_digits_at_all_are_refused_as_a_number_of_digits(reader: Reader) -> None:
    """Otherwise a slip comes back as a blank picture."""
    with pytest.raises(ValueError, match=r"1 or more\. Received: 0"):
        reader.read(draw_digit("0"), digits=0)


def test_a_picture_that_cannot_be_opened_is_the_packages_own_error(reader: Reader) -> None:
    """Otherwise callers need to know Pillow's errors."""
    with pytest.raises(PictureError):
        reader.read(b"this is no picture")


@pytest.mark.parametrize(
    ("probability", "verdict"), [(0.95, "sure"), (0.75, "sure"), (0.7, "unsure")]
)
def test_the_artefacts_threshold_divides_sure_from_unsure(probability: float, verdict: str) -> None:
    """Otherwise the calibration that was measured is not the one that is used."""
    row = np.array([probability] + [(1 - probability) / 9] * 9, np.float32)
    config = BARE_CONFIG | {"thresholds": BARE_CONFIG["thresholds"] | {"sure": 0.75}}
    reader = Reader(Classifier(lambda frames: np.array([row] * len(frames)), config))

    reading = reader.read(draw_digit("7"), digits=1)

    assert (reading.text, reading.verdict) == ("0", verdict)


@pytest.mark.parametrize(("none", "refused"), [(0.9, True), (0.6, True), (0.1, False)])
def test_what_the_network_takes_for_no_digit_is_refused(none: float, refused: bool) -> None:
    """Otherwise a horse is a 3, 99 %."""
    row = np.array([1 - none, *[0] * 10, none], np.float32)
    config = BARE_CONFIG | {"labels": LABELS}
    reader = Reader(Classifier(lambda frames: np.array([row] * len(frames)), config))

    untold, told = (reader.read(draw_digit("7"), digits=digits) for digits in (None, 1))

    assert (untold.verdict == "not a digit") == (told.verdict == "not a digit") == refused
    assert untold.text == told.text == "0", "What it most looks like is told all the same."


def test_a_network_of_ten_classes_refuses_nothing() -> None:
    """Otherwise somebody's own model, of digits alone, reads none."""
    row = np.full(10, 0.1, np.float32)
    reader = Reader(Classifier(lambda frames: np.array([row] * len(frames)), BARE_CONFIG))

    assert reader.read(draw_digit("7"), digits=1).verdict == "unsure"


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
