"""Training frames of what is not a digit: letters, symbols, doodles, scrawls, blots and texture.

A network that has seen only digits calls everything a digit. These frames teach it to refuse.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
from scipy.ndimage import gaussian_filter

from digit_model.model.artefact import NOT_A_DIGIT
from digit_model.model.frame import MNIST_FRAME, frame_digit
from digit_model.training.data import Samples
from digit_model.training.doodles import DRAWERS, Drawer
from digit_model.training.strokes import draw_frame

Maker = Callable[[np.random.Generator], np.ndarray]


def make_negatives(count: int, seed: int) -> Samples:
    """Make `count` frames of what is not a digit, all labelled `NOT_A_DIGIT`."""
    random = np.random.default_rng(seed)
    makers = random.choice(len(MAKERS), count, p=[share for _, share in MAKERS])
    frames = [MAKERS[maker][0](random) for maker in makers]
    return Samples(
        np.array(frames, np.uint8).reshape(-1, MNIST_FRAME.side, MNIST_FRAME.side),
        np.full(count, NOT_A_DIGIT),
    )


def draw_blot(random: np.random.Generator) -> np.ndarray:
    """Draw a filled dot or patch with an uneven edge."""
    rows, columns = np.indices((40, 40)) - 20
    angle = np.arctan2(rows, columns * random.uniform(0.6, 1.4))
    edge = np.full(angle.shape, 14.0)
    for waves in (1, 2, 3, 5):
        edge += random.uniform(0, 4 / waves) * np.sin(waves * angle + random.uniform(0, 7))
    return frame_digit(((np.hypot(rows, columns) < edge) * 255).astype(np.uint8))


def draw_texture(random: np.random.Generator) -> np.ndarray:
    """Draw specks and patches, like worn paper or the edge of a shadow."""
    grain = gaussian_filter(random.normal(size=(40, 40)), random.uniform(1, 4, 2))
    marks = grain > np.quantile(grain, random.uniform(0.4, 0.9))
    return frame_digit((marks * 255).astype(np.uint8))


def _frame_drawing(draw: Drawer, random: np.random.Generator) -> np.ndarray:
    paths, pens = draw(random)
    return draw_frame(paths, random, pens)


# Each function that makes a frame, and its share of the frames.
MAKERS: list[tuple[Maker, float]] = [
    *((partial(_frame_drawing, draw), share) for draw, share in DRAWERS),
    (draw_blot, 0.02),
    (draw_texture, 0.02),
]
