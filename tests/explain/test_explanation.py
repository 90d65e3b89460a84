"""Why a digit was read so."""

import numpy as np

from digit_model import Reader
from digit_model.explain.explanation import MAX_PAPER, explain
from tests.support.strokes import draw_digit


def test_ink_speaks_and_paper_does_not(reader: Reader) -> None:
    """Otherwise the page colours what nobody drew."""
    (digit,) = reader.read(draw_digit("4"), digits=1).digits

    why = explain(reader.classifier, digit.frame)

    ink = digit.frame > MAX_PAPER
    assert why.answer == 4
    assert why.rival != 4
    assert not why.spoke_for[~ink].any()
    assert not why.would_change[ink].any()
    assert why.spoke_for.max() > 0


def test_what_tells_a_digit_from_its_rival_speaks_most(reader: Reader) -> None:
    """Otherwise the map is decoration: the foot of a 7 with a bar is no reason for a 7."""

    class BarClassifier:
        """Takes what has ink in its top rows for a 7, and the rest for a 1."""

        def __call__(self, frames: np.ndarray) -> np.ndarray:
            top = frames[:, :10].mean(axis=(1, 2)) / 50
            probabilities = np.full((len(frames), 12), 1e-6, np.float32)
            probabilities[:, 7], probabilities[:, 1] = top, 0.05
            share: np.ndarray = probabilities / probabilities.sum(axis=1, keepdims=True)
            return share

        predict_once = __call__
        examples = None

    (digit,) = reader.read(draw_digit("7"), digits=1).digits

    why = explain(BarClassifier(), digit.frame)  # type: ignore[arg-type]

    assert (why.answer, why.rival) == (7, 1)
    assert why.spoke_for[:10].max() > 0.1
    assert np.allclose(why.spoke_for[15:], 0, atol=1e-6)


def test_it_shows_where_ink_would_change_the_answer() -> None:
    """Otherwise nobody learns what their open 4 lacks to be a 9."""

    class GapClassifier:
        """Takes what has ink at one place for a 9, and the rest for a 4."""

        def __call__(self, frames: np.ndarray) -> np.ndarray:
            closed = frames[:, 6:8, 14].mean(axis=1) > 128
            probabilities = np.full((len(frames), 12), 1e-6, np.float32)
            probabilities[:, 9], probabilities[:, 4] = 0.2 + 0.6 * closed, 0.8 - 0.6 * closed
            share: np.ndarray = probabilities / probabilities.sum(axis=1, keepdims=True)
            return share

        predict_once = __call__
        examples = None

    frame = np.zeros((28, 28), np.uint8)
    frame[5:16, 9:11] = frame[5:24, 18:20] = frame[14:16, 9:20] = 255

    why = explain(GapClassifier(), frame)  # type: ignore[arg-type]

    assert (why.answer, why.rival) == (4, 9)
    assert why.would_change[7, 14]
    assert not why.would_change[16:].any()
