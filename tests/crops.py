"""The lone digit's ink, for the tests."""

from typing import NamedTuple

import numpy as np

from digit_model.draft import Draft
from digit_model.ink import Ink


class Crop(NamedTuple):
    """A digit's ink, and its `(left, top, width, height)`."""

    ink: np.ndarray
    box: tuple[int, int, int, int]


def find_digits(ink: np.ndarray) -> list[Crop]:
    """The digit's crop, or none."""
    draft = Draft(Ink(ink), digits=1)
    return [Crop(pixels, draft.box(run)) for run, pixels in draft.unseen()]
