"""What is not a digit: letters, symbols, doodles, scrawls, blots and texture.

A network that has seen digits alone calls anything a digit. These teach it to refuse.
"""

import functools
from collections.abc import Callable

import numpy as np
from HersheyFonts import HersheyFonts
from scipy.ndimage import gaussian_filter

from digit_model.model.artefact import NOT_A_DIGIT
from digit_model.model.frame import MNIST_FRAME, frame_digit
from digit_model.training.data import Samples
from digit_model.training.drawings import DOODLES, LETTERS, NEAR_DIGITS
from digit_model.training.strokes import draw_frame, draw_style, rotation, smooth_curve

# Glyphs that nobody would take for a digit, of A. V. Hershey's fonts (1967), whose strokes
# are those of a pen. O, l, S, b, g, brackets and other look-alikes are left out.
PRINTED = "#$%&*+:;<=>?@ACEFHKMNPRUVWXYacdefhjkmnprtuvwxy"
GLYPHS = {
    "futural": PRINTED + "^Zz",
    "rowmans": PRINTED + "^Zz",
    "scripts": PRINTED,
    "timesi": PRINTED + "Zz",
    "greeks": "ACDEGJKLMNPQRUVWXacgjklmpuvwx",
    "symbolic": "ACDEGJKLMNOPQRSTUVWXYZ[]^_`abcdefghjkmnop",
    "mathlow": "\"#$'<=>?^_abcdefghijklno",
}
PENS = (0.02, 0.11)  # Of a doodle's longer side: a broad pen would fill it.
NEAR = 0.6  # Share of the letters that are nearest to a digit.
SHAPES = (2, 9)  # In a scrawl, at least, and one more than at most.

Maker = Callable[[np.random.Generator], np.ndarray]


def make_negatives(count: int, seed: int) -> Samples:
    """So many frames of what is not a digit, all labelled `NOT_A_DIGIT`."""
    random = np.random.default_rng(seed)
    makers = random.choice(len(MAKERS), count, p=[share for _, share in MAKERS])
    frames = [MAKERS[maker][0](random) for maker in makers]
    return Samples(
        np.array(frames, np.uint8).reshape(-1, MNIST_FRAME.side, MNIST_FRAME.side),
        np.full(count, NOT_A_DIGIT),
    )


def glyph(random: np.random.Generator) -> np.ndarray:
    """A letter or symbol, bent as by a hand."""
    glyphs = _load_glyphs()
    strokes = glyphs[random.integers(len(glyphs))]
    points = np.concatenate(strokes)
    low, size = points.min(axis=0), np.ptp(points, axis=0).max()
    strength, wave = random.uniform(0, 0.06), random.uniform(1, 4, (2, 2))
    phase = random.uniform(0, 2 * np.pi, 2)
    paths = []
    for stroke in strokes:
        path = (stroke - low) / size
        apart = random.normal(0, 0.03, 2)  # Each stroke starts a little off its place.
        paths.append(path + apart + strength * np.sin(path @ wave + phase))
    return draw_frame(paths, random)


def letter(random: np.random.Generator) -> np.ndarray:
    """A letter or sign as a hand writes it."""
    styles = NEAR_DIGITS if random.random() < NEAR else LETTERS
    return draw_frame(draw_style(random.choice(styles), random), random)


def doodle(random: np.random.Generator) -> np.ndarray:
    """A thing that people doodle, larger or smaller in each direction, mirrored or turned."""
    return draw_frame(_pose(draw_style(random.choice(DOODLES), random), random), random, PENS)


def scrawl(random: np.random.Generator) -> np.ndarray:
    """Shapes of several kinds and sizes in one place, or one long scribble."""
    if random.random() < 0.2:
        points = random.uniform(0, 1, (random.integers(9, 25), 2))
        return draw_frame([smooth_curve(points)], random, PENS)
    paths = [_shape(random) * np.array([1, random.uniform(0.3, 1)])]
    paths += [
        random.uniform(-0.5, 0.5, 2) + random.uniform(0.15, 0.7) * _shape(random)
        for _ in range(random.integers(*SHAPES))
    ]
    return draw_frame(paths, random, PENS)


def dial(random: np.random.Generator) -> np.ndarray:
    """A closed outline with hands, ticks or shapes in it."""
    paths = [_outline(random.uniform(0.7, 1.4), random)]
    centre = random.uniform(-0.08, 0.08, 2)
    for _ in range(random.integers(2, 6)):
        angle = random.uniform(0, 2 * np.pi)
        towards = np.array([np.cos(angle), np.sin(angle)])
        kind = random.integers(3)
        if kind == 0:  # A hand,
            paths.append(np.array([centre, centre + random.uniform(0.25, 0.45) * towards]))
        elif kind == 1:  # a tick
            paths.append(np.array([random.uniform(0.2, 0.35) * towards, 0.48 * towards]))
        else:  # or something else.
            away = random.uniform(0.1, 0.25) * towards
            paths.append(away + random.uniform(0.2, 0.4) * _shape(random))
    return draw_frame(paths, random, PENS)


def rod(random: np.random.Generator) -> np.ndarray:
    """Something long and thin with two sides: a pencil, a knife, a plank."""
    half, tip = random.uniform(0.06, 0.13), random.uniform(0, 0.25)
    paths = [np.array([(1, half), (0, half), (0, -half), (1, -half), (1 + tip, 0), (1, half)])]
    for _ in range(random.integers(0, 4)):  # Bands across it,
        place = random.uniform(0, 1)
        paths.append(np.array([(place, half), (place, -half)]))
    if random.random() < 0.2:  # and a stroke along it.
        paths.append(np.array([(0, 0), (1, 0)]) + random.uniform(-half, half, 2) * [0, 1])
    paths = [path + random.normal(0, 0.012, path.shape) for path in paths]
    turn = rotation(random.uniform(0, 2 * np.pi))
    # The pen leaves it hollow: filled, it is a 1.
    return draw_frame([path @ turn for path in paths], random, pens=(0.02, half / 1.5))


def wheels(random: np.random.Generator) -> np.ndarray:
    """Two rings and what they carry between them: a bicycle, a cart, a pram."""
    apart = np.array([random.uniform(1.1, 2.2), random.normal(0, 0.08)])
    rings = [random.uniform(0.7, 1) * _outline(random.uniform(0.85, 1.2), random) for _ in range(2)]
    paths = [rings[0], rings[1] + apart]
    height = random.uniform(0.5, 1.3)
    for number in range(random.integers(2, 6)):
        joint = random.uniform((-0.2, -height), (apart[0] + 0.2, 0.1), (random.integers(2, 5), 2))
        if number == 0:  # One goes from hub to hub.
            joint = np.concatenate([np.zeros((1, 2)), joint[joint[:, 0].argsort()], [apart]])
        paths.append(joint + random.normal(0, 0.05, 2))
    return draw_frame(paths, random, PENS)


def blot(random: np.random.Generator) -> np.ndarray:
    """A dot or a patch, filled and uneven."""
    rows, columns = np.indices((40, 40)) - 20
    angle = np.arctan2(rows, columns * random.uniform(0.6, 1.4))
    edge = np.full(angle.shape, 14.0)
    for waves in (1, 2, 3, 5):
        edge += random.uniform(0, 4 / waves) * np.sin(waves * angle + random.uniform(0, 7))
    return frame_digit(((np.hypot(rows, columns) < edge) * 255).astype(np.uint8))


def texture(random: np.random.Generator) -> np.ndarray:
    """Specks and patches, as of worn paper or a shadow's edge."""
    grain = gaussian_filter(random.normal(size=(40, 40)), random.uniform(1, 4, 2))
    marks = grain > np.quantile(grain, random.uniform(0.4, 0.9))
    return frame_digit((marks * 255).astype(np.uint8))


# Each way of making what is not a digit, and its share.
MAKERS: list[tuple[Maker, float]] = [
    (letter, 0.36),
    (glyph, 0.14),
    (doodle, 0.15),
    (scrawl, 0.09),
    (dial, 0.07),
    (rod, 0.09),
    (wheels, 0.06),
    (blot, 0.02),
    (texture, 0.02),
]


@functools.cache
def _load_glyphs() -> list[list[np.ndarray]]:
    """The strokes of every glyph, each float `(n, 2)`."""
    font, glyphs = HersheyFonts(), []
    for name, characters in GLYPHS.items():
        font.load_default_font(name)
        for character in characters:
            strokes = [np.array(list(stroke), float) for stroke in font.strokes_for_text(character)]
            glyphs.append([stroke for stroke in strokes if len(stroke) > 1])
    return glyphs


def _pose(paths: list[np.ndarray], random: np.random.Generator) -> list[np.ndarray]:
    """The strokes, mirrored, stretched or turned as a doodle may be."""
    stretch = np.exp(random.normal(0, 0.25, 2)) * [random.choice([-1, 1]), 1]
    angle = random.normal(0, 0.8) if random.random() < 0.4 else 0
    return [path * stretch @ rotation(angle) for path in paths]


def _outline(breadth: float, random: np.random.Generator) -> np.ndarray:
    """A round or square outline about the origin, drawn by hand, float `(n, 2)`."""
    angle = np.linspace(0, 2 * np.pi * random.uniform(0.97, 1.05), 40) + random.uniform(0, 7)
    corners = random.uniform(2, 5)  # The exponent of a superellipse.
    radius = (abs(np.cos(angle)) ** corners + abs(np.sin(angle)) ** corners) ** (-1 / corners)
    radius += sum(
        random.normal(0, 0.03) * np.sin(k * angle + random.uniform(0, 7)) for k in (1, 2, 3)
    )
    return 0.5 * np.stack([breadth * radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def _shape(random: np.random.Generator) -> np.ndarray:
    """A polygon, a zigzag or an open curve about the origin, float `(n, 2)`."""
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
