"""Marks on a sheet that lies anyhow -> the same, upright."""

import math
from collections.abc import Callable

import numpy as np
from scipy.spatial import cKDTree

from digit_model.lines.gaze import View
from digit_model.lines.spots import UPRIGHT, Spots

CERTAIN = math.log(0.8)  # Marks that are so surely digits, on average, stand upright.
STEEPEST = 60.0  # Degrees: what runs steeper may be a column.
HOPELESS = math.log(0.05)  # Marks that are less surely digits, on average, are a texture.
ASKED = 12  # Marks, the likeliest: they tell as much as all.
EVEN = 0.05  # A logarithm: marks that look no worse by more lean with their line.
FAVOUR = 0.5  # A logarithm: so much likelier is it that a sheet lies as its picture does.

# Gives for each of some marks how probably it is its best digit, as logarithms, float `(n,)`.
Judge = Callable[[Spots, np.ndarray], np.ndarray]


def set_upright(view: View, judge: Judge) -> View | None:
    """Try the turns that a sheet may have, until its marks look like digits.

    Args:
        view: as it was found.
        judge: tells how much its marks look like digits.

    Returns:
        The view, turned so that the writing runs from left to right; None where the marks look
        like no digits, whichever way they lie.
    """
    spots = view.spots
    marks = spots.digits()
    if len(marks) < 2:
        return view
    marks = marks[np.argsort(-spots.digit[marks], kind="stable")[:ASKED]]
    now, along = float(judge(spots, marks).mean()), _line_angle(spots, marks)
    if UPRIGHT < abs(along) < STEEPEST:
        leaning = view.turned(along)
        then = float(judge(leaning.spots, marks).mean())
        if then >= now - EVEN:
            view, spots, now = leaning, leaning.spots, then
    if now >= CERTAIN:
        return view
    best, most = view, now + FAVOUR
    for degrees in {90.0, 180.0, -90.0, along, along - 180, spots.turn()}:
        turned = view.turned(degrees)
        likely = float(judge(turned.spots, marks).mean())
        if likely > most:
            best, most = turned, likely
    return best if most > HOPELESS else None


def _line_angle(spots: Spots, marks: np.ndarray) -> float:
    """Degrees, counterclockwise, by which the line from each mark to the nearest rises."""
    boxes = spots.boxes[marks]
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    _, nearest = cKDTree(middles).query(middles, k=2)
    down, right = (middles[nearest[:, 1]] - middles).T
    # Twice the angle is the same from either end.
    double = 2 * np.arctan2(-down, right)
    return float(np.rad2deg(np.arctan2(np.sin(double).sum(), np.cos(double).sum()) / 2))
