"""Draws signs, in the size and place that they have among digits."""

import numpy as np

from digit_model.lines.kinds import kind_of_sign
from digit_model.training.spotting.hand import Hand, Mark, render

# Strokes in heights of a digit, y down. Signs that `lines.kinds` does not name are of kind `OTHER`.
SIGN_STROKES: dict[str, list[list[tuple[float, float]]]] = {
    "slash": [[(0.5, -0.05), (0, 1.05)]],
    "minus": [[(0, 0.55), (0.5, 0.53)]],
    "point": [[(0, 0.97), (0.02, 1)]],
    "comma": [[(0.12, 0.9), (0.02, 1.15)]],
    "plus": [[(0, 0.5), (0.6, 0.5)], [(0.3, 0.2), (0.3, 0.8)]],
    "colon": [[(0, 0.35), (0.01, 0.37)], [(0, 0.8), (0.01, 0.82)]],
    "equals": [[(0, 0.42), (0.5, 0.4)], [(0, 0.65), (0.5, 0.63)]],
    "open": [[(0.25, -0.05), (0.05, 0.2), (0, 0.5), (0.05, 0.8), (0.25, 1.05)]],
    "close": [[(0, -0.05), (0.2, 0.2), (0.25, 0.5), (0.2, 0.8), (0, 1.05)]],
    "hash": [
        [(0.3, 0), (0.15, 1)],
        [(0.6, 0), (0.45, 1)],
        [(0, 0.35), (0.75, 0.3)],
        [(0, 0.7), (0.7, 0.65)],
    ],
    "percent": [
        [(0.75, 0), (0.05, 1)],
        [(0.15, 0), (0.3, 0.15), (0.15, 0.32), (0, 0.17), (0.15, 0)],
        [(0.6, 0.68), (0.75, 0.83), (0.6, 1), (0.45, 0.84), (0.6, 0.68)],
    ],
    "times": [[(0, 0.25), (0.5, 0.8)], [(0.5, 0.25), (0, 0.8)]],
    "star": [[(0.2, 0), (0.2, 0.45)], [(0, 0.12), (0.4, 0.34)], [(0.4, 0.1), (0, 0.36)]],
    "degree": [[(0.12, 0), (0, 0.12), (0.12, 0.25), (0.25, 0.13), (0.12, 0)]],
    "dollar": [
        [
            (0.5, 0.15),
            (0.25, 0.05),
            (0.02, 0.25),
            (0.25, 0.5),
            (0.5, 0.72),
            (0.25, 0.95),
            (0, 0.85),
        ],
        [(0.28, -0.12), (0.24, 1.12)],
    ],
    "euro": [
        [(0.6, 0.12), (0.4, 0), (0.15, 0.25), (0.12, 0.75), (0.4, 1), (0.62, 0.88)],
        [(0, 0.4), (0.45, 0.38)],
        [(0, 0.6), (0.42, 0.58)],
    ],
}
SIGN_KINDS = {"comma": "point"}  # Signs that are labelled as another sign.
# Relative frequency of each sign.
SIGN_WEIGHTS = {
    "slash": 4,
    "minus": 4,
    "point": 4,
    "comma": 3,
    "plus": 3,
    "colon": 1.5,
    "equals": 1.5,
    "open": 1,
    "close": 1,
    "hash": 1.5,
    "percent": 1.5,
    "times": 1.5,
    "star": 0.7,
    "degree": 0.7,
    "dollar": 1,
    "euro": 1,
}


def draw_sign(name: str, height: float, hand: Hand, random: np.random.Generator) -> Mark:
    """Draw a sign for digits of a height in pixels; its name is a key of `SIGN_STROKES`."""
    strokes = [np.array(stroke) + random.normal(0, 0.025, 2) for stroke in SIGN_STROKES[name]]
    points = np.concatenate(strokes)
    sign_height = np.ptp(points[:, 1])
    pen = max(1.0, hand.pen * height * (1.3 if name in ("point", "colon") else 1))
    size = height * float(np.exp(random.normal(0, 0.15)))
    # This height cancels the scaling in `render`, which depends on the shape of the strokes.
    ink = render(strokes, size * max(sign_height, 0.55 * float(np.ptp(points[:, 0])), 0.3), pen)
    kind = kind_of_sign(SIGN_KINDS.get(name, name))
    return Mark(ink, kind, height * float(points[:, 1].min()) - pen / 2)


def draw_any_sign(height: float, hand: Hand, random: np.random.Generator) -> Mark:
    """Draw a sign at random, common ones more often."""
    weights = np.array([*SIGN_WEIGHTS.values()])
    name = str(random.choice([*SIGN_WEIGHTS], p=weights / weights.sum()))
    return draw_sign(name, height, hand, random)
