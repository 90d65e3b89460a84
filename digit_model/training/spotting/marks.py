"""Single marks as a hand makes them: digits, signs, letters and doodles."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

from digit_model.kinds import OTHER, kind_of_sign
from digit_model.training.data import Samples
from digit_model.training.drawings import DOODLES, LETTERS, NEAR_DIGITS
from digit_model.training.strokes import STYLES, draw_stroke, draw_style, rotation

SMOOTH = 2  # Drawn so many times as large and averaged, because Pillow draws hard edges.
LARGEST = 400  # Pixels, longer side of a mark's drawing.
INK = 0.15  # Of full ink: less is paper.

# Strokes of signs, in heights of a digit; the names are those of `digit_model.kinds`, or none.
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
}
SIGN_KINDS = {"comma": "point"}  # Those that count as another.
# How often a sign stands among digits.
SIGN_SHARES = {
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
}
HOLLOW, DOTTED = 0.01, 0.015  # Shares of the digits that are outlined, or made of dots,
LEAST_FANCY = 30  # pixels high at least.
VARIANTS = 8  # Of each style's strokes.


class Mark(NamedTuple):
    """A mark by itself.

    Attributes:
        ink: float32 `(height, width)`, 0 paper .. 1 ink.
        kind: one of `digit_model.kinds`.
        top: how far its ink starts below the top of the digits beside it, in pixels.
    """

    ink: np.ndarray
    kind: int
    top: float = 0.0


class Hand(NamedTuple):
    """How somebody writes, for the length of a number.

    Attributes:
        pen: width of the stroke, of a digit's height.
        slant: columns a row.
        breadth: logarithm of how much broader the digits are.
        drawn: share of the digits that are drawn; the others are MNIST's.
        hollow: share of the digits that are outlined.
    """

    pen: float
    slant: float
    breadth: float
    drawn: float
    hollow: float


class Models:
    """What marks are made after: MNIST's digits, and strokes of digits, letters and doodles.

    Strokes are drawn from their styles some times in advance, because their curves take longer
    than all the rest.

    Args:
        samples: digits of MNIST's training part.
        random: draws the strokes.
        variants: how often each style is drawn.
    """

    def __init__(
        self, samples: Samples, random: np.random.Generator, variants: int = VARIANTS
    ) -> None:
        self._frames = [samples.frames[samples.labels == label] for label in range(10)]

        def draw(styles: Sequence[str]) -> list[list[np.ndarray]]:
            return [draw_style(style, random) for style in styles for _ in range(variants)]

        self.digits = [draw(STYLES[label]) for label in range(10)]
        self.near_digits, self.letters, self.doodles = map(draw, (NEAR_DIGITS, LETTERS, DOODLES))

    def frame(self, label: int, random: np.random.Generator) -> np.ndarray:
        """One of MNIST's frames of a digit, uint8 `(height, width)`, cropped to its ink."""
        frames = self._frames[label]
        frame = frames[random.integers(len(frames))]
        rows, columns = np.nonzero(frame > 255 * INK)
        return np.pad(frame[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1], 1)


def choose_hand(random: np.random.Generator) -> Hand:
    """Somebody's hand."""
    return Hand(
        pen=float(np.exp(random.uniform(*np.log((0.03, 0.22))))),
        slant=random.normal(0.05, 0.2),
        breadth=random.normal(0, 0.2),
        drawn=random.choice([0.0, 0.5, 1.0], p=[0.3, 0.2, 0.5]),
        hollow=0.9 if random.random() < 0.04 else HOLLOW,
    )


def draw_paths(
    paths: Sequence[np.ndarray], height: float, pen: float, random: np.random.Generator, hand: Hand
) -> np.ndarray:
    """Draw strokes with a hand's slant and breadth.

    Args:
        paths: the strokes, each float `(n, 2)`: x and y, y down.
        height: of the drawing without the pen, in pixels.
        pen: width of the stroke, in pixels.
        random: small differences.
        hand: whose.

    Returns:
        float32 `(height, width)`, 0 paper .. 1 ink.
    """
    breadth = np.exp(hand.breadth + random.normal(0, 0.1))
    slant = hand.slant + random.normal(0, 0.06)
    shape = rotation(random.normal(0, 0.06)) @ np.array([[breadth, -slant], [0, 1]])
    return render([path @ shape.T for path in paths], height, pen)


def render(paths: Sequence[np.ndarray], height: float, pen: float) -> np.ndarray:
    """Strokes `(n, 2)`, drawn so high with a round pen: float32 `(height, width)`."""
    points = np.concatenate(paths)
    low, high = points.min(axis=0), points.max(axis=0)
    tall, wide = (high - low)[1], (high - low)[0]
    scale = SMOOTH * height / max(tall, 0.55 * wide, 0.3)
    width = max(SMOOTH, SMOOTH * pen)
    size = np.minimum(np.ceil((high - low) * scale + 2 * width), SMOOTH * LARGEST).astype(int)
    size = -(-size // SMOOTH) * SMOOTH
    picture = Image.new("L", (int(size[0]), int(size[1])))
    pencil = ImageDraw.Draw(picture)
    for path in paths:
        draw_stroke(pencil, (path - low) * scale + width, width, ink=255)
    return np.asarray(picture.reduce(SMOOTH), np.float32) / 255


def draw_digit(
    label: int, height: float, hand: Hand, models: Models, random: np.random.Generator
) -> Mark:
    """A digit in somebody's hand, drawn or one of MNIST's."""
    if random.random() < hand.drawn:
        paths = _choose(models.digits[label], random)
        if height >= LEAST_FANCY and random.random() < DOTTED:
            paths = _dots(paths, random.uniform(1.3, 2.2) * hand.pen)
        ink = draw_paths(paths, height, hand.pen * height, random, hand)
    else:
        ink = _enlarge(models.frame(label, random), height, random)
    if height >= LEAST_FANCY and random.random() < hand.hollow:
        ink = _outline(ink, height, random)
    return Mark(ink, label)


def draw_sign(name: str, height: float, hand: Hand, random: np.random.Generator) -> Mark:
    """A sign as it stands beside digits of a height."""
    strokes = [np.array(stroke) + random.normal(0, 0.025, 2) for stroke in SIGN_STROKES[name]]
    points = np.concatenate(strokes)
    tall = np.ptp(points[:, 1])
    pen = max(1.0, hand.pen * height * (1.3 if name in ("point", "colon") else 1))
    size = height * float(np.exp(random.normal(0, 0.15)))
    # `render` makes what is drawn so high; what is broad and low is scaled by its breadth.
    ink = render(strokes, size * max(tall, 0.55 * float(np.ptp(points[:, 0])), 0.3), pen)
    kind = kind_of_sign(SIGN_KINDS.get(name, name))
    return Mark(ink, kind, height * float(points[:, 1].min()) - pen / 2)


def draw_any_sign(height: float, hand: Hand, random: np.random.Generator) -> Mark:
    """One of the signs, the usual ones more often."""
    shares = np.array([*SIGN_SHARES.values()])
    name = str(random.choice([*SIGN_SHARES], p=shares / shares.sum()))
    return draw_sign(name, height, hand, random)


def draw_letter(height: float, hand: Hand, models: Models, random: np.random.Generator) -> Mark:
    """A letter or sign that is no digit; those nearest to a digit more often."""
    paths = _choose(models.near_digits if random.random() < 0.5 else models.letters, random)
    return Mark(draw_paths(paths, height, hand.pen * height, random, hand), OTHER)


def draw_doodle(height: float, hand: Hand, models: Models, random: np.random.Generator) -> Mark:
    """A thing that people doodle."""
    paths = _choose(models.doodles, random)
    stretch = np.exp(random.normal(0, 0.2, 2)) * [random.choice([-1, 1]), 1]
    pen = min(hand.pen, 0.1) * height
    return Mark(render([path * stretch for path in paths], height, pen), OTHER)


def _choose(drawn: list[list[np.ndarray]], random: np.random.Generator) -> list[np.ndarray]:
    return drawn[random.integers(len(drawn))]


def _enlarge(frame: np.ndarray, height: float, random: np.random.Generator) -> np.ndarray:
    """A frame's digit at another size, with a pen as sharp and a little thinner or thicker."""
    rows = max(6, round(height))
    columns = max(4, round(rows * frame.shape[1] / frame.shape[0] * np.exp(random.normal(0, 0.1))))
    large = Image.fromarray(frame).resize((columns, rows), Image.Resampling.BICUBIC)
    ink = np.asarray(large, np.float32) / 255
    enlarged = rows / frame.shape[0]
    if enlarged < 1:
        return ink
    if enlarged > 1.5:
        ink = ndimage.gaussian_filter(ink, enlarged / 4)
    edge = random.uniform(0.3, 0.65)
    sharp: np.ndarray = ((ink - edge) * enlarged * random.uniform(1.2, 2.5) + 0.5).clip(0, 1)
    return sharp


def _outline(ink: np.ndarray, height: float, random: np.random.Generator) -> np.ndarray:
    """The outline of a digit instead of its stroke."""
    line = height * random.uniform(0.02, 0.04)
    fat = max(1.0, height * random.uniform(0.03, 0.08))
    black = np.pad(ink > 0.5, round(fat + line) + 1)
    distance = ndimage.distance_transform_edt(~black)
    outlined: np.ndarray = (line / 2 + 0.5 - abs(distance - fat)).clip(0, 1)
    return outlined.astype(np.float32)


def _dots(paths: Sequence[np.ndarray], pitch: float) -> list[np.ndarray]:
    """Strokes of one point each, so far apart along strokes `(n, 2)`."""
    dots = []
    for path in paths:
        along = np.concatenate([[0], np.hypot(*np.diff(path, axis=0).T).cumsum()])
        places = np.arange(0, along[-1], pitch)
        dots += [np.stack([np.interp(places, along, path[:, axis]) for axis in (0, 1)], axis=1)]
    return [point[None] + [[0, 0], [1e-3, 0]] for line in dots for point in line]
