"""A picture -> the marks in it, searched from coarse to fine."""

from typing import NamedTuple

import numpy as np
from PIL import Image

from digit_model.lines.spots import Spots, find_spots
from digit_model.lines.spotter import Spotter

LOOK_SIDES = (96, 224, 512, 960)  # Pixels, longer side of the picture at each look.
MAX_SIDE = 960  # Pixels, longer side of any look; such a look takes 120 MB of memory.
MAX_SCALE = 2.5  # Largest factor by which a picture is enlarged.
SURE_PROBABILITY = 0.9  # Mean digit probability from which a look needs no larger one.
READABLE_HEIGHT = 32.0  # Pixels: digits of this height need no closer look.
MIN_HEIGHT = 8.0  # Pixels: lower digits need the next larger look before a closer one.
BEST_HEIGHT = 44.0  # Pixels, height of the digits in a closer look.
AROUND_TO_HEIGHT = 3.0  # Margin around the digits in a closer look, divided by their height.
MIN_ZOOM = 1.2  # Scale of a closer look, divided by the last look's: less shows hardly more.
MIN_CLOSER_EVIDENCE = 0.6  # Share of the best evidence that a closer look must have to count.


class Window(NamedTuple):
    """A part of a picture that the spotter looked at, at a scale, and the marks in it.

    Attributes:
        spots: the marks.
        scale: pixels of the window for each pixel of the picture.
        left: left edge of the part, in pixels of the picture.
        top: top edge of the part, in pixels of the picture.
    """

    spots: Spots
    scale: float
    left: float
    top: float

    def corners(self, bounds: tuple[int, int, int, int]) -> np.ndarray:
        """Find the corners, in the picture, of a part of the window.

        Args:
            bounds: top, left, bottom, right, in pixels of the window.

        Returns:
            float `(4, 2)`, x and y, in pixels of the picture.
        """
        top, left, bottom, right = bounds
        corners = np.array([(x, y) for x in (left, right) for y in (top, bottom)])
        return np.asarray((corners - self.spots.margin) / self.scale + (self.left, self.top))

    def evidence(self) -> float:
        """Return the sum of the digits' probabilities."""
        marks = self.spots.digits()
        return float(self.spots.digit[marks].sum())


def look(spotter: Spotter, picture: Image.Image) -> Window:
    """Look for digits at larger and larger sizes, then closer at small ones that were found.

    Args:
        spotter: the network.
        picture: an image of mode "L".
    """
    longer = max(picture.size)
    best: Window | None = None
    for side in LOOK_SIDES:
        scale = min(side / longer, MAX_SCALE)
        window = _look_once(spotter, picture, scale)
        if best is None or window.evidence() >= best.evidence():
            best = window
        marks = window.spots.digits()
        is_largest = scale == MAX_SCALE or side >= longer
        if len(marks) and (is_largest or window.evidence() >= SURE_PROBABILITY * len(marks)):
            height = float(np.median(window.spots.longer_sides(marks)))
            if height >= READABLE_HEIGHT:
                break
            left, top, right, bottom = part = _bounds(
                window, marks, AROUND_TO_HEIGHT * height, picture.size
            )
            max_scale = MAX_SIDE / max(right - left, bottom - top)
            closer_scale = min(scale * BEST_HEIGHT / height, max_scale, MAX_SCALE)
            if height >= MIN_HEIGHT and closer_scale > MIN_ZOOM * scale:
                closer = _look_once(spotter, picture, closer_scale, part)
                if closer.evidence() >= MIN_CLOSER_EVIDENCE * best.evidence():
                    best = closer
                break
        if is_largest:
            break
    assert best is not None
    return best


def _bounds(
    window: Window, marks: np.ndarray, margin: float, size: tuple[int, int]
) -> tuple[float, float, float, float]:
    """Find left, top, right, bottom of marks and a margin, in the picture's pixels."""
    boxes = window.spots.boxes[marks] - window.spots.margin
    low = (boxes[:, 1::-1].min(axis=0) - margin) / window.scale
    high = (boxes[:, :1:-1].max(axis=0) + margin) / window.scale
    left, top = np.maximum(low, 0).tolist()
    right, bottom = np.minimum(high, size).tolist()
    return left, top, right, bottom


def _look_once(
    spotter: Spotter,
    picture: Image.Image,
    scale: float,
    part: tuple[float, float, float, float] | None = None,
) -> Window:
    """Look at a picture, or a part of it, at a scale."""
    left, top, right, bottom = part or (0, 0, *picture.size)
    size = [max(8, round(scale * side)) for side in (right - left, bottom - top)]
    resampling = Image.Resampling.BICUBIC if scale > 1 else Image.Resampling.BOX
    page = np.asarray(picture.resize((size[0], size[1]), resampling, (left, top, right, bottom)))
    return Window(find_spots(spotter(page)), scale, left, top)
