"""A picture -> the marks in it, looked for coarse to fine."""

from typing import NamedTuple

import numpy as np
from PIL import Image

from digit_model.lines.spots import Spots, find_spots
from digit_model.lines.spotter import Spotter

GLANCES = (96, 224, 512, 960)  # Pixels, longer side of the picture at each look.
LARGEST = 960  # Pixels, longer side of any look: it takes some 120 MB.
ENLARGED = 2.5  # Times, at most, that a picture is enlarged.
CLEAR = 0.9  # Mean probability of a digit, from which what is seen is no mistake.
GOOD = 32.0  # Pixels: digits so high are read as they are;
PROBABILITY_FLOOR = 8.0  # lower ones, but for these, are looked at again
BEST = 44.0  # where they are so high,
AROUND = 3.0  # and so many heights around them;
CLOSER = 0.6  # what is seen there counts if it is so much of what was seen before, at least.


class View(NamedTuple):
    """The marks in a part of a picture.

    Attributes:
        spots: the marks.
        scale: pixels of the view for one of the picture.
        left: of the part, in pixels of the picture.
        top: the same.
    """

    spots: Spots
    scale: float
    left: float
    top: float

    def corners(self, bounds: tuple[int, int, int, int]) -> np.ndarray:
        """Where in the picture a part of the view is.

        Args:
            bounds: top, left, bottom, right, in pixels of the view.

        Returns:
            float `(4, 2)`, x and y of its corners, in pixels of the picture.
        """
        top, left, bottom, right = bounds
        corners = np.array([(x, y) for x in (left, right) for y in (top, bottom)])
        return np.asarray((corners - self.spots.margin) / self.scale + (self.left, self.top))

    def evidence(self) -> float:
        """How much there is that speaks for digits: the sum of their probabilities."""
        numbers = self.spots.digits()
        return float(self.spots.digit[numbers].sum())


def look(spotter: Spotter, picture: Image.Image) -> View:
    """Look for digits until they are found at a size at which the network sees them well.

    Args:
        spotter: the network.
        picture: mode "L".
    """
    longer = max(picture.size)
    best: View | None = None
    for side in GLANCES:
        scale = min(side / longer, ENLARGED)
        view = _look_once(spotter, picture, scale)
        if best is None or view.evidence() >= best.evidence():
            best = view
        numbers = view.spots.digits()
        nearest = scale == ENLARGED or side >= longer
        if len(numbers) and (nearest or view.evidence() >= CLEAR * len(numbers)):
            height = float(np.median(view.spots.heights(numbers)))
            if height >= GOOD:
                break
            left, top, right, bottom = part = _part(view, numbers, AROUND * height, picture.size)
            most = LARGEST / max(right - left, bottom - top)
            nearer = min(scale * BEST / height, most, ENLARGED)
            if height >= PROBABILITY_FLOOR and nearer > 1.2 * scale:
                closer = _look_once(spotter, picture, nearer, part)
                if closer.evidence() >= CLOSER * best.evidence():
                    best = closer
                break
        if nearest:
            break
    assert best is not None
    return best


def _part(
    view: View, numbers: np.ndarray, around: float, size: tuple[int, int]
) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of what holds some marks, in the picture's pixels."""
    boxes = view.spots.boxes[numbers] - view.spots.margin
    low = (boxes[:, 1::-1].min(axis=0) - around) / view.scale
    high = (boxes[:, :1:-1].max(axis=0) + around) / view.scale
    left, top = np.maximum(low, 0).tolist()
    right, bottom = np.minimum(high, size).tolist()
    return left, top, right, bottom


def _look_once(
    spotter: Spotter,
    picture: Image.Image,
    scale: float,
    part: tuple[float, float, float, float] | None = None,
) -> View:
    """Look at a picture, or a part of it, at a scale."""
    left, top, right, bottom = part or (0, 0, *picture.size)
    size = [max(8, round(scale * side)) for side in (right - left, bottom - top)]
    way = Image.Resampling.BICUBIC if scale > 1 else Image.Resampling.BOX
    page = np.asarray(picture.resize((size[0], size[1]), way, (left, top, right, bottom)))
    return View(find_spots(spotter(page)), scale, left, top)
