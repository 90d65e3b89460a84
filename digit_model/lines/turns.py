"""A sheet that lies anyhow -> the marks on it, upright."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from PIL import Image
from scipy.spatial import cKDTree

from digit_model.limits import MAX_STROKES
from digit_model.lines.gaze import View, look
from digit_model.lines.kinds import DIGIT_KINDS, UNLIKELY
from digit_model.lines.spots import UPRIGHT, Spots, nearest_turn
from digit_model.lines.spotter import Spotter

CERTAIN = math.log(0.8)  # Marks that are so surely digits, on average, stand upright.
STEEPEST = 60.0  # Degrees: what runs steeper may be a column.
HOPELESS = math.log(0.05)  # Marks that are less surely digits, on average, are a texture.
ASKED = 12  # Marks, the likeliest: they tell as much as all.
EVEN = 0.05  # A logarithm: marks that look no worse by more lean with their line.
FAVOUR = 0.5  # A logarithm: so much likelier is it that a sheet lies as its picture does.

# Gives for each of some marks how probably it is of each kind, float `(n, KINDS)`.
Judge = Callable[[Spots, np.ndarray], np.ndarray]


class Upright(NamedTuple):
    """What is seen of a picture once it is turned so that its writing runs from left to right.

    Attributes:
        view: of the turned picture.
        turn: degrees by which it was turned clockwise.
        before: its size as it was, in pixels.
        after: its size as it is now.
    """

    view: View
    turn: float
    before: tuple[int, int]
    after: tuple[int, int]

    def locate(self, scale: float, bounds: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
        """Where in a picture a part of the view is: `(left, top, width, height)`.

        Args:
            scale: pixels of that picture for one of the picture that was looked at.
            bounds: top, left, bottom, right, in pixels of the view.
        """
        angle = np.deg2rad(self.turn)
        back = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        places = (self.view.corners(bounds) - np.array(self.after) / 2) @ back.T
        places = scale * (places + np.array(self.before) / 2)
        left, top = np.rint(places.min(axis=0)).astype(int).tolist()
        right, bottom = np.rint(places.max(axis=0)).astype(int).tolist()
        return left, top, right - left, bottom - top


def look_upright(spotter: Spotter, picture: Image.Image, judge: Judge) -> Upright | None:
    """Look for digits, and again where the picture lies on a side, on its head or askew.

    Args:
        spotter: finds them.
        picture: mode "L".
        judge: tells what they are, once they are upright.

    Returns:
        None where they look like none, whichever way they lie, or are more than on any sheet. What
        the marks are is then what both the spotter and the judge say.
    """
    view = look(spotter, picture)
    if len(view.spots.digits()) > MAX_STROKES:
        return None
    turn = find_turn(view.spots, judge)
    if turn is None:
        return None
    size = picture.size
    if turn:
        paper = int(np.median(np.asarray(picture)))
        picture = picture.rotate(-turn, Image.Resampling.BICUBIC, expand=True, fillcolor=paper)
        view = look(spotter, picture)
    return Upright(view._replace(spots=_name(view.spots, judge)), turn, size, picture.size)


def find_turn(spots: Spots, judge: Judge) -> float | None:
    """Try the turns that a sheet may have, until its marks look like digits.

    Args:
        spots: the marks as they were found.
        judge: tells what they are.

    Returns:
        Degrees by which the sheet is to be turned clockwise so that the writing runs from left to
        right; None where the marks look like no digits, whichever way they lie.
    """
    marks = spots.digits()
    if len(marks) < 2:
        return 0.0
    marks = marks[np.argsort(-spots.digit[marks], kind="stable")[:ASKED]]
    best, now = 0.0, _likely(judge, spots, marks)
    along = _line_angle(spots, marks)
    if UPRIGHT < abs(along) < STEEPEST:
        leaning = _likely(judge, spots.turned(along), marks)
        if leaning >= now - EVEN:
            best, now = along, leaning
    if now >= CERTAIN:
        return best
    most = now + FAVOUR
    for degrees in {90.0, 180.0, -90.0, along, along - 180, spots.turn()}:
        likely = _likely(judge, spots.turned(degrees), marks)
        if likely > most:
            best, most = nearest_turn(degrees), likely
    return best if most > HOPELESS else None


def _name(spots: Spots, judge: Judge) -> Spots:
    """Upright marks, with the spotter's opinion of each and the judge's multiplied."""
    marks = np.arange(1, len(spots.kinds))
    both = spots.kinds[marks].clip(UNLIKELY) * judge(spots, marks).clip(UNLIKELY)
    kinds = spots.kinds.copy()
    kinds[marks] = both / both.sum(axis=1, keepdims=True)
    return spots._replace(kinds=kinds)


def _likely(judge: Judge, spots: Spots, marks: np.ndarray) -> float:
    """How probably some marks are their best digits, the mean of the logarithms."""
    best = judge(spots, marks)[:, :DIGIT_KINDS].max(axis=1)
    return float(np.log(best.clip(UNLIKELY)).mean())


def _line_angle(spots: Spots, marks: np.ndarray) -> float:
    """Degrees, counterclockwise, by which the line from each mark to the nearest rises."""
    boxes = spots.boxes[marks]
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    _, nearest = cKDTree(middles).query(middles, k=2)
    down, right = (middles[nearest[:, 1]] - middles).T
    # Twice the angle is the same from either end.
    double = 2 * np.arctan2(-down, right)
    return float(np.rad2deg(np.arctan2(np.sin(double).sum(), np.cos(double).sum()) / 2))
