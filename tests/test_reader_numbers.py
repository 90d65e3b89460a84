"""Numbers and pages, as the public API reads them."""

import math

import numpy as np
import pytest
from PIL import Image, ImageDraw

from digit_model import Reader, limits
from digit_model.lines.decision import _join_readings
from digit_model.lines.lattice import LatticePath
from tests.support.strokes import draw_digit, draw_number


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
    assert len(reading.digits) < 2 * limits.MAX_STROKES


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


@pytest.mark.parametrize("digits", [1, 2, 3])
def test_a_known_number_of_digits_is_kept_to(reader: Reader, digits: int) -> None:
    """Otherwise what the caller knows is of no use."""
    for number in ("74", "747"):
        assert len(reader.read(draw_number(number), digits=digits).text) == digits


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
    one, none = LatticePath((1,), (), math.log(0.6)), LatticePath((), (), math.log(0.4))

    joint = _join_readings([[one, none], [one, none]], [0, 1])

    assert joint == pytest.approx({"1": 0.48, "1\n1": 0.36, "": 0.16})


def test_no_digits_at_all_are_refused_as_a_number_of_digits(reader: Reader) -> None:
    """Otherwise a slip comes back as a blank picture."""
    with pytest.raises(ValueError, match=r"1 or more\. Received: 0"):
        reader.read(draw_digit("0"), digits=0)
