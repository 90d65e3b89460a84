"""A sheet in any orientation -> the marks on it, upright."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from PIL import Image
from scipy.spatial import cKDTree

from digit_model.limits import MAX_STROKES
from digit_model.lines.gaze import Window, look
from digit_model.lines.kinds import DIGIT_KINDS, MIN_KIND
from digit_model.lines.spots import UPRIGHT_DEGREES, Spots, nearest_turn
from digit_model.lines.spotter import Spotter

UPRIGHT_SCORE = math.log(0.8)  # Mean log probability from which marks are upright for certain.
STEEPEST_DEGREES = 60.0  # Degrees: steeper writing may be a column.
MIN_SCORE = math.log(0.05)  # Mean log probability below which the marks are a texture.
MAX_ASKED = 12  # Marks, the most probable, that the judge sees at each turn.
TIE_LOG = 0.05  # Log probability: if turning by the line's slope loses less, the marks are turned.
FAVOUR_LOG = 0.5  # Log prior for the picture's own orientation, relative to any other.

# Names marks: the probability of each kind, float `(n, KINDS)`. `closeups.Closeups` is one.
Judge = Callable[[Spots, np.ndarray], np.ndarray]


class Upright(NamedTuple):
    """The window of a picture that was turned so that its writing runs from left to right.

    Attributes:
        window: the window of the turned picture.
        turn: degrees by which the picture was turned clockwise.
        before: width and height before the turn, in pixels.
        after: width and height after the turn, in pixels.
    """

    window: Window
    turn: float
    before: tuple[int, int]
    after: tuple[int, int]

    def locate(self, scale: float, bounds: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
        """Find the box `(left, top, width, height)` in a picture of a part of the window.

        Args:
            scale: pixels of that picture for each pixel of the unturned picture.
            bounds: top, left, bottom, right, in pixels of the window.
        """
        angle = np.deg2rad(self.turn)
        rotation = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        places = (self.window.corners(bounds) - np.array(self.after) / 2) @ rotation.T
        places = scale * (places + np.array(self.before) / 2)
        left, top = np.rint(places.min(axis=0)).astype(int).tolist()
        right, bottom = np.rint(places.max(axis=0)).astype(int).tolist()
        return left, top, right - left, bottom - top


def look_upright(spotter: Spotter, picture: Image.Image, judge: Judge) -> Upright | None:
    """Look for digits, and look again if the picture is sideways, upside down or askew.

    Args:
        spotter: finds the marks.
        picture: an image of mode "L".
        judge: classifies each upright mark.

    Returns:
        The upright window, its kinds combined from the spotter and the judge. None if the marks
        look like digits in no orientation, or are more than on any sheet.
    """
    window = look(spotter, picture)
    if len(window.spots.digits()) > MAX_STROKES:
        return None
    turn = find_turn(window.spots, judge)
    if turn is None:
        return None
    size = picture.size
    if turn:
        paper = int(np.median(np.asarray(picture)))
        picture = picture.rotate(-turn, Image.Resampling.BICUBIC, expand=True, fillcolor=paper)
        window = look(spotter, picture)
    window = window._replace(spots=_combine_kinds(window.spots, judge))
    return Upright(window, turn, size, picture.size)


def find_turn(spots: Spots, judge: Judge) -> float | None:
    """Find the turn after which the marks of a sheet look most like digits.

    Args:
        spots: the marks as they were found.
        judge: classifies each mark.

    Returns:
        Degrees by which to turn the sheet clockwise so that the writing runs from left to right;
        None if the marks look like digits in no orientation.
    """
    marks = spots.digits()
    if len(marks) < 2:
        return 0.0
    marks = marks[np.argsort(-spots.digit[marks], kind="stable")[:MAX_ASKED]]
    best, score = 0.0, _score(judge, spots, marks)
    slope = _find_line_angle(spots, marks)
    if UPRIGHT_DEGREES < abs(slope) < STEEPEST_DEGREES:
        leaning = _score(judge, spots.turned(slope), marks)
        if leaning >= score - TIE_LOG:
            best, score = slope, leaning
    if score >= UPRIGHT_SCORE:
        return best
    best_score = score + FAVOUR_LOG
    for degrees in {90.0, 180.0, -90.0, slope, slope - 180, spots.turn()}:
        turned_score = _score(judge, spots.turned(degrees), marks)
        if turned_score > best_score:
            best, best_score = nearest_turn(degrees), turned_score
    return best if best_score > MIN_SCORE else None


def _combine_kinds(spots: Spots, judge: Judge) -> Spots:
    """Multiply the kinds of upright marks by the judge's, and normalize them."""
    marks = np.arange(1, len(spots.kinds))
    product = spots.kinds[marks].clip(MIN_KIND) * judge(spots, marks).clip(MIN_KIND)
    kinds = spots.kinds.copy()
    kinds[marks] = product / product.sum(axis=1, keepdims=True)
    return spots._replace(kinds=kinds)


def _score(judge: Judge, spots: Spots, marks: np.ndarray) -> float:
    """Return the mean log probability of the marks' most probable digits."""
    best = judge(spots, marks)[:, :DIGIT_KINDS].max(axis=1)
    return float(np.log(best.clip(MIN_KIND)).mean())


def _find_line_angle(spots: Spots, marks: np.ndarray) -> float:
    """Find the mean angle from each mark to the nearest, in degrees counterclockwise."""
    boxes = spots.boxes[marks]
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    _, nearest = cKDTree(middles).query(middles, k=2)
    down, right = (middles[nearest[:, 1]] - middles).T
    # Doubled angles are the same from either end of a pair.
    double = 2 * np.arctan2(-down, right)
    return float(np.rad2deg(np.arctan2(np.sin(double).sum(), np.cos(double).sum()) / 2))
