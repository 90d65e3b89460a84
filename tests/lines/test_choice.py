"""How the better of two readings is told."""

from functools import partial

import numpy as np
import pytest

from digit_model.lines.choice import choose, compare
from digit_model.lines.decision import Decided
from digit_model.lines.draft import Box, Draft, scale_box
from digit_model.lines.kinds import KINDS, kind_of_sign
from digit_model.lines.writing import Number, Writing
from digit_model.reading import Digit, Reading, Verdict

# Where three digits stand side by side.
PLACES: list[Box] = [(10, 10, 20, 30), (40, 10, 8, 30), (70, 10, 20, 30)]
SLASH = kind_of_sign("slash")


def read(text: str, places: list[Box], verdict: Verdict = "unsure", p: float = 0.9) -> Reading:
    """A reading with digits at places."""
    digits = [Digit(place, np.zeros((28, 28), np.uint8), np.full(10, 0.1)) for place in places]
    log_odds = -20.0 if verdict == "not a digit" else 20.0
    return Reading(text, verdict, {text: p}, tuple(digits), log_odds)


def from_strokes(reading: Reading) -> Decided:
    """A reading from strokes."""
    nothing = Writing(
        np.zeros((50, 100), np.uint8), np.zeros((50, 100), int), np.zeros((2, 4), int)
    )
    return Draft(nothing, [Number([1], 30.0)], None, partial(scale_box, 1.0)), reading


def from_marks(reading: Reading, kinds: dict[int, int]) -> Decided:
    """A reading from marks: place -> the kind of the mark there."""
    boxes = np.zeros((len(kinds) + 1, 4), int)
    table = np.zeros((len(kinds) + 1, KINDS))
    for mark, (place, kind) in enumerate(kinds.items(), start=1):
        left, top, width, height = PLACES[place]
        boxes[mark] = top, left, top + height, left + width
        table[mark, kind] = 1
    writing = Writing(np.zeros((50, 100), np.uint8), np.zeros((50, 100), int), boxes)
    number = Number([1], 30.0)
    return Draft(writing, [number], None, partial(scale_box, 1.0), table), reading


def test_what_the_marks_say_of_the_strokes_is_counted() -> None:
    """Otherwise the slash of a date is read as a 1."""
    strokes = from_strokes(read("717", PLACES))
    marks = from_marks(read("73", [PLACES[0], PLACES[2]]), {0: 7, 1: SLASH, 2: 3})

    measured = compare(strokes, marks)

    assert measured["strokes that are signs"] == 1
    assert measured["strokes that are other digits"] == 1
    assert measured["ones that are not marked"] == 0
    assert measured["digits only of marks"] == 0
    assert (measured["strokes: digits"], measured["marks: digits"]) == (3, 2)


def test_what_only_one_of_them_has_is_counted() -> None:
    """Otherwise the line of a box beside a number is read as a 1."""
    strokes = from_strokes(read("71", PLACES[:2]))
    marks = from_marks(read("73", [PLACES[0], PLACES[2]]), {0: 7, 2: 3})

    measured = compare(strokes, marks)

    assert measured["ones that are not marked"] == 1
    assert measured["digits only of marks"] == 1


def test_readings_without_digits_are_compared() -> None:
    """Otherwise a doodle ends in a traceback."""
    strokes = from_strokes(read("", [], "not a digit"))
    nothing = Draft(strokes[0].writing, [], None, partial(scale_box, 1.0))

    measured = compare(strokes, (nothing, read("", [], "blank")))

    assert measured["constant"] == 1
    assert not any(value for name, value in measured.items() if name != "constant")


def test_slashes_are_left_to_the_marks_and_a_missed_digit_to_the_strokes() -> None:
    """Otherwise dates are read with 1s in them, or numbers without one of their digits."""
    right = read("73", [PLACES[0], PLACES[2]], p=0.97)
    strokes = from_strokes(read("713", PLACES, p=0.9))

    assert choose(strokes, from_marks(right, {0: 7, 1: SLASH, 2: 3}))[1] == right

    refused = read("", [], "not a digit")
    assert choose(strokes, from_marks(refused, {0: 7, 2: 3})) == strokes


@pytest.mark.parametrize(("text", "verdict"), [("73", "sure"), ("78", "unsure")])
def test_a_reading_is_sure_only_if_the_other_agrees(text: str, verdict: Verdict) -> None:
    """Otherwise a number of which a digit was dropped is called sure."""
    places = [PLACES[0], PLACES[2]]
    strokes = from_strokes(read(text, places, p=0.2))
    marks = from_marks(read("73", places, "sure", p=0.99), {0: 7, 2: 3})

    _, reading = choose(strokes, marks)

    assert reading.text in (text, "73")
    if reading.text == "73":
        assert reading.verdict == verdict
