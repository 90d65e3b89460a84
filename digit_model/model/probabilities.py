"""The probabilities of a frame's classes: from one view or from five, and calibrated."""

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from scipy import ndimage

from digit_model.limits import BATCH_FRAMES

PROBABILITY_FLOOR = 1e-9  # Smaller probabilities count as this, so that logarithms are finite.
DOUBT_THRESHOLD = 0.8  # Probability of the best class below which more views are classified.
COS, SIN = math.cos(math.radians(12)), math.sin(math.radians(12))  # Of the views' rotation.
SLANT = 0.15  # Shear of the slanted views, in columns per row.
# Matrices from a view's (row, column) to the frame's: rotated and slanted, to both sides.
VIEW_MATRICES: list[list[tuple[float, float]]] = [
    [(COS, SIN), (-SIN, COS)],
    [(COS, -SIN), (SIN, COS)],
    [(1, 0), (SLANT, 1)],
    [(1, 0), (-SLANT, 1)],
]


class Network(Protocol):
    """Anything that turns frames into class probabilities."""

    def __call__(self, frames: np.ndarray) -> np.ndarray:
        """uint8 `(n, side, side)` -> float32 `(n, classes)`, rows summing to 1."""
        ...


def predict_with_views(frames: np.ndarray, network: Network) -> np.ndarray:
    """Predict class probabilities, averaged over five views where a frame is doubtful.

    The average is a geometric mean. Averaging over views follows Krizhevsky, Sutskever and
    Hinton, "ImageNet Classification with Deep Convolutional Neural Networks" (2012).

    Args:
        frames: uint8 `(n, side, side)`, from 0 (paper) to 255 (full ink); at least one.
        network: gets at most `BATCH_FRAMES` at a time.

    Returns:
        float32 `(n, classes)`; each row sums to 1.
    """
    probabilities = predict_in_batches(frames, network)
    doubtful = probabilities.max(axis=1) < DOUBT_THRESHOLD
    if doubtful.any():
        views = (_transform(frames[doubtful], matrix) for matrix in VIEW_MATRICES)
        predicted = [predict_in_batches(view, network) for view in views]
        floored = np.maximum([probabilities[doubtful], *predicted], PROBABILITY_FLOOR)
        means = np.exp(np.log(floored).mean(axis=0))
        probabilities[doubtful] = means / means.sum(axis=1, keepdims=True)
    return probabilities


def predict_in_batches(frames: np.ndarray, network: Network) -> np.ndarray:
    """Predict class probabilities in one view: returns as `predict_with_views`."""
    starts = range(0, len(frames), BATCH_FRAMES)
    return np.concatenate([network(frames[start : start + BATCH_FRAMES]) for start in starts])


def _transform(frames: np.ndarray, matrix: Sequence[tuple[float, float]]) -> np.ndarray:
    """Rotate or slant frames about their centres: uint8 `(n, side, side)`."""
    full = np.eye(3)
    full[1:, 1:] = matrix
    centre = np.array([0, *frames.shape[1:]]) / 2
    views: np.ndarray = ndimage.affine_transform(frames, full, centre - full @ centre, order=1)
    return views


def calibrate(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Calibrate probabilities by temperature scaling (Guo et al., 2017).

    Args:
        probabilities: float32 `(n, classes)`, from a softmax.
        temperature: above 0; above 1 makes the probabilities less extreme.

    Returns:
        float32 `(n, classes)`; each row sums to 1.
    """
    # softmax(logits / T) equals softmax(logits) ** (1 / T), normalised.
    powers = probabilities ** (1 / temperature)
    calibrated: np.ndarray = powers / powers.sum(axis=1, keepdims=True)
    return calibrated
