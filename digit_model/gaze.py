"""A picture -> the marks in it, looked for coarse to fine."""

from typing import NamedTuple

import numpy as np
from PIL import Image

from digit_model.spots import Spots, find_spots
from digit_model.spotter import Spotter

GLANCES = (160, 416, 1120)  # Pixels, longer side of the picture at each look.
LARGEST = 1600  # Pixels, longer side of any look.
ENLARGED = 2.5  # Times, at most, that a picture is enlarged.
GOOD = 26.0  # Pixels: digits so high are read as they are;
LEAST = 8.0  # lower ones, but for these, are looked at again
BEST = 40.0  # where they are so high.


class View(NamedTuple):
    """The marks in a picture, as they were found.

    Attributes:
        spots: the marks.
        scale: pixels of the view for one of the picture.
    """

    spots: Spots
    scale: float


def look(spotter: Spotter, picture: Image.Image) -> View:
    """Look for digits until they are found at a size at which the network sees them well.

    Args:
        spotter: the network.
        picture: mode "L".
    """
    longer = max(picture.size)
    best, most = None, -1
    for side in GLANCES:
        scale = min(side / longer, ENLARGED)
        view = _look_once(spotter, picture, scale)
        numbers = view.spots.digits()
        if len(numbers) >= most:
            best, most = view, len(numbers)
        if len(numbers):
            height = float(np.median(view.spots.heights(numbers)))
            if height >= GOOD:
                break
            nearer = min(scale * BEST / height, LARGEST / longer, ENLARGED)
            if height >= LEAST and nearer > 1.2 * scale:
                view = _look_once(spotter, picture, nearer)
                if len(view.spots.digits()) >= most:
                    best, most = view, len(view.spots.digits())
                break
        if scale == ENLARGED or side >= longer:
            break
    assert best is not None
    return best


def _look_once(spotter: Spotter, picture: Image.Image, scale: float) -> View:
    size = [max(8, round(scale * side)) for side in picture.size]
    way = Image.Resampling.BICUBIC if scale > 1 else Image.Resampling.BOX
    page = np.asarray(picture.resize((size[0], size[1]), way))
    return View(find_spots(spotter(page)), scale)
