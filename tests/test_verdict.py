"""When a reading is sure, unsure, or of no digit."""

from typing import Any

import numpy as np
import pytest
from PIL import Image

from digit_model import Reader
from digit_model.model.artefact import BARE_CONFIG, LABELS
from digit_model.model.classifier import Classifier
from tests.support.strokes import draw_digit, draw_number


def say_always(row: np.ndarray, config: dict[str, Any]) -> Reader:
    """A reader whose network says the same of every frame."""
    return Reader(Classifier(lambda frames: np.array([row] * len(frames)), config))


@pytest.mark.parametrize(
    ("probability", "verdict"), [(0.95, "sure"), (0.75, "sure"), (0.7, "unsure")]
)
def test_the_artefacts_threshold_divides_sure_from_unsure(probability: float, verdict: str) -> None:
    """Otherwise the calibration that was measured is not the one that is used."""
    row = np.array([probability] + [(1 - probability) / 9] * 9, np.float32)
    config = BARE_CONFIG | {"thresholds": BARE_CONFIG["thresholds"] | {"sure": 0.75}}
    reader = say_always(row, config)

    reading = reader.read(draw_digit("7"), digits=1)

    assert (reading.text, reading.verdict) == ("0", verdict)


@pytest.mark.parametrize(("none", "refused"), [(0.9, True), (0.6, True), (0.1, False)])
def test_what_the_network_takes_for_no_digit_is_refused(none: float, refused: bool) -> None:
    """Otherwise a horse is a 3, 99 %."""
    row = np.array([1 - none, *[0] * 10, none], np.float32)
    config = BARE_CONFIG | {"labels": LABELS}
    reader = say_always(row, config)

    untold, told = (reader.read(draw_digit("7"), digits=digits) for digits in (None, 1))

    assert (untold.verdict == "not a digit") == (told.verdict == "not a digit") == refused
    assert untold.text == told.text == "0", "What it most looks like is told all the same."


def test_a_network_of_ten_classes_refuses_nothing() -> None:
    """Otherwise somebody's own model, of digits alone, reads none."""
    row = np.full(10, 0.1, np.float32)
    reader = say_always(row, BARE_CONFIG)

    assert reader.read(draw_digit("7"), digits=1).verdict == "unsure"


def test_a_page_is_not_one_digit_that_is_hard_to_read() -> None:
    """A page that looks a little like a digit would be refused as a whole."""
    row = np.array([0.3, *[0] * 10, 0.7], np.float32)
    config = BARE_CONFIG | {"labels": LABELS}
    reader = say_always(row, config)
    page = Image.new("L", (700, 500), 255)
    line = draw_number("4711", gap=100)
    for top in (0, 170):
        page.paste(line, (60, top), line.point(lambda grey: 255 - grey))

    assert reader.read(draw_digit("7")).text == "0"
    assert reader.read(page).text == "", "It looked for several digits, and found none."
