"""Letters, symbols, doodles and scrawls, as pen strokes that are no digit."""

import functools
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from HersheyFonts import HersheyFonts

from digit_model.training.drawings import DOODLES, LETTERS, NEAR_DIGITS
from digit_model.training.strokes import PEN_TO_SIDE_RANGE, draw_style, rotation, smooth_curve

# Characters of the Latin fonts below that do not look like digits, unlike O, l, S or brackets.
UNLIKE_DIGITS = "#$%&*+:;<=>?@ACEFHKMNPRUVWXYacdefhjkmnprtuvwxy"
# Font -> characters. A. V. Hershey's fonts (1967) consist of single pen strokes.
GLYPHS = {
    "futural": UNLIKE_DIGITS + "^Zz",
    "rowmans": UNLIKE_DIGITS + "^Zz",
    "scripts": UNLIKE_DIGITS,
    "timesi": UNLIKE_DIGITS + "Zz",
    "greeks": "ACDEGJKLMNPQRUVWXacgjklmpuvwx",
    "symbolic": "ACDEGJKLMNOPQRSTUVWXYZ[]^_`abcdefghjkmnop",
    "mathlow": "\"#$'<=>?^_abcdefghijklno",
}
DOODLE_PEN_TO_SIDE = (0.02, 0.11)  # As in `strokes`, but thin: a broad pen would fill doodles.
NEAR_DIGIT_SHARE = 0.6  # Share of `NEAR_DIGITS` among the letters.
EXTRA_SHAPES = (2, 9)  # Shapes of a scrawl beside the first: 2 to 8.


class Drawing(NamedTuple):
    """Pen strokes.

    Attributes:
        paths: the strokes, each float `(n, 2)`: x and y, y down, in any unit.
        pens: smallest and largest width of the pen, as a share of the drawing's longer side.
    """

    paths: list[np.ndarray]
    pens: tuple[float, float] = PEN_TO_SIDE_RANGE


Drawer = Callable[[np.random.Generator], Drawing]


def draw_glyph(random: np.random.Generator) -> Drawing:
    """Draw a printed letter or symbol, bent as if by hand."""
    glyphs = _load_glyphs()
    strokes = glyphs[random.integers(len(glyphs))]
    points = np.concatenate(strokes)
    low, size = points.min(axis=0), np.ptp(points, axis=0).max()
    strength, wave = random.uniform(0, 0.06), random.uniform(1, 4, (2, 2))
    phase = random.uniform(0, 2 * np.pi, 2)
    paths = []
    for stroke in strokes:
        path = (stroke - low) / size
        offset = random.normal(0, 0.03, 2)  # Strokes written by hand do not meet exactly.
        paths.append(path + offset + strength * np.sin(path @ wave + phase))
    return Drawing(paths)


def draw_letter(random: np.random.Generator) -> Drawing:
    """Draw a handwritten letter or sign."""
    styles = NEAR_DIGITS if random.random() < NEAR_DIGIT_SHARE else LETTERS
    return Drawing(draw_style(random.choice(styles), random))


def draw_doodle(random: np.random.Generator) -> Drawing:
    """Draw a doodle of a thing, stretched, mirrored or rotated."""
    paths = _vary_pose(draw_style(random.choice(DOODLES), random), random)
    return Drawing(paths, DOODLE_PEN_TO_SIDE)


def draw_scrawl(random: np.random.Generator) -> Drawing:
    """Draw shapes of several kinds and sizes on top of each other, or one long scribble."""
    if random.random() < 0.2:
        points = random.uniform(0, 1, (random.integers(9, 25), 2))
        return Drawing([smooth_curve(points)], DOODLE_PEN_TO_SIDE)
    paths = [_draw_shape(random) * np.array([1, random.uniform(0.3, 1)])]
    paths += [
        random.uniform(-0.5, 0.5, 2) + random.uniform(0.15, 0.7) * _draw_shape(random)
        for _ in range(random.integers(*EXTRA_SHAPES))
    ]
    return Drawing(paths, DOODLE_PEN_TO_SIDE)


def draw_dial(random: np.random.Generator) -> Drawing:
    """Draw a closed outline with hands, ticks or shapes in it, like a clock."""
    paths = [_draw_outline(random.uniform(0.7, 1.4), random)]
    centre = random.uniform(-0.08, 0.08, 2)
    for _ in range(random.integers(2, 6)):
        angle = random.uniform(0, 2 * np.pi)
        towards = np.array([np.cos(angle), np.sin(angle)])
        kind = random.integers(3)
        if kind == 0:  # A hand of a clock.
            paths.append(np.array([centre, centre + random.uniform(0.25, 0.45) * towards]))
        elif kind == 1:  # A tick.
            paths.append(np.array([random.uniform(0.2, 0.35) * towards, 0.48 * towards]))
        else:  # Another shape.
            away = random.uniform(0.1, 0.25) * towards
            paths.append(away + random.uniform(0.2, 0.4) * _draw_shape(random))
    return Drawing(paths, DOODLE_PEN_TO_SIDE)


def draw_rod(random: np.random.Generator) -> Drawing:
    """Draw something long and thin with two sides: a pencil, a knife, a plank."""
    half, tip = random.uniform(0.06, 0.13), random.uniform(0, 0.25)
    paths = [np.array([(1, half), (0, half), (0, -half), (1, -half), (1 + tip, 0), (1, half)])]
    for _ in range(random.integers(0, 4)):  # Bands across the rod.
        place = random.uniform(0, 1)
        paths.append(np.array([(place, half), (place, -half)]))
    if random.random() < 0.2:  # A line along the rod.
        paths.append(np.array([(0, 0), (1, 0)]) + random.uniform(-half, half, 2) * [0, 1])
    paths = [path + random.normal(0, 0.012, path.shape) for path in paths]
    turn = rotation(random.uniform(0, 2 * np.pi))
    # The pen must be thin enough to leave the rod hollow: a filled rod looks like a 1.
    return Drawing([path @ turn for path in paths], (0.02, half / 1.5))


def draw_wheels(random: np.random.Generator) -> Drawing:
    """Draw two wheels with bars between them: a bicycle, a cart, a pram."""
    distance = np.array([random.uniform(1.1, 2.2), random.normal(0, 0.08)])
    rings = [
        random.uniform(0.7, 1) * _draw_outline(random.uniform(0.85, 1.2), random) for _ in range(2)
    ]
    paths = [rings[0], rings[1] + distance]
    height = random.uniform(0.5, 1.3)
    for number in range(random.integers(2, 6)):
        bar = random.uniform((-0.2, -height), (distance[0] + 0.2, 0.1), (random.integers(2, 5), 2))
        if number == 0:  # The first bar goes from hub to hub.
            bar = np.concatenate([np.zeros((1, 2)), bar[bar[:, 0].argsort()], [distance]])
        paths.append(bar + random.normal(0, 0.05, 2))
    return Drawing(paths, DOODLE_PEN_TO_SIDE)


# Each function that draws, and its share of all frames of what is not a digit.
DRAWERS: list[tuple[Drawer, float]] = [
    (draw_letter, 0.36),
    (draw_glyph, 0.14),
    (draw_doodle, 0.15),
    (draw_scrawl, 0.09),
    (draw_dial, 0.07),
    (draw_rod, 0.09),
    (draw_wheels, 0.06),
]


@functools.cache
def _load_glyphs() -> list[list[np.ndarray]]:
    """Load the strokes of every glyph of `GLYPHS`, each float `(n, 2)`."""
    font, glyphs = HersheyFonts(), []
    for name, characters in GLYPHS.items():
        font.load_default_font(name)
        for character in characters:
            strokes = [np.array(list(stroke), float) for stroke in font.strokes_for_text(character)]
            glyphs.append([stroke for stroke in strokes if len(stroke) > 1])
    return glyphs


def _vary_pose(paths: list[np.ndarray], random: np.random.Generator) -> list[np.ndarray]:
    """Mirror, stretch and rotate strokes at random."""
    stretch = np.exp(random.normal(0, 0.25, 2)) * [random.choice([-1, 1]), 1]
    angle = random.normal(0, 0.8) if random.random() < 0.4 else 0
    return [path * stretch @ rotation(angle) for path in paths]


def _draw_outline(breadth: float, random: np.random.Generator) -> np.ndarray:
    """Draw a round or square outline around the origin by hand, float `(n, 2)`."""
    angle = np.linspace(0, 2 * np.pi * random.uniform(0.97, 1.05), 40) + random.uniform(0, 7)
    power = random.uniform(2, 5)  # Exponent of a superellipse: 2 is round, 5 nearly square.
    radius = (abs(np.cos(angle)) ** power + abs(np.sin(angle)) ** power) ** (-1 / power)
    radius += sum(
        random.normal(0, 0.03) * np.sin(k * angle + random.uniform(0, 7)) for k in (1, 2, 3)
    )
    return 0.5 * np.stack([breadth * radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def _draw_shape(random: np.random.Generator) -> np.ndarray:
    """Draw a polygon, a zigzag or an open curve around the origin, float `(n, 2)`."""
    kind = random.integers(4)
    if kind == 0:
        return smooth_curve(random.uniform(-0.5, 0.5, (random.integers(3, 7), 2)))
    if kind == 1:
        across = np.linspace(-0.5, 0.5, random.integers(4, 9))
        height = random.uniform(0.1, 0.4) * (-1.0) ** np.arange(len(across))
        return np.stack([across, height], axis=1)
    corners = int(random.choice([2, 3, 4, 5, 30]))
    angle = np.linspace(0, 2 * np.pi, corners + 1) + random.uniform(0, 2 * np.pi)
    return 0.5 * np.stack([np.cos(angle), random.uniform(0.3, 1) * np.sin(angle)], axis=1)
