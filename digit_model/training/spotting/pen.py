"""Writes numbers with a pen, and what is drawn around them."""

import numpy as np

from digit_model.training.strokes import draw_style, pose_paths
from digit_model.training.styles import STYLES

# The strokes of signs, in heights of a digit, as in `styles.STYLES`.
SIGNS = {
    "/": [[(0, 1.05), (0.35, -0.05)]],
    "-": [[(0, 0.5), (0.4, 0.5)]],
    ".": [[(0, 0.97), (0.02, 0.99)]],
    ",": [[(0.08, 0.92), (0, 1.15)]],
    "+": [[(0, 0.5), (0.5, 0.5)], [(0.25, 0.25), (0.25, 0.77)]],
}


def write_number(pattern: str, random: np.random.Generator) -> tuple[list[np.ndarray], str]:
    """Write a number in one hand.

    Args:
        pattern: "0" for any digit, or a sign in `SIGNS`.
        random: draws the digits and the hand.

    Returns:
        The pen strokes, each float `(n, 2)`, in hundredths of a digit's height, and the digits.
    """
    slant, width = random.normal(0, 0.2), np.exp(random.normal(0, 0.25))
    gap = random.uniform(-0.03, 0.27)
    right, paths, text = 0.0, [], ""
    for place, letter in enumerate(pattern):
        if letter in SIGNS:
            parts = [np.array(path) + random.normal(0, 0.03, (2, 2)) for path in SIGNS[letter]]
            step = random.uniform(0.08, 0.3)
        else:
            label = int(random.integers(10))
            size = np.exp(random.normal(0, 0.1))
            style = str(random.choice(STYLES[label]))
            parts = [size * path for path in draw_style(style, random)]
            parts = pose_paths(parts, 0.0, slant, width)
            parts = [path + np.array([0, random.normal(0, 0.06)]) for path in parts]
            step = gap * random.uniform(0.5, 1.5)
            text += str(label)
            if place and pattern[place - 1] in SIGNS:
                step = random.uniform(0.08, 0.3)
        left, far = (edge(np.concatenate(parts)[:, 0]) for edge in (np.min, np.max))
        paths += [100 * (path + np.array([right + step - left, 0])) for path in parts]
        right += step + far - left
    return paths, text


def surround(paths: list[np.ndarray], random: np.random.Generator) -> list[np.ndarray]:
    """Draw a line below or beside what is written, or a box, a ring or cells around it.

    Args:
        paths: as `write_number` returns them.
        random: chooses what is drawn, and where.

    Returns:
        The strokes that were added.
    """
    points = np.concatenate(paths)
    left, top = points.min(axis=0) - random.uniform(10, 60, 2)
    right, bottom = points.max(axis=0) + random.uniform(10, 60, 2)
    box = np.array([(left, top), (right, top), (right, bottom), (left, bottom), (left, top)])
    kind = random.integers(5)
    if kind == 0:
        return [box[2:4] - [0, 10]]
    if kind == 1:
        return [box[1:3]]
    if kind == 2:
        return [box]
    if kind == 3:
        angle = np.linspace(0, 6.5, 60)
        circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        return [(box[0] + box[2]) / 2 + (box[2] - box[0]) * random.uniform(0.6, 0.8) * circle]
    columns = np.linspace(left, right, random.integers(3, 7))
    return [box[:2], box[2:4], *(np.array([(x, top), (x, bottom)]) for x in columns)]
