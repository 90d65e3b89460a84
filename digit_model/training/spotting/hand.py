"""A person's handwriting, and how strokes are drawn in it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from digit_model.training.strokes import draw_stroke, pose_paths

OVERSAMPLE = 2  # Factor of enlargement before averaging, as Pillow draws hard edges.
MAX_SIDE = 400  # Pixels; longer side of a mark's drawing.
FEW_FANCY = 0.01  # Share of digits that an ordinary hand outlines, and share that it dots.
MANY_FANCY = 0.9  # Share of digits that a fancy hand outlines or dots.
FANCY_HANDS = 0.05  # Share of hands that outline most digits; as many make most digits of dots.


class Mark(NamedTuple):
    """A mark that is not on a sheet yet.

    Attributes:
        ink: float32 `(height, width)`, 0 paper .. 1 ink.
        kind: one of `digit_model.lines.kinds`.
        top: distance from the top of the digits beside it down to its ink, in pixels.
        shown: what is drawn instead of the ink, an outline or dots, of the same shape and dtype;
            None where the ink itself is drawn.
    """

    ink: np.ndarray
    kind: int
    top: float = 0.0
    shown: np.ndarray | None = None


class Hand(NamedTuple):
    """A person's handwriting.

    Attributes:
        pen: width of the stroke, as a share of a digit's height.
        slant: shift to the right per row upwards, in pixels per pixel.
        breadth: logarithm of the factor by which digits are broadened.
        drawn: share of the digits that are drawn from strokes; the others are MNIST's.
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
    """Draw a person's handwriting at random."""
    return Hand(
        pen=float(np.exp(random.uniform(*np.log((0.03, 0.22))))),
        slant=random.normal(0.05, 0.2),
        breadth=random.normal(0, 0.2),
        drawn=random.choice([0.0, 0.5, 1.0], p=[0.3, 0.2, 0.5]),
        hollow=MANY_FANCY if random.random() < FANCY_HANDS else FEW_FANCY,
        dotted=MANY_FANCY if random.random() < FANCY_HANDS else FEW_FANCY,
    )


def shape_paths(
    paths: Sequence[np.ndarray], random: np.random.Generator, hand: Hand
) -> list[np.ndarray]:
    """Give strokes, each `(n, 2)`, x and y, y down, a hand's slant and breadth."""
    breadth = np.exp(hand.breadth + random.normal(0, 0.1))
    slant = hand.slant + random.normal(0, 0.06)
    return pose_paths(paths, random.normal(0, 0.06), slant, breadth)


def render(
    paths: Sequence[np.ndarray],
    height: float,
    pen: float,
    align_to: Sequence[np.ndarray] | None = None,
) -> np.ndarray:
    """Draw strokes with a round pen.

    Args:
        paths: the strokes, each float `(n, 2)`: x and y, y down.
        height: height without the pen, in pixels; a broad or a tiny drawing is lower.
        pen: width of the stroke, in pixels.
        align_to: other strokes, drawn before; this drawing gets their scale and place.

    Returns:
        float32 `(height, width)`, 0 paper .. 1 ink.
    """
    points = np.concatenate(align_to or paths)
    low, high = points.min(axis=0), points.max(axis=0)
    box_height, box_width = (high - low)[1], (high - low)[0]
    scale = OVERSAMPLE * height / max(box_height, 0.55 * box_width, 0.3)
    width = max(OVERSAMPLE, OVERSAMPLE * pen)
    size = np.minimum(np.ceil((high - low) * scale + 2 * width), OVERSAMPLE * MAX_SIDE).astype(int)
    size = -(-size // OVERSAMPLE) * OVERSAMPLE
    picture = Image.new("L", (int(size[0]), int(size[1])))
    pencil = ImageDraw.Draw(picture)
    for path in paths:
        draw_stroke(pencil, (path - low) * scale + width, width, ink=255)
    return np.asarray(picture.reduce(OVERSAMPLE), np.float32) / 255
