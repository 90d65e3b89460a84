"""MNIST, split into training, validation and test data."""

from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile

import numpy as np

from digit_model.errors import DigitModelError, excerpt

VALIDATION_SHARE = 1 / 12  # Share of MNIST's training part: 5,000 of 60,000 images.


class Samples(NamedTuple):
    """Frames with their labels.

    Attributes:
        frames: uint8 `(n, 28, 28)`, from 0 (paper) to 255 (full ink).
        labels: int64 `(n,)`, indices into an artefact's labels: 0 to 9 are the digits.
    """

    frames: np.ndarray
    labels: np.ndarray


class Split(NamedTuple):
    """Three disjoint parts; nothing is tuned on the test part."""

    train: Samples
    validation: Samples
    test: Samples


def load_mnist(path: Path | None = None, limit: int | None = None, seed: int = 0) -> Split:
    """Load MNIST and split the validation part off its training part.

    Args:
        path: an .npz file with `x_train, y_train, x_test, y_test`, uint8; None
            lets Keras download MNIST.
        limit: use only this many images of each of the two original parts.
        seed: decides which images become the validation part.

    Raises:
        DigitModelError: if `path` is not such a file, or MNIST cannot be downloaded.
    """
    if path is None:
        import keras

        try:
            (x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
        except Exception as error:  # Keras raises a bare Exception if the download fails.
            raise DigitModelError(
                f"Expected to download MNIST. Received: {excerpt(error)}. Connect to a network, or "
                "give an mnist.npz as --data."
            ) from error
    else:
        try:
            with np.load(path) as file:
                x_train, y_train = file["x_train"], file["y_train"]
                x_test, y_test = file["x_test"], file["y_test"]
        except (OSError, EOFError, ValueError, TypeError, KeyError, BadZipFile) as error:
            raise DigitModelError(
                "Expected an .npz file with x_train, y_train, x_test and y_test. "
                f"Received: {path}. {error}"
            ) from error
    order = np.random.default_rng(seed).permutation(len(x_train))[:limit]
    validation_count = max(1, round(len(order) * VALIDATION_SHARE))
    validation, train = order[:validation_count], order[validation_count:]
    return Split(
        Samples(x_train[train], y_train[train].astype(np.int64)),
        Samples(x_train[validation], y_train[validation].astype(np.int64)),
        Samples(x_test[:limit], y_test[:limit].astype(np.int64)),
    )
