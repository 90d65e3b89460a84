"""What the network learns to refuse."""

from pathlib import Path

import numpy as np
import pytest

from digit_model.artefact import NOT_A_DIGIT
from digit_model.training.data import load_mnist
from digit_model.training.negatives import GLYPHS, MAKERS, Maker, with_negatives


@pytest.mark.parametrize("maker", [maker for maker, _ in MAKERS], ids=lambda maker: maker.__name__)
def test_each_maker_gives_other_frames_each_time(maker: Maker, drawn_mnist: Path) -> None:
    """Otherwise one picture is learnt by heart, or frames of another kind than are served."""
    digits = load_mnist(drawn_mnist).train.frames
    random = np.random.default_rng(0)

    made = [maker(digits, random) for _ in range(20)]

    assert len({frame.tobytes() for frame in made}) == 20
    for frame in made:
        assert frame.shape == (28, 28)
        assert frame.dtype == np.uint8
        rows, columns = np.nonzero(frame)
        assert max(np.ptp(rows), np.ptp(columns)) + 1 in (18, 19, 20)


def test_negatives_come_after_the_digits_and_are_repeatable(drawn_mnist: Path) -> None:
    """Otherwise a seed does not reproduce a model, or digits are taught as none."""
    digits = load_mnist(drawn_mnist).train

    once, again = (with_negatives(digits, 50, 3) for _ in range(2))

    assert np.array_equal(once.frames, again.frames)
    assert np.array_equal(once.frames[:-50], digits.frames)
    assert np.array_equal(once.labels[:-50], digits.labels)
    assert (once.labels[-50:] == NOT_A_DIGIT).all()


def test_no_digit_and_no_look_alike_is_taught_as_none() -> None:
    """Otherwise an O or an l that was meant as 0 or 1 is refused."""
    letters = set("".join(GLYPHS[font] for font in ("futural", "rowmans", "scripts", "timesi")))

    assert not letters & set("0123456789OoDQIl|/\\-SsbGgqBi()[]'`,.")
    assert sum(share for _, share in MAKERS) == pytest.approx(1)
