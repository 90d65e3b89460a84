"""How somebody writes, and what strokes look like by that hand."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from digit_model.training.strokes import draw_stroke, rotation

SMOOTH = 2  # Drawn so many times as large and averaged, because Pillow draws hard edges.
LARGEST = 400  # Pixels, longer side of a mark's drawing.
# Shares of the digits that are outlined, or made of dots: of most hands, and of few.
FANCY, ALL_FANCY = 0.01, 0.9
FANCY_HANDS = 0.05  # Share of the hands that outline most digits; as many make them of dots.


class Mark(NamedTuple):
    """A mark by itself.

    Attributes:
        ink: float32 `(height, width)`, 0 paper .. 1 ink.
        kind: one of `digit_model.lines.kinds`.
        top: how far its ink starts below the top of the digits beside it, in pixels.
        shown: float32, as large, what is really drawn where only an outline or dots stand for the
            ink; None where it is the ink.
    """

    ink: np.ndarray
    kind: int
    top: float = 0.0
    shown: np.ndarray | None = None


class Hand(NamedTuple):
    """How somebody writes, for the length of a number.

    Attributes:
        pen: width of the stroke, of a digit's height.
        slant: columns a row.
        breadth: logarithm of how much broader the digits are.
        drawn: share of the digits that are drawn; the others are MNIST's.
        hollow: share of the digits that are outlined.
        dotted: share of the drawn digits that are made of dots.
    """

    pen: float
    slant: float
    breadth: float
    drawn: float
    hollow: float
    dotted: float


def choose_hand(random: np.random.Generator) -> Hand:
    """Somebody's hand."""
    return Hand(
        pen=float(np.exp(random.uniform(*np.log((0.03, 0.22))))),
        slant=random.normal(0.05, 0.2),
        breadth=random.normal(0, 0.2),
        drawn=random.choice([0.0, 0.5, 1.0], p=[0.3, 0.2, 0.5]),
        hollow=ALL_FANCY if random.random() < FANCY_HANDS else FANCY,
        dotted=ALL_FANCY if random.random() < FANCY_HANDS else FANCY,
    )


def shape_paths(
    paths: Sequence[np.ndarray], random: np.random.Generator, hand: Hand
) -> list[np.ndarray]:
    """Strokes `(n, 2)`, x and y, y down, with a hand's slant and breadth."""
    breadth = np.exp(hand.breadth + random.normal(0, 0.1))
    slant = hand.slant + random.normal(0, 0.06)
    shape = rotation(random.normal(0, 0.06)) @ np.array([[breadth, -slant], [0, 1]])
    return [path @ shape.T for path in paths]


def render(
    paths: Sequence[np.ndarray], height: float, pen: float, like: Sequence[np.ndarray] | None = None
) -> np.ndarray:
    """Draw strokes with a round pen.

    Args:
        paths: the strokes, each float `(n, 2)`: x and y, y down.
        height: of the drawing without the pen, in pixels.
        pen: width of the stroke, in pixels.
        like: other strokes, whose drawing this one is to lie on.

    Returns:
        float32 `(height, width)`, 0 paper .. 1 ink.
    """
    points = np.concatenate(like or paths)
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
