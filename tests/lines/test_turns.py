"""Sheets that lie anyhow."""

from typing import cast

import numpy as np
import pytest
from PIL import Image

from digit_model.lines.kinds import KINDS, OTHER
from digit_model.lines.spots import Spots
from digit_model.lines.spotter import Spotter
from digit_model.lines.turns import look_upright
from tests.support.oracle import InkSpotter

DIGIT, OTHER_KIND = 0.99 * np.eye(KINDS)[[0, OTHER]] + 1e-3
BLOCKS = [(60 + 40 * number, 80, 76 + 40 * number, 120) for number in range(4)]


def row_of_blocks(degrees: float) -> tuple[Image.Image, list[tuple[float, float]]]:
    """Four blocks in a row, as they lie, twice as high as wide, and the middle of each."""
    picture = Image.new("L", (256, 200), 255)
    for left, top, right, bottom in BLOCKS:
        picture.paste(0, (left, top, right, bottom))
    turned = picture.rotate(degrees, expand=True, fillcolor=255)
    angle = np.deg2rad(degrees)
    middles = []
    for left, top, right, bottom in BLOCKS:
        x, y = (left + right) / 2 - picture.width / 2, (top + bottom) / 2 - picture.height / 2
        across, down = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
        middles.append((across + turned.width / 2, down + turned.height / 2))
    return turned, middles


def judge(spots: Spots, marks: np.ndarray) -> np.ndarray:
    """One for whom marks are digits if they are high."""
    boxes = spots.boxes[marks]
    high, wide = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    return np.asarray(np.where((high > 1.5 * wide)[:, None], DIGIT, OTHER_KIND))


@pytest.mark.parametrize("degrees", [0.0, 90.0, -90.0, 35.0])
def test_a_sheet_is_turned_until_its_marks_look_like_digits(degrees: float) -> None:
    """Otherwise a sheet on its side is read letter by letter."""
    picture, middles = row_of_blocks(degrees)

    upright = look_upright(cast("Spotter", InkSpotter()), picture, judge)

    assert upright is not None
    spots = upright.window.spots
    assert (judge(spots, spots.digits())[:, 0] > 0.5).all()
    found = []
    for mark in spots.digits().tolist():
        place = upright.locate(2.0, tuple(spots.boxes[mark].tolist()))
        found.append(np.array(place[:2]) + np.array(place[2:]) / 2)
    wanted = 2 * np.array(middles)
    # A row may be turned to either side: nothing but the judge could tell.
    assert np.sort(np.array(found), axis=0) == pytest.approx(np.sort(wanted, axis=0), abs=6)


def test_what_stands_upright_is_not_tried() -> None:
    """Otherwise every number takes seven times as long."""
    asked = []

    def count(spots: Spots, marks: np.ndarray) -> np.ndarray:
        asked.append(spots)
        return judge(spots, marks)

    once = look_upright(cast("Spotter", InkSpotter()), row_of_blocks(0.0)[0], count)

    assert once is not None
    assert once.turn == 0
    assert len(asked) == 2  # Whether it stands upright, and what it is.


def test_what_looks_like_no_digits_either_way_is_left_out() -> None:
    """Otherwise each photo of a wall takes seconds."""
    picture, _ = row_of_blocks(0.0)

    def refuse(_: Spots, marks: np.ndarray) -> np.ndarray:
        return np.tile(OTHER_KIND, (len(marks), 1))

    assert look_upright(cast("Spotter", InkSpotter()), picture, refuse) is None
