"""The pages that the spotter learns from."""

from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from digit_model.lines.kinds import DIGIT_KINDS, KINDS, OTHER, SIGNS, kind_of_sign
from digit_model.training.data import Samples
from digit_model.training.spotting import pages
from digit_model.training.spotting.hand import choose_hand
from digit_model.training.spotting.layouts import LAYOUTS, Layout
from digit_model.training.spotting.marks import draw_digit
from digit_model.training.spotting.models import Models
from digit_model.training.spotting.pages import compose, open_shards, write_shards
from digit_model.training.spotting.sheet import SIDE, Sheet
from digit_model.training.spotting.signs import draw_sign
from digit_model.training.spotting.writing import Writer


@pytest.mark.parametrize("height", [10, 28, 60, 150])
@pytest.mark.parametrize("drawn", [0.0, 1.0])
def test_a_digit_is_as_high_as_it_is_asked_for(models: Models, height: int, drawn: float) -> None:
    """Otherwise the network learns another size than it is said to."""
    random = np.random.default_rng(height)
    hand = choose_hand(random)._replace(drawn=drawn, hollow=0.0, dotted=0.0, pen=0.08)
    for label in range(10):
        mark = draw_digit(label, height, hand, models, random)
        rows = np.flatnonzero((mark.ink > 0.5).any(axis=1))

        assert mark.kind == label
        # A broad digit is scaled by its width.
        assert 0.4 * height < np.ptp(rows) + 1 < 1.3 * height + 2


def test_signs_have_the_kinds_that_they_are_named_after() -> None:
    """Otherwise a minus is read as a slash."""
    random = np.random.default_rng(0)
    hand = choose_hand(random)

    kinds = {name: draw_sign(name, 40, hand, random).kind for name in (*SIGNS, "comma", "percent")}

    assert [kinds[name] for name in SIGNS] == [DIGIT_KINDS + n for n in range(len(SIGNS))]
    assert kinds["comma"] == kinds["point"]
    assert kinds["percent"] == OTHER == KINDS - 1
    assert kind_of_sign("nothing that is known") == OTHER


@pytest.mark.parametrize("layout", [layout for layout, _ in LAYOUTS])
def test_each_mark_owns_ink_around_its_middle(layout: Layout, models: Models) -> None:
    """Otherwise pixels are told to vote for places where nothing is."""
    random = np.random.default_rng(1)
    written = 0
    for _ in range(6):
        sheet = Sheet(random)
        layout(sheet, models)
        written += len(sheet.marks)
        for number, mark in enumerate(sheet.marks, start=1):
            rows, columns = np.nonzero(sheet.owner == number)
            if not len(rows):
                continue  # Another lies over it.
            assert abs(rows - mark.y).min() < mark.height
            assert abs(columns - mark.x).min() < mark.height
        assert not sheet.ink[sheet.owner == 0].max(initial=0) > 0.5
    assert bool(written) == (layout.__name__ != "leave_blank")


def test_linked_digits_share_the_stroke_between_them(models: Models) -> None:
    """Otherwise joined digits are one, or the stroke is nobody's."""
    sheet = Sheet(np.random.default_rng(0))
    hand = choose_hand(sheet.random)._replace(drawn=1.0, hollow=0.0, dotted=0.0, pen=0.06)
    writer = Writer(sheet, hand, models)
    for place in (40, 120):
        sheet.put(draw_digit(0, 50, hand, models, sheet.random), place, 60, 50)
    before = sheet.owner.copy()
    assert ndimage.label(before > 0, np.ones((3, 3)))[1] >= 2

    sheet.link(3.0)

    link = sheet.owner[before == 0]
    assert writer.sheet is sheet
    assert np.count_nonzero(link == 1) > 20
    assert np.count_nonzero(link == 2) > 20


def test_what_is_struck_out_is_no_digit_any_more(models: Models) -> None:
    """Otherwise a digit that somebody took back is read."""
    sheet = Sheet(np.random.default_rng(0))
    hand = choose_hand(sheet.random)
    sheet.put(draw_digit(3, 50, hand, models, sheet.random), 100, 100, 50)
    owned = np.count_nonzero(sheet.owner == 1)

    sheet.strike_out(1, 3.0, cross=True)

    assert sheet.marks[0].kind == OTHER
    assert np.count_nonzero(sheet.owner == 1) > owned


def test_a_page_turns_with_all_that_is_said_of_it(
    models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise every turned sheet teaches the network wrong places."""
    turned = 0
    for degrees in (0.0, 90.0, 180.0, 37.0):
        monkeypatch.setattr(pages, "_choose_turn", lambda *_, turn=degrees: turn)
        page = compose(models, np.random.default_rng(4))
        assert page.turn == degrees
        for number, (x, y, height, _) in enumerate(page.marks, start=1):
            rows, columns = np.nonzero(page.owner == number)
            if len(rows) < 20 or min(x, y) < height or max(x, y) > SIDE - height:
                continue  # Hidden, or partly off the sheet.
            assert abs(rows.mean() - y) < 0.5 * height
            assert abs(columns.mean() - x) < 0.5 * height
            turned += 1
    assert turned > 8


def test_pages_come_back_from_their_files_and_are_made_once(
    samples: Samples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise an interrupted run begins anew, or learns from others than it made."""
    monkeypatch.setattr(pages, "SHARD_PAGES", 3)
    monkeypatch.setattr(pages, "ProcessPoolExecutor", _SamePool)

    files = write_shards(samples, tmp_path, 5, seed=0)
    written = [file.stat().st_mtime_ns for file in files]
    read = open_shards(files)
    again = write_shards(samples, tmp_path, 5, seed=0)

    assert len(read) == 6
    assert [file.stat().st_mtime_ns for file in again] == written
    for page in read:
        assert page.picture.shape == page.ink.shape == page.owner.shape == (SIDE, SIDE)
        assert page.owner.max() <= len(page.marks)
        assert page.marks.shape[1] == 4
    assert not (read[0].picture == read[3].picture).all()


class _SamePool:
    """A pool that works in this process, where the patches are."""

    def __init__(self, *_: object) -> None:
        self.map = map

    def __enter__(self) -> "_SamePool":
        return self

    def __exit__(self, *_: object) -> None:
        pass
