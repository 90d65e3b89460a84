"""Marks on a sheet that lies anyhow -> the same, upright."""

import math
from collections.abc import Callable

import numpy as np
from scipy.spatial import cKDTree

from digit_model.lines.spots import Spots

CERTAIN = math.log(0.8)  # Marks that are so surely digits, on average, stand upright.
FAVOUR = 2.0  # A logarithm: so much likelier is it that a sheet lies as its picture does.

# Gives for each of some marks how probably it is its best digit, as logarithms, float `(n,)`.
Judge = Callable[[Spots, np.ndarray], np.ndarray]


def set_upright(spots: Spots, judge: Judge) -> Spots:
    """Try the turns that a sheet may have, until its marks look like digits.

    Args:
        spots: as they were found.
        judge: tells how much they look like digits.

    Returns:
        The marks, turned so that the writing runs from left to right.
    """
    marks = spots.digits()
    if len(marks) < 2:
        return spots
    best, most = spots, float(judge(spots, marks).mean()) + FAVOUR
    if most - FAVOUR >= CERTAIN:
        return spots
    along = _line_angle(spots, marks)
    for degrees in {90.0, 180.0, -90.0, along, along - 180, spots.turn()}:
        turned = spots.turned(degrees)
        likely = -math.inf if turned is spots else float(judge(turned, marks).mean())
        if likely > most:
            best, most = turned, likely
    return best


def _line_angle(spots: Spots, marks: np.ndarray) -> float:
    """Degrees, counterclockwise, by which the line from each mark to the nearest rises."""
    boxes = spots.boxes[marks]
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    _, nearest = cKDTree(middles).query(middles, k=2)
    down, right = (middles[nearest[:, 1]] - middles).T
    # Twice the angle is the same from either end.
    double = 2 * np.arctan2(-down, right)
    return float(np.rad2deg(np.arctan2(np.sin(double).sum(), np.cos(double).sum()) / 2))
