"""A trained network -> the artefact folder that everything else opens."""

import hashlib
import json
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from digit_model.errors import ArtefactError
from digit_model.model.artefact import (
    CONFIG_FILE,
    EXAMPLES_FILE,
    FORMAT_VERSION,
    KERAS_FILE,
    LABELS,
    LITERT_FILE,
)
from digit_model.model.classifier import calibrate, open_classifier
from digit_model.model.examples import save_examples
from digit_model.model.frame import MNIST_FRAME

if TYPE_CHECKING:
    import keras

LIBRARIES = ("keras", "tensorflow", "ai-edge-litert", "numpy", "scipy", "pillow")
LITERT_TOLERANCE = 0.1  # Of a probability: eight bits move it by some hundredths at most.


def save_both_forms(network: "keras.Model", keras_file: Path, litert_file: Path) -> None:
    """Save a network as Keras has it, and for LiteRT.

    The LiteRT form has weights of 8 bits and rounds activations as it goes ("dynamic range
    quantisation"): it is a quarter of the size and four times as fast, and no less accurate.
    """
    import tensorflow as tf

    network.save(keras_file)
    network.export(
        litert_file, format="litert", verbose=False, optimizations=[tf.lite.Optimize.DEFAULT]
    )


def origin(files: Sequence[Path]) -> dict[str, dict[str, str]]:
    """What a config states of files: the SHA-256 of each, and the libraries' versions."""
    return {
        "versions": {library: version(library) for library in LIBRARIES},
        "sha256": {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files},
    }


def write_artefact(
    network: "keras.Model",
    folder: Path,
    frames: np.ndarray,
    examples: np.ndarray,
    temperature: float,
    thresholds: dict[str, float],
    training: dict[str, Any],
) -> None:
    """Write the model in both forms, checked to agree, examples, and `config.json`.

    Args:
        network: uint8-valued frames to class probabilities.
        folder: made if absent; its model files are replaced once the new ones are checked.
        frames: uint8 `(n, 28, 28)`, on which both forms must agree.
        examples: uint8 `(10, n, 28, 28)`, digits that it learned from, to show beside others.
        temperature: divides the logits.
        thresholds: verdict -> lowest probability.
        training: how the network was made.

    Raises:
        ArtefactError: if a probability of the LiteRT form differs from Keras's by more than 0.1.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        draft = Path(name)
        save_both_forms(network, draft / KERAS_FILE, draft / LITERT_FILE)
        save_examples(examples, draft)
        config = {
            "format_version": FORMAT_VERSION,
            "labels": LABELS,
            "frame": MNIST_FRAME._asdict(),
            "temperature": temperature,
            "thresholds": thresholds,
            "training": training,
            **origin([draft / name for name in (KERAS_FILE, LITERT_FILE, EXAMPLES_FILE)]),
        }
        (draft / CONFIG_FILE).write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
        raw = network.predict(frames[..., None], batch_size=256, verbose=0)
        difference = open_classifier(draft).glance(frames) - calibrate(raw, temperature)
        if np.abs(difference).max() > LITERT_TOLERANCE:
            raise ArtefactError(
                f"Expected {LITERT_FILE} to agree with {KERAS_FILE} within {LITERT_TOLERANCE} on "
                f"{len(frames)} frames. They differ by {np.abs(difference).max():.1e}: try other "
                "library versions."
            )
        for file in draft.iterdir():
            file.replace(folder / file.name)
