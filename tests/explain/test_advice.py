"""What a writer is told to do better."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from digit_model import Reader
from digit_model.explain.advice import advise
from digit_model.model.artefact import BARE_CONFIG, LABELS, SEVERAL_DIGITS
from digit_model.model.classifier import Classifier
from tests.support.strokes import draw_digit

BOX = 100, 120, 200, 180


def stroke(
    width: int, top: int = 100, height: int = 100
) -> tuple[np.ndarray, tuple[int, int, int, int]]:
    """A canvas with an upright stroke, and its box."""
    ink = np.zeros((320, 480), np.uint8)
    ink[top : top + height, 200 : 200 + width] = 255
    return ink, (top, 200, top + height, 200 + width)


@pytest.mark.parametrize(
    ("drawn", "several", "advice"),
    [
        (stroke(12), 0.0, ""),
        (stroke(12, top=0), 0.0, "cut off at the edge"),
        (stroke(12, top=220), 0.0, "cut off at the edge"),
        (stroke(12), 0.6, "two digits"),
        (stroke(2, top=10, height=280), 0.0, "thin"),
        (stroke(4, height=20), 0.0, "small"),
    ],
)
def test_each_fault_has_its_advice(
    drawn: tuple[np.ndarray, tuple[int, int, int, int]], several: float, advice: str
) -> None:
    """Otherwise people draw the same again, or are told off for nothing."""
    ink, box = drawn
    said = advise(ink, box, box[2] - box[0], several)

    assert advice in said if advice else said == ""


def test_a_digit_that_is_read_for_sure_gets_no_advice(reader: Reader) -> None:
    """Otherwise the page nags."""
    reading = reader.read(draw_digit("3"))

    assert (reading.verdict, reading.advice) == ("sure", "")


def test_what_is_refused_is_told_why(reader: Reader) -> None:
    """Otherwise nobody knows that the picture, not the model, was cut."""
    scribble = np.full((320, 480), 255, np.uint8)
    scribble[:200, 100:130] = scribble[:200:20, 60:200] = scribble[60:90, :300] = 0

    reading = reader.read(scribble)

    assert reading.verdict != "sure"
    assert "edge" in reading.advice


def test_digits_that_stand_apart_need_no_more_room(reader: Reader) -> None:
    """Otherwise who draws a number properly is told to draw it so."""
    number = Image.new("L", (480, 320), 255)
    pencil = ImageDraw.Draw(number)
    pencil.line([(80, 45), (130, 45), (72, 275)], fill=0, width=20, joint="curve")
    pencil.line([(274, 45), (259, 275)], fill=0, width=20)
    two = [(355, 83), (403, 45), (427, 102), (355, 275), (442, 275)]
    pencil.line(two, fill=0, width=20, joint="curve")

    reading = reader.read(number)

    assert (reading.text, reading.verdict, reading.advice) == ("712", "unsure", "")


def test_a_page_is_not_told_that_it_looks_like_two_digits() -> None:
    """Nobody would know which of its lines is meant."""
    row = np.zeros(len(LABELS), np.float32)
    row[[0, 1, SEVERAL_DIGITS]] = 1 / 3
    config = BARE_CONFIG | {"labels": LABELS}
    reader = Reader(Classifier(lambda frames: np.array([row] * len(frames)), config))
    page = Image.new("L", (480, 640), 255)
    page.paste(draw_digit("7", 220, 16), (100, 50))
    line = page.crop((0, 0, 480, 320))
    page.paste(line, (0, 320))

    assert "two digits" in reader.read(line).advice
    assert "two digits" not in reader.read(page).advice


def test_a_page_of_small_digits_is_not_told_that_its_line_is_thin() -> None:
    """A line as thin as the page's height allows is thick enough for its digits."""
    ink, box = stroke(2, top=10, height=280)

    assert "thin" not in advise(ink, box, 40, 0)


def test_a_blank_picture_is_told_so(reader: Reader) -> None:
    """Otherwise an empty answer looks like a fault of the page."""
    reading = reader.read(np.full((320, 480), 255, np.uint8))

    assert (reading.verdict, reading.advice) == ("blank", "Nothing dark enough to read.")
