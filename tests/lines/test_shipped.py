"""The spotter that comes with the code, on paper as it is."""

import hashlib
import json

import pytest
from PIL import Image, ImageDraw, ImageOps

from digit_model import Reader
from digit_model.reader import SPOTTER_FOLDER
from tests.support.strokes import draw_digit

SIDE = 90  # Pixels, of a cell.


def in_boxes(text: str) -> Image.Image:
    """Digits, each in a box of its own that touches the next."""
    picture = Image.new("L", (SIDE * len(text) + 60, SIDE + 60), "white")
    pencil = ImageDraw.Draw(picture)
    for place, digit in enumerate(text):
        left = 30 + SIDE * place
        picture.paste(draw_digit(digit, SIDE - 20, 5), (left + 10, 40))
        pencil.rectangle((left, 30, left + SIDE, 30 + SIDE), outline=90, width=3)
    return picture


def test_a_box_round_each_digit_is_no_digit(reader: Reader) -> None:
    """Otherwise every form is read as a row of ones."""
    reading = reader.read(in_boxes("3617"))

    assert reading.text == "3617"
    for place, digit in enumerate(reading.digits):
        left, top, width, height = digit.box
        assert 30 + SIDE * place <= left < left + width <= 30 + SIDE * (place + 1)
        assert 30 <= top < top + height <= 30 + SIDE


@pytest.mark.parametrize("angle", [0, 90])
def test_a_dark_form_is_read_as_well_as_one_on_its_side(reader: Reader, angle: int) -> None:
    """Otherwise a photo must be taken as the form lies."""
    form = ImageOps.invert(in_boxes("5724")).rotate(angle, expand=True)

    assert reader.read(form).text == "5724"


def test_its_files_are_those_that_were_checked() -> None:
    """Otherwise it is another network than the one whose making is told."""
    config = json.loads((SPOTTER_FOLDER / "spotter.json").read_text(encoding="utf-8"))

    assert "train_spotter" in config["training"]["command"]
    for name, digest in config["sha256"].items():
        assert hashlib.sha256((SPOTTER_FOLDER / name).read_bytes()).hexdigest() == digest
