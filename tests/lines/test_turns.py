"""Sheets that lie anyhow."""

import numpy as np
import pytest

from digit_model.lines.gaze import View
from digit_model.lines.spots import Spots
from digit_model.lines.turns import set_upright


def row_of_blocks(degrees: float) -> View:
    """Four blocks in a row, twice as high as wide, that nothing is known of, as they lie."""
    labels = np.zeros((64, 160), np.int32)
    for number in range(4):
        labels[16:48, 20 + 32 * number : 36 + 32 * number] = number + 1
    ink = np.where(labels > 0, 255, 0).astype(np.uint8)
    boxes = [(0, 0, 0, 0), *((16, 20 + 32 * n, 48, 36 + 32 * n) for n in range(4))]
    kinds = np.full((5, 15), 0.06, np.float32)
    kinds[0] = 0
    spots = Spots(
        ink, labels, np.array(boxes), kinds, np.tile(np.array([1, 0], np.float32), (5, 1)), 0
    )
    spots = spots.turned(-degrees)
    rows, columns = spots.ink.shape
    return View(spots, 1.0, 0.0, 0.0, 0.0, (rows, columns))


def judge(spots: Spots, marks: np.ndarray) -> np.ndarray:
    """One for whom marks are digits if they are high and stand from left to right."""
    boxes = spots.boxes[marks]
    high, wide = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    good = (high > 1.5 * wide) & (np.diff(boxes[:, 1], prepend=-1) > 0)
    return np.where(good, -0.01, -5.0)


@pytest.mark.parametrize("degrees", [0.0, 90.0, 180.0, -90.0, 35.0])
def test_a_sheet_is_turned_until_its_marks_look_like_digits(degrees: float) -> None:
    """Otherwise a sheet on its side is read letter by letter."""
    lying = row_of_blocks(degrees)
    upright = set_upright(lying, judge)

    assert upright is not None
    assert (judge(upright.spots, upright.spots.digits()) > -1).all()
    for mark in range(1, 5):
        place = upright.locate(2.0, tuple(upright.spots.boxes[mark]))
        middle = np.array(place[:2]) + np.array(place[2:]) / 2
        top, left, bottom, right = lying.spots.boxes[mark]
        assert middle == pytest.approx([left + right, top + bottom], abs=4)


def test_what_stands_upright_is_not_tried() -> None:
    """Otherwise every number takes seven times as long."""
    asked = []

    def count(spots: Spots, marks: np.ndarray) -> np.ndarray:
        asked.append(spots)
        return judge(spots, marks)

    view = row_of_blocks(0.0)

    assert set_upright(view, count) is view
    assert len(asked) == 1


def test_what_looks_like_no_digits_either_way_is_left_out() -> None:
    """Otherwise each photo of a wall takes seconds."""
    assert set_upright(row_of_blocks(0.0), lambda _, marks: np.full(len(marks), -6.0)) is None
