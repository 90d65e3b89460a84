"""From a picture to the numbers in it."""

import numpy as np
import pytest
from PIL import Image

from digit_model import Reader
from digit_model.lines.gaze import BEST_HEIGHT, MAX_SCALE, READABLE_HEIGHT, look
from tests.support.oracle import InkSpotter
from tests.support.strokes import draw_digit


def write(text: str, height: int, size: tuple[int, int], step: float = 1.0) -> Image.Image:
    """Lines of digits on white paper, in the upper left corner."""
    page = Image.new("L", size, "white")
    for row, line in enumerate(text.split("\n")):
        for column, letter in enumerate(line):
            if letter != " ":
                digit = draw_digit(letter, height, max(2, height // 10)).convert("L")
                place = round((0.2 + step * column) * height), round((0.2 + 1.2 * row) * height)
                page.paste(digit, place)
    return page


def read(reader: Reader, picture: Image.Image, turn: float = 0.0) -> str:
    """What is read by one who sees each stroke as a digit."""
    spotter = InkSpotter(turn)
    both = Reader(reader.classifier, spotter=spotter, judge=reader.judge)  # type: ignore[arg-type]
    return both.read(picture).text


def test_numbers_and_lines_are_read_in_their_order(reader: Reader) -> None:
    """Otherwise a page is read as a heap of digits."""
    assert read(reader, write("2036\n89", 60, (400, 300))) == "2036\n89"
    assert read(reader, write("20   36", 60, (500, 150))) == "20 36"


@pytest.mark.parametrize(("turn", "quarters"), [(90.0, 1), (180.0, 2), (-90.0, 3)])
def test_a_sheet_that_lies_on_its_side_is_read(reader: Reader, turn: float, quarters: int) -> None:
    """Otherwise every sideways photo is read wrong."""
    lying = write("236", 60, (300, 150)).rotate(90 * quarters, expand=True)

    assert read(reader, lying, turn) == "236"


def test_nothing_is_read_where_nothing_is(reader: Reader) -> None:
    """Otherwise blank paper has digits."""
    assert read(reader, Image.new("L", (300, 200), "white")) == ""


def test_small_digits_are_looked_at_closely_and_only_where_they_are() -> None:
    """Otherwise they are too coarse to read, or a large page takes a second."""
    spotter = InkSpotter(least=5)

    window = look(spotter, write("2036", 40, (1000, 800)))  # type: ignore[arg-type]

    sides = window.spots.longer_sides(window.spots.digits())
    assert len(sides) == 4
    assert np.median(sides) == pytest.approx(BEST_HEIGHT, rel=0.35)
    assert spotter.seen[-1][0] < 300


def test_a_large_digit_is_seen_at_a_glance() -> None:
    """Otherwise a sketch of one digit is as slow as a page."""
    spotter = InkSpotter()

    window = look(spotter, write("3", 250, (280, 280)))  # type: ignore[arg-type]

    assert len(spotter.seen) == 1
    assert window.spots.longer_sides(window.spots.digits()).min() >= READABLE_HEIGHT
    assert window.scale < 1 < MAX_SCALE


def test_what_is_sure_is_not_looked_for_twice(reader: Reader) -> None:
    """Otherwise every drawn number takes five times as long."""
    spotter = InkSpotter()
    both = Reader(reader.classifier, spotter=spotter, judge=reader.judge)  # type: ignore[arg-type]

    for text in ("7", "203"):
        assert both.read(write(text, 90, (400, 160))).verdict == "sure"

    assert spotter.seen == []
