"""Writes the trained spotter and judge, in the forms of Keras and of LiteRT."""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import expit, softmax

from digit_model.errors import ArtefactError
from digit_model.lines.closeups import Closeups
from digit_model.lines.spotter import CELL, SLICES, Spotter, to_cells
from digit_model.training.export import origin, save_both_forms

if TYPE_CHECKING:
    import keras

SPOTTER, CLOSEUPS, CONFIG_FILE = "spotter", "closeups", "spotter.json"
TOLERANCE = 0.15  # Mean difference in probability between both forms; 8-bit weights cause less.


def export_spotter(network: "keras.Model", folder: Path, page: np.ndarray) -> Spotter:
    """Write a spotter as a .keras file, and as a LiteRT file with 8-bit weights.

    Args:
        network: made by `build_spotter`.
        folder: made if absent; its files are replaced once the new ones are checked.
        page: uint8 `(height, width)`, sides divisible by 32, on which both forms must agree.

    Returns:
        The spotter, opened from the LiteRT file.

    Raises:
        ArtefactError: if both forms differ by more than `TOLERANCE`.
    """
    logits = network(to_cells(page.astype(np.float32), CELL)[None], training=False)[0]
    expected = expit(np.asarray(logits)[..., SLICES["ink"]])

    def measure_difference(file: Path) -> float:
        served = expit(Spotter(file).cells(page)[..., SLICES["ink"]])
        inked = np.maximum(expected, served) > 0.5
        return float(abs(expected - served)[inked].mean()) if inked.any() else 0.0

    return Spotter(_write_both_forms(network, folder, SPOTTER, measure_difference))


def export_closeups(network: "keras.Model", folder: Path, closeups: np.ndarray) -> None:
    """Write the network that names marks in the same forms as `export_spotter`.

    Args:
        network: made by `build_closeups`.
        folder: made if absent.
        closeups: uint8 `(n, 32, 32, 3)`, on which both forms must agree.

    Raises:
        ArtefactError: if both forms differ by more than `TOLERANCE`.
    """
    expected = softmax(network.predict(closeups.astype(np.float32), verbose=0), axis=1)

    def measure_difference(file: Path) -> float:
        served = softmax(Closeups(file).logits(closeups), axis=1)
        return float(abs(expected - served).max(axis=1).mean())

    _write_both_forms(network, folder, CLOSEUPS, measure_difference)


def write_config(folder: Path, training: dict[str, Any]) -> None:
    """Write the settings and results of the training, and the checksums of the networks."""
    files = sorted(file for file in folder.iterdir() if file.suffix in (".keras", ".tflite"))
    text = json.dumps({"training": training, **origin(files)}, indent=2) + "\n"
    (folder / CONFIG_FILE).write_text(text, encoding="utf-8")


def _write_both_forms(
    network: "keras.Model", folder: Path, name: str, measure_difference: Callable[[Path], float]
) -> Path:
    """Write both forms unless they differ by more than `TOLERANCE`; return LiteRT's path."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        draft = Path(temporary)
        keras_file, litert_file = draft / f"{name}.keras", draft / f"{name}.tflite"
        save_both_forms(network, keras_file, litert_file)
        difference = measure_difference(litert_file)
        if difference > TOLERANCE:
            raise ArtefactError(
                f"Expected {litert_file.name} to agree with {keras_file.name} within {TOLERANCE}. "
                f"They differ by {difference:.2f}: try other library versions."
            )
        for file in draft.iterdir():
            file.replace(folder / file.name)
    return folder / f"{name}.tflite"
