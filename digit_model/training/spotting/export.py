"""A trained spotter -> the files that it is served and kept by."""

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import expit

from digit_model.errors import ArtefactError
from digit_model.lines.spotter import CELL, PLACES, Spotter, to_cells
from digit_model.training.export import origin, save_both_forms

if TYPE_CHECKING:
    import keras

KERAS_FILE, LITERT_FILE, CONFIG_FILE = "spotter.keras", "spotter.tflite", "spotter.json"
TOLERANCE = 0.15  # Of a probability of ink, on average over its pixels: eight bits move it less.


def export_spotter(
    network: "keras.Model", folder: Path, page: np.ndarray, training: dict[str, Any]
) -> None:
    """Write a spotter as Keras has it, for LiteRT with weights of 8 bits, and how it was made.

    Args:
        network: as `build_spotter` makes it.
        folder: made if absent; its files are replaced once the new ones are checked.
        page: uint8 `(height, width)`, sides divisible by 32, on which both forms must agree.
        training: how the network was made.

    Raises:
        ArtefactError: if they do not agree.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        draft = Path(name)
        save_both_forms(network, draft / KERAS_FILE, draft / LITERT_FILE)
        logits = network(to_cells(page.astype(np.float32), CELL)[None], training=False)[0]
        wanted = expit(np.asarray(logits)[..., PLACES["ink"]])
        said = expit(Spotter(draft / LITERT_FILE).cells(page)[..., PLACES["ink"]])
        inked = np.maximum(wanted, said) > 0.5
        difference = float(abs(wanted - said)[inked].mean()) if inked.any() else 0.0
        if difference > TOLERANCE:
            raise ArtefactError(
                f"Expected {LITERT_FILE} to agree with {KERAS_FILE} within {TOLERANCE}. "
                f"They differ by {difference:.2f}: try other library versions."
            )
        files = [draft / KERAS_FILE, draft / LITERT_FILE]
        config = {"training": training, **origin(files)}
        text = json.dumps(config, indent=2) + "\n"
        (draft / CONFIG_FILE).write_text(text, encoding="utf-8")
        for file in draft.iterdir():
            file.replace(folder / file.name)
