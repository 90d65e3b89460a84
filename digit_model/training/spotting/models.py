"""The examples after which marks are drawn."""

from collections.abc import Sequence

import numpy as np

from digit_model.training.data import Samples
from digit_model.training.drawings import DOODLES, LETTERS, NEAR_DIGITS
from digit_model.training.strokes import draw_style
from digit_model.training.styles import STYLES

VARIANTS = 8  # Number of drawings of each style.
MIN_INK = 0.15  # Share of full ink; fainter pixels count as paper.


class Models:
    """MNIST's digits, and strokes of digits, letters and doodles.

    The strokes are drawn in advance, because their curves take most of the time of a page.

    Args:
        samples: digits of MNIST's training part.
        random: varies the strokes.
        variants: how many drawings are made of each style.
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
        """Choose one of MNIST's frames of a digit, uint8 `(height, width)`, cropped to its ink."""
        frames = self._frames[label]
        frame = frames[random.integers(len(frames))]
        rows, columns = np.nonzero(frame > 255 * MIN_INK)
        return np.pad(frame[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1], 1)
