"""What marks are made after."""

from collections.abc import Sequence

import numpy as np

from digit_model.training.data import Samples
from digit_model.training.drawings import DOODLES, LETTERS, NEAR_DIGITS
from digit_model.training.strokes import STYLES, draw_style

VARIANTS = 8  # Of each style's strokes.
INK = 0.15  # Of full ink: less is paper.


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
