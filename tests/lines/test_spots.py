"""From what the network says to marks, lines and numbers."""

import numpy as np
import pytest

from digit_model.lines.kinds import DIGIT_KINDS
from digit_model.lines.layout import find_mark_numbers, find_rows
from digit_model.lines.spots import Spots, find_spots
from digit_model.lines.spotter import HEADS, SLICES, Maps, to_cells
from digit_model.training.spotting.models import Models
from tests.support.written_pages import spots_of, write_page


@pytest.mark.parametrize("gap", [0.3, 0.0, -0.15])
def test_digits_part_where_their_votes_do(models: Models, gap: float) -> None:
    """Otherwise digits that touch are one."""
    page = write_page(models, "0000", gap)
    spots = spots_of(page)

    assert len(spots.digits()) == 4
    owned = sorted(np.count_nonzero(page.owner == number) for number in range(1, 5))
    found = sorted(np.count_nonzero(spots.labels == number) for number in range(1, 5))
    # Fine parts are two pixels wide, so a thin stroke's edge counts as well.
    assert all(0.7 * own < seen < 2.5 * own for own, seen in zip(owned, found, strict=True))
    kinds = {int(kind) for kind in page.marks[:, 3]}
    assert {int(spots.kinds[number].argmax()) for number in spots.digits()} == kinds


def test_signs_are_told_from_digits(models: Models) -> None:
    """Otherwise a minus is a 1."""
    spots = spots_of(write_page(models, "0-0.0", 0.3))

    assert len(spots.digits()) == 3
    assert sorted(spots.kinds[spots.signs()].argmax(axis=1) - DIGIT_KINDS) == [0, 2]


def test_signs_stand_in_the_number_that_they_are_written_in(models: Models) -> None:
    """Otherwise 3.14 is written 314, or -7 as 7."""
    spots = spots_of(write_page(models, "-00.0", 0.3))

    (number,) = find_mark_numbers(spots)

    assert len(number.pieces) == 3
    assert [sign for _, sign in number.signs] == ["-", "."]
    first, *_, last = spots.boxes[number.pieces, 1].tolist()
    (minus, _), (point, _) = number.signs
    assert minus < first < point < last


def test_where_nothing_is_there_is_no_spot() -> None:
    """Otherwise blank paper is read."""
    cells = np.full((8, 8, sum(HEADS.values())), -9, np.float32)

    spots = find_spots(Maps(cells, 0, np.full((32, 32), 255, np.uint8)))

    assert len(spots.boxes) == 1
    assert not spots.ink.any()
    assert not len(spots.digits()) + len(spots.signs())


@pytest.mark.parametrize("turn", [90.0, 180.0, -90.0, 45.0])
def test_a_turned_page_is_set_upright(models: Models, turn: float) -> None:
    """Otherwise a sheet on its side is read letter by letter."""
    upright = spots_of(write_page(models, "000", 0.3))
    lying = upright.turned(-turn)  # As if the sheet were turned the other way.
    angle = np.deg2rad(turn)
    lying = lying._replace(
        directions=np.tile(np.array([np.cos(angle), -np.sin(angle)], np.float32), (4, 1))
    )

    assert lying.turn() == pytest.approx(turn, abs=1)
    again = lying.turned(lying.turn())

    left = again.boxes[upright.digits(), 1]
    assert (np.diff(left[np.argsort(upright.boxes[upright.digits(), 1])]) > 0).all()
    rows = again.boxes[upright.digits(), 0]
    assert np.ptp(rows) < 15


def place(boxes: list[tuple[int, int, int, int]]) -> Spots:
    """Digits in these boxes: left, top, width, height."""
    corners = [(top, left, top + high, left + wide) for left, top, wide, high in boxes]
    count = len(boxes) + 1
    nothing, page = np.zeros((1, 1), np.int32), np.zeros((1, 1), np.uint8)
    kinds = np.eye(DIGIT_KINDS + 5, dtype=np.float32)[np.zeros(count, int)]
    directions = np.ones((count, 2), np.float32)
    array = np.array([(0, 0, 0, 0), *corners])
    return Spots(page, page, nothing, array, kinds, directions, 0)


def test_a_wide_gap_parts_numbers_and_a_step_parts_lines() -> None:
    """Otherwise two columns are one number, or a line is two."""
    digits = [(10, 10, 20, 30), (35, 12, 20, 30), (150, 8, 20, 30), (175, 14, 20, 30)]
    below = [(12, 70, 20, 30), (40, 72, 8, 14)]

    rows = find_rows(place(digits + below), np.arange(1, 7))

    assert rows == [[[1, 2], [3, 4]], [[5, 6]]]


def test_a_slanted_line_is_one_and_a_long_tail_joins_none() -> None:
    """Otherwise writing that climbs is cut up, or a tail pulls the next line in."""
    climbing = [(10 + 30 * n, 80 - 6 * n, 20, 30) for n in range(8)]
    tail = [
        (10, 10, 20, 30),
        (40, 10, 20, 55),
        (70, 10, 20, 30),
        (10, 60, 20, 30),
        (70, 60, 20, 30),
    ]

    assert find_rows(place(climbing), np.arange(1, 9)) == [[[*range(1, 9)]]]
    assert find_rows(place(tail), np.arange(1, 6)) == [[[1, 2, 3]], [[4, 5]]]


def test_what_the_network_says_lies_where_the_targets_do() -> None:
    """Otherwise it learns one thing and says another."""
    page = np.arange(16 * 16, dtype=np.float32).reshape(16, 16)
    cells = np.zeros((4, 4, sum(HEADS.values())), np.float32)
    cells[..., SLICES["ink"]] = to_cells(page, 4)
    cells[..., SLICES["centre"]] = to_cells(page[:8, :8], 2)
    places = np.stack([page[:8, :8], -page[:8, :8]], axis=2)
    cells[..., SLICES["offset"]] = to_cells(places, 2)
    maps = Maps(cells, 0, page.astype(np.uint8))

    assert (maps.ink() == page).all()
    assert (maps.centre() == page[:8, :8]).all()
    rows, columns = np.array([0, 3, 7]), np.array([5, 2, 6])
    moved = maps.votes(rows, columns) - maps.votes(rows * 0, columns * 0)
    start = page[rows, columns]
    expected = np.stack([columns * 2 + 32 * start, rows * 2 - 32 * start], axis=1)
    assert np.allclose(moved, expected)
