"""What the network learns to refuse, and to tell from several digits."""

from pathlib import Path

import numpy as np
import pytest

from digit_model.model.artefact import NOT_A_DIGIT, SEVERAL_DIGITS
from digit_model.training.data import Samples, load_mnist
from digit_model.training.doodles import GLYPHS
from digit_model.training.negatives import MAKERS, Maker
from digit_model.training.strings import take_strings_apart, write_string
from digit_model.training.training_set import mix, mix_anew
from tests.support.frames import assert_frames_differ


@pytest.fixture(scope="module")
def digits(drawn_mnist: Path) -> Samples:
    """Digits that we drew."""
    return load_mnist(drawn_mnist).train


@pytest.mark.parametrize("maker", [maker for maker, _ in MAKERS])
def test_each_maker_gives_other_frames_each_time(maker: Maker) -> None:
    """Otherwise one picture is learnt by heart, or frames of another kind than are served."""
    random = np.random.default_rng(0)

    assert_frames_differ([maker(random) for _ in range(20)])


def test_no_digit_and_no_look_alike_is_taught_as_none() -> None:
    """Otherwise an O or an l that was meant as 0 or 1 is refused."""
    letters = set("".join(GLYPHS[font] for font in ("futural", "rowmans", "scripts", "timesi")))

    assert not letters & set("0123456789OoDQIl|/\\-SsbGgqBi()[]'`,.")
    assert sum(share for _, share in MAKERS) == pytest.approx(1)


def test_a_string_taken_apart_gives_digits_again(digits: Samples) -> None:
    """Otherwise the network learns wrong names for what a lattice shows it."""
    apart = take_strings_apart(digits, 300, seed=0)

    assert set(apart.labels.tolist()) == {*range(10), SEVERAL_DIGITS, NOT_A_DIGIT}
    # Of the digits that stood apart in their string, each is still the frame that it was.
    whole = {frame.tobytes(): label for frame, label in zip(*digits, strict=True)}
    same = [
        whole[frame.tobytes()] == label
        for frame, label in zip(*apart, strict=True)
        if frame.tobytes() in whole
    ]
    assert len(same) > 30
    assert all(same)


def test_a_string_holds_each_digit_in_its_place(digits: Samples) -> None:
    """Otherwise a piece is named after the wrong digit."""
    layers = write_string(digits.frames[:3], (0.1, 0.2), np.random.default_rng(0))

    assert (layers.sum(axis=(1, 2)) == digits.frames[:3].sum(axis=(1, 2))).all()
    columns = [np.flatnonzero(layer.any(axis=0)) for layer in layers]
    assert columns[0][-1] < columns[1][0]
    assert columns[1][-1] < columns[2][0]


def test_a_training_set_is_repeatable_and_keeps_the_digits(digits: Samples) -> None:
    """Otherwise a seed does not reproduce a model, or MNIST is taught under other names."""
    few = Samples(digits.frames[:300], digits.labels[:300])

    once, again = mix(few, 3), mix(few, 3)

    assert once["MNIST"] is few
    assert (once["drawn digits"].labels <= 9).all()
    assert (once["not a digit"].labels == NOT_A_DIGIT).all()
    for name, part in once.items():
        assert len(part.labels) > 0
        assert np.array_equal(part.frames, again[name].frames)
        assert np.array_equal(part.labels, again[name].labels)


def test_rounds_share_mnist_and_nothing_else(digits: Samples) -> None:
    """Otherwise every epoch shows the same drawings, and the network learns them by heart."""
    few = Samples(digits.frames[:100], digits.labels[:100])

    one, other = mix_anew(few, [3, 4])

    assert np.array_equal(one.frames[:100], few.frames)
    assert np.array_equal(other.frames[:100], few.frames)
    shared = {frame.tobytes() for frame in one.frames[100:]}
    shared &= {frame.tobytes() for frame in other.frames[100:]}
    assert len(shared) < 5
