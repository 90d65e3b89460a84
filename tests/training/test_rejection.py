"""How rejection is measured."""

import numpy as np
import pytest

from digit_model import Reader
from digit_model.reading import Reading
from digit_model.training.blanks import draw_blanks, photograph_blanks
from digit_model.training.evaluation import Result
from digit_model.training.rejection import (
    auroc,
    calibration_error,
    draw_unseen_signs,
    rejection_rows,
)


def test_a_calibration_error_is_the_distance_from_the_truth() -> None:
    """Otherwise "90 %" may be right seven times in ten and nobody sees it."""
    confidence = np.repeat([0.95, 0.55], 100)
    right = np.arange(200) % 100 < np.repeat([95, 40], 100)

    assert calibration_error(confidence, right) == pytest.approx((0 + 0.15) / 2)


def test_an_auroc_is_the_share_of_pairs_in_order() -> None:
    """Otherwise digits and doodles seem better told apart than they are."""
    assert auroc(np.array([3.0, 2.0]), np.array([1.0, 2.5])) == 0.75


def test_rows_state_one_operating_point() -> None:
    """Otherwise each set is shown at the threshold that suits it."""

    def reading(text: str, verdict: str, log_odds: float) -> Reading:
        return Reading(text, verdict, {text: 0.9}, (), log_odds)  # type: ignore[arg-type]

    digits = [reading("7", "sure", 9.0)] * 8 + [reading("1", "sure", 5.0)]
    digits += [reading("7", "not a digit", -2.0)]
    sets = [Result(name, ["7"] * 10, digits) for name in ("MNIST", "a", "b", "c")]
    others = [
        Result(name, [""] * 4, [reading("", "not a digit", -3.0)] * 3 + [reading("5", "unsure", 1)])
        for name in ("doodles", "letters")
    ]

    rows = rejection_rows(sets, others)

    assert [row["accuracy"] for row in rows["accepted"]] == [90.0] * 4
    assert [(row["n"], row["right"]) for row in rows["sure"]] == [(9, 8)] * 4
    assert [row["accuracy"] for row in rows["refused"]] == [75.0] * 2
    scores = {row["score"]: row for row in rows["scores"]}
    assert scores["AUROC, a against doodles"]["value"] == pytest.approx(0.975)
    for row in scores.values():
        assert row["low"] <= row["value"] <= row["high"]


def test_nothing_is_read_where_nothing_is_written(reader: Reader) -> None:
    """Otherwise a sheet of paper, or the dot of a pen put down, is a number."""
    sheets = [reading.found for reading in reader.read_many([*photograph_blanks(40, 1)])]
    canvases = [reading.found for reading in reader.read_many([*draw_blanks()])]

    assert sum(sheets) <= 1, "Of 1,200 others, 4 are."
    assert not any(canvases)


def test_unseen_signs_are_drawn_with_each_brush() -> None:
    """Otherwise the honest figure is of nothing."""
    signs = [np.asarray(sign) for sign in draw_unseen_signs()]

    assert len(signs) == 3 * 94
    assert len({sign.tobytes() for sign in signs}) > 200
    assert all((sign < 128).any() for sign in signs)
