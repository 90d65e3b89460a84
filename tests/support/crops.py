"""The lone digit's ink, for the tests."""

from functools import partial
from typing import NamedTuple

import numpy as np

from digit_model.lines.draft import Draft, scale_box
from digit_model.lines.segment import find_digit, label_strokes, take_all
from digit_model.picture.image import Picture, open_picture
from digit_model.picture.ink import SMALL_PICTURE, extract_ink


class Crop(NamedTuple):
    """A digit's ink, and its `(left, top, width, height)`."""

    ink: np.ndarray
    box: tuple[int, int, int, int]


def ink_of(picture: Picture) -> np.ndarray:
    """The ink in whatever `open_picture` opens."""
    image, _ = open_picture(picture)
    return extract_ink(image)


def find_digits(ink: np.ndarray) -> list[Crop]:
    """The digit's crop, or none."""
    found = take_all(ink) if max(ink.shape) <= SMALL_PICTURE else find_digit(label_strokes(ink))
    draft = Draft(*found, 1, partial(scale_box, 1.0))
    return [Crop(pixels, draft.box(run)) for run, pixels in draft.unseen()]
