"""Marks, seen from close up, and the network that names them."""

from pathlib import Path

import keras
import numpy as np
import pytest

from digit_model.lines.closeups import Closeups, cut_closeups
from digit_model.lines.kinds import KINDS, OTHER
from digit_model.lines.spots import find_spots
from digit_model.lines.spotter import Maps
from digit_model.training.spotting import closeups, export, targets
from digit_model.training.spotting.models import Models
from digit_model.training.spotting.pages import Page
from tests.support.oracle import knowing_maps
from tests.support.written_pages import spots_of, write_page


class Knowing:
    """A spotter that knows all of one page."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def __call__(self, picture: np.ndarray) -> Maps:
        """What it says of a picture of its page."""
        return knowing_maps(targets.tell_targets(self._page), picture)


def show(page: Page, grey: np.ndarray) -> np.ndarray:
    """Close-ups of the marks of a page that is taken in other light."""
    maps = knowing_maps(targets.tell_targets(page), grey.astype(np.uint8))
    spots = find_spots(maps)
    return cut_closeups(spots, np.arange(1, len(spots.boxes)))


def test_a_closeup_looks_the_same_on_any_paper(models: Models) -> None:
    """Otherwise a faint digit, or a white one, is learned as another thing."""
    page = write_page(models, "00", 0.3)

    plain = show(page, page.picture)
    for grey in (100 + page.picture / 4, 255 - page.picture.astype(float)):
        assert np.abs(show(page, grey)[..., 0].astype(int) - plain[..., 0]).mean() < 3


def test_a_closeup_tells_its_mark_from_those_beside_it(models: Models) -> None:
    """Otherwise of two digits in a window nobody knows which is meant."""
    spots = spots_of(write_page(models, "00", 0.1))

    first, second = cut_closeups(spots, np.array([1, 2]))

    assert first[8:24, 10:22, 1].any()
    for closeup in (first, second):
        assert closeup[..., 1].any(axis=(0, 1))
        assert closeup[..., 2].any(axis=(0, 1))
        assert not ((closeup[..., 1] > 200) & (closeup[..., 2] > 200)).any()


def test_marks_are_told_by_what_was_written(models: Models) -> None:
    """Otherwise the network learns the wrong names."""
    page = write_page(models, "0-0", 0.3)

    seen = closeups.make_closeups([page], Knowing(page), 0)

    assert sorted(seen.labels) == sorted(page.marks[:, 3].astype(int))


def test_half_a_digit_is_none(models: Models) -> None:
    """Otherwise each half of a digit that was torn apart is read as the whole."""
    page = write_page(models, "0", 0.3)
    columns = np.indices(page.owner.shape)[1]
    right = columns > np.median(columns[page.owner > 0])
    twice = page._replace(owner=page.owner * (1 + right), marks=page.marks.repeat(2, axis=0))

    seen = closeups.make_closeups([twice], Knowing(page), 0)

    assert seen.labels.tolist() == [OTHER]


def test_a_page_that_lies_on_its_side_is_not_shown(models: Models) -> None:
    """Otherwise a 6 is learned as a 9."""
    page = write_page(models, "0", 0.3)

    assert not len(closeups.make_closeups([page._replace(turn=90.0)], Knowing(page), 0).labels)


def test_what_is_learned_ends_in_a_litert_file(
    models: Models, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the training serves nobody."""
    monkeypatch.setattr(closeups, "BATCH", 8)
    page = write_page(models, "0000", 0.3)
    seen = closeups.make_closeups([page] * 16, Knowing(page), 0)

    keras.utils.set_random_seed(0)
    network = closeups.fit(seen, seen, 4, 0)
    export.export_closeups(network, tmp_path, seen.frames)

    marks = np.arange(1, 5)
    said = Closeups(tmp_path / "closeups.tflite")(spots_of(page), marks)
    assert said.shape == (4, KINDS)
    assert said.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert said[np.arange(4), seen.labels[:4]].mean() > 3 / KINDS
