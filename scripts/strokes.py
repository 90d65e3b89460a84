"""Ten digits as pen strokes, for the tests and for scripts that draw on the page."""

import numpy as np

Point = tuple[float, float]


def _arc(centre: Point, radii: Point, start: float, end: float) -> list[Point]:
    """Make an elliptic arc; angles are in degrees, clockwise from the right."""
    angles = np.radians(np.linspace(start, end, 24))
    x, y = centre[0] + radii[0] * np.cos(angles), centre[1] + radii[1] * np.sin(angles)
    return list(zip(x.tolist(), y.tolist(), strict=True))


# Pen strokes of each digit in a unit square, y down.
STROKES: dict[str, list[list[Point]]] = {
    "0": [_arc((0.5, 0.5), (0.3, 0.42), -90, 270)],
    "1": [[(0.5, 0.08), (0.5, 0.92)]],
    "2": [[*_arc((0.5, 0.32), (0.28, 0.24), -180, 35), (0.22, 0.9), (0.8, 0.9)]],
    "3": [
        [
            *_arc((0.48, 0.29), (0.26, 0.21), -150, 90),
            *_arc((0.48, 0.71), (0.3, 0.21), -90, 150),
        ]
    ],
    "4": [[(0.42, 0.08), (0.18, 0.6), (0.82, 0.6)], [(0.64, 0.3), (0.64, 0.94)]],
    "5": [[(0.75, 0.1), (0.32, 0.1), (0.28, 0.45), *_arc((0.48, 0.66), (0.29, 0.25), -120, 140)]],
    "6": [[(0.62, 0.08), (0.36, 0.4), *_arc((0.5, 0.68), (0.24, 0.24), -180, 180)]],
    "7": [[(0.2, 0.12), (0.8, 0.12), (0.42, 0.92)]],
    "8": [
        [
            *_arc((0.5, 0.29), (0.2, 0.21), 90, -270),
            *_arc((0.5, 0.71), (0.25, 0.21), -90, 270),
        ]
    ],
    "9": [_arc((0.48, 0.32), (0.24, 0.24), 0, -360), [(0.72, 0.32), (0.66, 0.92)]],
}
