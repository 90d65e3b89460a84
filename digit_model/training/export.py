"""A trained network -> the artefact folder that the reader opens."""

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
from digit_model.model.classifier import open_classifier
from digit_model.model.examples import save_examples
from digit_model.model.frame import MNIST_FRAME
from digit_model.model.probabilities import calibrate

if TYPE_CHECKING:
    import keras

# Packages whose versions `config.json` states.
LIBRARIES = ("keras", "tensorflow", "ai-edge-litert", "numpy", "scipy", "pillow")
LITERT_TOLERANCE = 0.1  # Largest change of a probability; 8-bit weights cause a few hundredths.


def save_both_forms(network: "keras.Model", keras_file: Path, litert_file: Path) -> None:
    """Save a network as a Keras file and as a LiteRT file.

    The LiteRT form uses dynamic range quantisation: weights have 8 bits, and activations are
    rounded at run time. It is a quarter of the size, four times as fast, and no less accurate.
    """
    import tensorflow as tf

    network.save(keras_file)
    network.export(
        litert_file, format="litert", verbose=False, optimizations=[tf.lite.Optimize.DEFAULT]
    )


def origin(files: Sequence[Path]) -> dict[str, dict[str, str]]:
    """Make the entries of a config for files: the SHA-256 of each, and the libraries' versions."""
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
    """Write the model in both forms, examples, and `config.json`; check that both forms agree.

    Args:
        network: maps frames with values 0 to 255 to class probabilities.
        folder: made if absent; its model files are replaced once the new ones are checked.
        frames: uint8 `(n, 28, 28)`, on which both forms must agree.
        examples: uint8 `(10, n, 28, 28)`, training digits that are shown beside similar ones.
        temperature: divisor of the logits.
        thresholds: `digit`, the lowest log-odds of a digit, and `sure`, the lowest probability.
        training: how the network was trained.

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
        uncalibrated = network.predict(frames[..., None], batch_size=256, verbose=0)
        difference = open_classifier(draft).predict_once(frames) - calibrate(
            uncalibrated, temperature
        )
        if np.abs(difference).max() > LITERT_TOLERANCE:
            raise ArtefactError(
                f"Expected {LITERT_FILE} to agree with {KERAS_FILE} within {LITERT_TOLERANCE} on "
                f"{len(frames)} frames. They differ by {np.abs(difference).max():.1e}: try other "
                "library versions."
            )
        for file in draft.iterdir():
            file.replace(folder / file.name)
