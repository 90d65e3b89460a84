"""What an ablation of the reader leaves out, and how its table tells an effect from noise."""

from functools import cache

import numpy as np
import pytest

from digit_model import Reader
from digit_model.training.ablation import LEFT_OUT, reader_ablation_table
from digit_model.training.evaluation import share_row
from tests.support.photos import print_rules, take_photo
from tests.support.seven import SEVEN
from tests.support.strokes import draw_digit


@cache
def _pictures() -> dict[str, np.ndarray]:
    """For each ingredient, a picture that is read in another way without it."""
    photo = take_photo(SEVEN)
    y, x = np.indices(photo.shape)
    desk = np.random.default_rng(0).normal(40, 8, photo.shape).clip(0, 255).astype(np.uint8)
    desk[60:690, 150:850] = photo[60:690, 150:850] // 4 * 3 + 60
    ruled = print_rules(np.full(photo.shape, 255, np.uint8))
    stain = (y > 50) & (y < 70) & (x > 50) & (x < 150)
    apart = np.full((280, 280), 255, np.uint8)
    apart[60:240, 130:150], apart[30:45, 100:190] = 0, 0
    four, nine = (np.asarray(draw_digit(digit)) for digit in "49")
    return {
        "framing as MNIST's": four,
        "widening hairlines": np.asarray(draw_digit("7", 600, 4)),
        "joining a digit's parts": apart,
        "flattening the light": photo,
        "finding the sheet": desk,
        "removing ruled lines": ruled,
        "removing shadows' edges": take_photo(None) * np.where(x + 2 * y < 1100, 0.5, 1),
        "hysteresis": photo * np.where(stain, 0.65, 1),
        "five views of an unsure frame": np.minimum(four, nine),
    }


@pytest.mark.parametrize("name", LEFT_OUT)
def test_what_is_left_out_of_the_reader_is_there_otherwise(reader: Reader, name: str) -> None:
    """Otherwise the table compares the reader with itself."""
    picture = _pictures()[name].astype(np.uint8)

    def see(reader: Reader) -> tuple[float, list[bytes], bytes]:
        reading = reader.read(picture, 1)
        frames = [digit.frame.tobytes() for digit in reading.digits]
        return reading.log_odds, frames, reader.find_ink(picture).tobytes()

    whole = Reader(reader.classifier)
    without = Reader(reader.classifier, settings=LEFT_OUT[name])

    assert see(whole) == see(whole)
    assert see(whole) != see(without)


def test_the_table_marks_what_is_no_noise() -> None:
    """Otherwise one picture that is read another way counts as an effect."""
    row = share_row("photos", [True] * 90 + [False] * 10)
    rows = {
        "nothing": [row | {"lost": 0, "won": 0, "p": 1.0}],
        "much": [row | {"lost": 12, "won": 1, "p": 0.003}],
        "little": [row | {"lost": 1, "won": 0, "p": 1.0}],
    }

    assert reader_ablation_table(rows).splitlines() == [
        "| without | photos (100) | lost, won |",
        "|---|---:|---:|",
        "| nothing | 90.0 | −0 +0 |",
        "| much | **90.0** | **−12 +1** |",
        "| little | 90.0 | −1 +0 |",
    ]
