"""How the choice between two readings is learned."""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
import pytest

from digit_model.lines.batches import Batches
from digit_model.lines.decision import Decided
from digit_model.lines.draft import Draft, scale_box
from digit_model.lines.writing import Writing
from digit_model.picture.image import Picture, open_picture
from digit_model.reading import Digit, Reading
from digit_model.training.data import Samples
from digit_model.training.spotting import choice, trials
from digit_model.training.spotting.trials import TRIALS, Make, Trial
from digit_model.training.strokes import draw_digits

BLANK = Reading("", "blank", {}, ())


@pytest.fixture(scope="module")
def digits() -> Samples:
    """Digits that we drew."""
    return draw_digits(1, seed=0)


@pytest.mark.parametrize("make", [make for make, _ in TRIALS.values()], ids=[*TRIALS])
def test_no_trial_takes_an_empty_reading_for_a_number(make: Make, digits: Samples) -> None:
    """Otherwise the choice is learned from what nobody reads."""
    made = list(make(digits, 6, np.random.default_rng(0)))
    wrong = Reading("", "unsure", {"": 1.0}, ())

    assert len(made) == 6
    for trial in made:
        image, _ = open_picture(trial.picture)
        assert min(image.size) >= 28
        assert trial.check(wrong) == 0
        if make.__name__ in ("draw_doodles", "compose_sheets"):
            assert trial.check(BLANK) in (0, 1)
        else:
            assert trial.check(BLANK) == 0


def test_a_drawn_number_must_be_read_whole_and_a_page_line_by_line() -> None:
    """Otherwise the choice is learned from wrong readings."""
    is_text, lines = trials._is_text("203"), trials._count_lines(["42", "203", "203"])

    assert is_text(Reading("20 3", "unsure", {}, ())) == 1
    assert is_text(Reading("20", "unsure", {}, ())) == 0
    assert is_text(Reading("203", "not a digit", {}, ())) == 0
    assert lines(Reading("203\n42\n7", "unsure", {}, ())) == pytest.approx(2 / 3)
    assert lines(Reading("42\n203\n203", "unsure", {}, ())) == 1


def test_a_sheet_must_be_read_digit_by_digit_in_place() -> None:
    """Otherwise a form whose digits were mixed up counts as read."""
    check = trials._has_digits(np.array([(20, 20, 30, 4), (60, 20, 30, 2)], float))
    frame, row = np.zeros((28, 28), np.uint8), np.full(10, 0.1)
    left, right = Digit((10, 5, 20, 30), frame, row), Digit((50, 5, 20, 30), frame, row)

    assert check(Reading("42", "unsure", {}, (left, right))) == 1
    assert check(Reading("24", "unsure", {}, (right, left))) == 1
    assert check(Reading("24", "unsure", {}, (left, right))) == 0
    assert check(Reading("4", "unsure", {}, (left,))) == 0


def read(text: str, probability: float) -> Decided:
    """A reading without digits' places."""
    nothing = Writing(np.zeros((9, 9), np.uint8), np.zeros((9, 9), int), np.zeros((1, 4), int))
    reading = Reading(text, "unsure", {text: probability}, (), 5.0)
    return Draft(nothing, [], None, partial(scale_box, 1.0)), reading


class TwoMinds(Batches):
    """Reads an odd picture right from its strokes, which it is sure of, and others from marks."""

    def __init__(self) -> None:
        """Nothing is needed."""

    def read_both(
        self, pictures: Sequence[Picture], _digits: int | None
    ) -> list[tuple[Decided, Decided | None]]:
        """Read pictures that are numbers."""
        strokes = [read("7", 0.9) if picture == b"odd" else read("3", 0.3) for picture in pictures]
        return [(reading, read("8", 0.6)) for reading in strokes]


def test_what_tells_the_right_reading_is_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the choice is no better than chance."""

    def make(_: Samples, count: int, _random: np.random.Generator) -> Iterator[Trial]:
        for number in range(count):
            if number % 2:
                yield Trial(b"odd", lambda reading: float(reading.text == "7"))
            else:
                yield Trial(b"even", lambda reading: float(reading.text == "8"))

    monkeypatch.setattr(choice, "TRIALS", {"easy": (make, 200)})

    fitted = choice.fit_choice(TwoMinds(), Samples(np.zeros(0), np.zeros(0)), seed=0)

    assert fitted["pictures"] == {"easy": [100, 100]}
    assert fitted["right"] == 1
    assert fitted["weights"]["strokes: log probability"] < -1
    assert fitted["weights"]["marks: log probability"] == pytest.approx(0, abs=0.01)
