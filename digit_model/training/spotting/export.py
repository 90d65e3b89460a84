"""The trained spotter and what names its marks -> the files that they are served and kept by."""

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
TOLERANCE = 0.15  # Of a probability, on average over what is seen: eight bits move it less.


def export_spotter(network: "keras.Model", folder: Path, page: np.ndarray) -> Spotter:
    """Write a spotter as Keras has it, and for LiteRT with weights of 8 bits.

    Args:
        network: as `build_spotter` makes it.
        folder: made if absent; its files are replaced once the new ones are checked.
        page: uint8 `(height, width)`, sides divisible by 32, on which both forms must agree.

    Raises:
        ArtefactError: if they do not agree.
    """
    logits = network(to_cells(page.astype(np.float32), CELL)[None], training=False)[0]
    wanted = expit(np.asarray(logits)[..., SLICES["ink"]])

    def differ(file: Path) -> float:
        said = expit(Spotter(file).cells(page)[..., SLICES["ink"]])
        inked = np.maximum(wanted, said) > 0.5
        return float(abs(wanted - said)[inked].mean()) if inked.any() else 0.0

    return Spotter(_write(network, folder, SPOTTER, differ))


def export_closeups(network: "keras.Model", folder: Path, closeups: np.ndarray) -> None:
    """The same for the network that names marks; see `export_spotter`.

    Args:
        network: as `build_closeups` makes it.
        folder: made if absent.
        closeups: uint8 `(n, 32, 32, 3)`, on which both forms must agree.

    Raises:
        ArtefactError: if they do not agree.
    """
    wanted = softmax(network.predict(closeups.astype(np.float32), verbose=0), axis=1)

    def differ(file: Path) -> float:
        said = softmax(Closeups(file).logits(closeups), axis=1)
        return float(abs(wanted - said).max(axis=1).mean())

    _write(network, folder, CLOSEUPS, differ)


def write_config(folder: Path, training: dict[str, Any]) -> None:
    """State how what is in a folder was made, and its checksums."""
    files = sorted(file for file in folder.iterdir() if file.name != CONFIG_FILE)
    text = json.dumps({"training": training, **origin(files)}, indent=2) + "\n"
    (folder / CONFIG_FILE).write_text(text, encoding="utf-8")


def _write(
    network: "keras.Model", folder: Path, name: str, differ: Callable[[Path], float]
) -> Path:
    """Write both forms where they differ by no more than they may; the one for LiteRT."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as place:
        draft = Path(place)
        keras_file, litert_file = draft / f"{name}.keras", draft / f"{name}.tflite"
        save_both_forms(network, keras_file, litert_file)
        difference = differ(litert_file)
        if difference > TOLERANCE:
            raise ArtefactError(
                f"Expected {litert_file.name} to agree with {keras_file.name} within {TOLERANCE}. "
                f"They differ by {difference:.2f}: try other library versions."
            )
        for file in draft.iterdir():
            file.replace(folder / file.name)
    return folder / f"{name}.tflite"
