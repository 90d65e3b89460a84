"""What training shows the network: MNIST, drawn digits, and how both are varied."""

from pathlib import Path

import keras
import numpy as np
import pytest

from digit_model.errors import DigitModelError
from digit_model.training.augment import build_augmentation
from digit_model.training.data import load_mnist
from digit_model.training.strokes import HOOKED_SHARE, draw_digits
from digit_model.training.strokes import draw_digit as draw_style
from digit_model.training.strokes import draw_style as draw_paths
from digit_model.training.styles import STYLES
from tests.support.frames import assert_frames_differ


def test_augmentation_changes_each_image_its_own_way_and_keeps_it_a_digit(
    frames: np.ndarray,
) -> None:
    """Otherwise the network learns the same 55,000 pictures by heart, or noise."""
    sevens = np.repeat(frames[7:8], 16, axis=0)[..., None].astype(np.float32)

    changed = np.asarray(build_augmentation(0)(sevens, training=True))

    assert changed.shape == sevens.shape
    assert changed.min() >= 0
    assert changed.max() <= 255.01
    assert len({image.tobytes() for image in changed}) == 16
    overlap = (np.minimum(changed, sevens).sum((1, 2, 3))) / sevens[0].sum()
    assert overlap.min() > 0.2


def test_augmentation_leaves_images_alone_outside_training(frames: np.ndarray) -> None:
    """Otherwise validation measures other digits in every epoch."""
    images = frames[..., None].astype(np.float32)

    assert np.array_equal(np.asarray(build_augmentation(0)(images, training=False)), images)


def test_augmentation_takes_batches_of_any_size(frames: np.ndarray) -> None:
    """Otherwise the last, smaller batch of an epoch is garbage or an error."""
    augmentation = build_augmentation(0)
    model = keras.Sequential([keras.Input((28, 28, 1)), augmentation])

    for count in (1, 3, 10):
        images = frames[:count, ..., None].astype(np.float32)
        assert model(images, training=True).shape == images.shape


def test_some_strokes_end_in_a_hook() -> None:
    """Otherwise a 1 whose pen turned back as it was lifted is read as a 6."""
    random = np.random.default_rng(0)
    ends = [draw_paths("40,0 38,100", random)[0][-2:] for _ in range(400)]

    hooked = [end[1, 1] < end[0, 1] for end in ends]

    assert abs(np.mean(hooked) - HOOKED_SHARE) < HOOKED_SHARE / 3


@pytest.mark.parametrize("label", STYLES)
def test_a_style_is_drawn_by_many_hands_and_framed_as_mnist_is(label: int) -> None:
    """Otherwise the styles teach one hand, or other frames than are served."""
    random = np.random.default_rng(0)

    for style in STYLES[label]:
        assert_frames_differ([draw_style(style, random) for _ in range(5)])


def test_drawn_digits_are_repeatable_and_as_many_of_each_style() -> None:
    """Otherwise a seed does not reproduce a model, or a slashed 0 is hardly taught."""
    once, again = draw_digits(3, 1), draw_digits(3, 1)

    assert np.array_equal(once.frames, again.frames)
    counts = [3 * len(STYLES[label]) for label in range(10)]
    assert np.bincount(once.labels).tolist() == counts


def test_validation_and_training_share_no_image(tmp_path: Path) -> None:
    """Otherwise what is held out was learnt by heart."""
    images = np.arange(1200, dtype=np.uint16).view(np.uint8).reshape(1200, 1, 2)
    labels = np.zeros(1200, np.uint8)
    path = tmp_path / "mnist.npz"
    np.savez(path, x_train=images, y_train=labels, x_test=images[:9], y_test=labels[:9])

    split = load_mnist(path)

    train = {image.tobytes() for image in split.train.frames}
    validation = {image.tobytes() for image in split.validation.frames}
    assert (len(train), len(validation)) == (1100, 100)
    assert not train & validation


@pytest.mark.parametrize("content", [None, b"", b"text", "lacks y_test"])
def test_a_wrong_data_file_is_explained(tmp_path: Path, content: bytes | str | None) -> None:
    """Otherwise a wrong path ends in a traceback."""
    path = tmp_path / "mnist.npz"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content:
        np.savez(path, x_train=0, y_train=0, x_test=0)

    with pytest.raises(DigitModelError, match=r"Expected an \.npz .* Received: .*mnist\.npz"):
        load_mnist(path)
