"""The pictures of whole numbers that a reader is measured with."""

from pathlib import Path
from unittest import mock

import numpy as np
import pytest

from digit_model import Reader, Reading
from digit_model.training import numbers
from digit_model.training.data import load_mnist
from digit_model.training.numbers import draw_number, evaluate_numbers, join_digits, read_pages
from digit_model.training.pages import photograph_pages
from scripts.strokes import STROKES


@pytest.mark.parametrize(("gaps", "apart"), [((0.3, 0.6), True), ((-0.1, 0.0), False)])
def test_strings_are_of_the_digits_that_their_labels_say(
    drawn_mnist: Path,
    monkeypatch: pytest.MonkeyPatch,
    gaps: tuple[float, float],
    apart: bool,
) -> None:
    """Otherwise the figures for numbers are of something else."""
    monkeypatch.setattr(numbers, "MAX_STRINGS", 20)
    digits = load_mnist(drawn_mnist).test

    strings = list(join_digits(digits, (2, 4), gaps, seed=0))

    assert len(strings) == 20
    assert {len(label) for _, label in strings} == {2, 3, 4}
    for picture, label in strings:
        written = (picture < 255).any(axis=0)
        gaps_seen = np.diff(np.flatnonzero(written)).max() - 1
        assert picture.dtype == np.uint8
        assert (gaps_seen >= 6) == apart, label


def test_a_long_number_is_shrunk_to_the_canvas_and_a_short_one_is_not() -> None:
    """Otherwise long numbers are measured on a canvas that nobody has."""
    digit = [[[x * 500, y * 1000] for x, y in stroke] for stroke in STROKES["3"]]
    row = [[[x + 700 * place, y] for x, y in stroke] for place in range(12) for stroke in digit]

    assert draw_number(digit).size == (280, 280)
    assert draw_number(row).width == numbers.CANVAS_WIDTH


def test_a_number_on_a_page_counts_if_it_is_a_line() -> None:
    """Otherwise a page is all wrong for one line, or right for a part of one."""
    reader = mock.create_autospec(Reader, instance=True)
    reader.read.return_value = Reading("12\n34\n56", "sure", {}, ())

    result = read_pages(reader, "pages", [("page.jpg", ["12", "3", "56", "56"])])

    assert result.row()["n"] == 4
    assert [label for label, _ in result.errors()] == ["3", "56"]


def test_numbers_are_measured_without_development_sets_too(
    reader: Reader, drawn_mnist: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise nobody without those sets can check the figures."""
    monkeypatch.setattr(numbers, "MAX_STRINGS", 5)

    results = evaluate_numbers(reader, load_mnist(drawn_mnist).test)

    assert [result.row()["n"] for result in results] == [5, 5]


def test_made_pages_show_the_numbers_that_their_labels_say(reader: Reader) -> None:
    """Otherwise the figure for pages is of something else."""
    written = [
        {"label": label, "strokes": [[[500 * x, 1000 * y] for x, y in s] for s in STROKES[label]]}
        for label in "23578"
    ]

    pages = [*photograph_pages(written, 2, seed=0)]

    assert pages
    for page, labels in pages:
        assert reader.read(page).text.split("\n") == labels
    assert pages == [*photograph_pages(written, 2, seed=0)]
