"""The lone digit's ink, for the tests."""

import numpy as np

from digit_model.draft import Draft
from digit_model.ink import Ink
from digit_model.segment import Crop


def find_digits(ink: np.ndarray) -> list[Crop]:
    """The digit's crop, or none."""
    draft = Draft(Ink(ink), digits=1)
    return [Crop(pixels, draft.box(run)) for run, pixels in draft.unseen()]
