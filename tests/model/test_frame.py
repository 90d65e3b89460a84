"""The frame that MNIST defines."""

from pathlib import Path

import numpy as np
import pytest

from digit_model.errors import EmptyDrawingError
from digit_model.model.frame import FrameSpec, frame_digit
from tests.support.crops import find_digits, ink_of
from tests.support.strokes import draw_digit

MNIST = Path(__file__).parents[3] / "shared" / "data" / "mnist.npz"


def _ink(label: str, side: int = 280, pen: int = 16) -> np.ndarray:
    return np.asarray(draw_digit(label, side, pen, ink=255, paper=0))


@pytest.mark.skipif(not MNIST.exists(), reason="needs ../shared/data/mnist.npz")
def test_mnist_passes_the_whole_picture_part_byte_for_byte() -> None:
    """Frames off by a pixel would cost every user of the model accuracy."""
    images = np.load(MNIST)["x_test"]

    frames = [frame_digit(find_digits(ink_of(image))[0].ink) for image in images]

    assert (frames == images).all(axis=(1, 2)).mean() >= 0.999


@pytest.mark.parametrize("label", list("0123456789"))
def test_the_digit_fills_the_box_and_its_mass_lies_on_pixel_14(label: str) -> None:
    """The network would see digits smaller or elsewhere than it learned them."""
    frame = frame_digit(_ink(label))
    rows, columns = np.nonzero(frame)

    assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
    mass = [np.average(index, weights=frame) for index in np.indices(frame.shape)]
    assert np.allclose(mass, 14, atol=0.6)


def test_the_same_digit_gives_the_same_frame_wherever_it_is_drawn() -> None:
    """A digit in the canvas's corner would read otherwise than one in its middle."""
    ink = _ink("3")

    assert (frame_digit(np.roll(ink, (-40, 35), (0, 1))) == frame_digit(ink)).all()


def test_a_hair_line_keeps_full_ink() -> None:
    """A fine pen on a large canvas would come out too grey to read."""
    assert frame_digit(_ink("7", side=1400, pen=2)).max() == 255


def test_a_hair_line_is_as_wide_as_a_thin_pen_and_a_wide_one_stays() -> None:
    """Nobody wrote MNIST with a hair line, so the network would take such a digit for no digit."""
    hair, middle, wide = (frame_digit(_ink("2", side=560, pen=pen)).sum() for pen in (2, 24, 60))

    assert 0.8 < hair / middle < 1.2
    assert wide > 1.5 * middle


def test_ink_that_lies_far_to_one_side_stays_inside_the_frame() -> None:
    """A long tail would be cut off, and with it what tells two digits apart."""
    ink = np.zeros((100, 100), np.uint8)
    ink[:, :40] = 255
    ink[50, 40:] = 255

    columns = np.nonzero(frame_digit(ink).any(axis=0))[0]

    assert np.ptp(columns) + 1 == 20


def test_the_spec_sets_the_geometry() -> None:
    """An artefact trained on other frames would be fed MNIST's."""
    frame = frame_digit(_ink("0"), FrameSpec(side=32, box=26))

    assert frame.shape == (32, 32)
    assert np.ptp(np.nonzero(frame)[0]) + 1 == 26


def test_blank_ink_is_an_error() -> None:
    """A frame of nothing would be read as a digit."""
    with pytest.raises(EmptyDrawingError, match="blank"):
        frame_digit(np.zeros((5, 5), np.uint8))
