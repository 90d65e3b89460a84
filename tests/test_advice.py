"""What a writer is told to do better."""

import numpy as np
import pytest

from digit_model import Reader
from digit_model.advice import advise
from tests.strokes import draw_digit

BOX = 100, 120, 200, 180


def stroke(width: int, top: int = 100, height: int = 100) -> tuple[np.ndarray, tuple[int, ...]]:
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
    said = advise(*drawn, several)

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


def test_a_blank_picture_is_told_so(reader: Reader) -> None:
    """Otherwise an empty answer looks like a fault of the page."""
    reading = reader.read(np.full((320, 480), 255, np.uint8))

    assert (reading.verdict, reading.advice) == ("blank", "Nothing dark enough to read.")
