"""A trained spotter -> the LiteRT file that serves it."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from digit_model.errors import ArtefactError
from digit_model.lines.spotter import CELL, PLACES, Spotter, to_cells

if TYPE_CHECKING:
    import keras

TOLERANCE = 0.15  # Of a probability of ink, on average over its pixels: eight bits move it less.


def export_spotter(network: "keras.Model", path: Path, page: np.ndarray) -> None:
    """Write a spotter with weights of 8 bits, for pages of any size.

    Args:
        network: as `build_spotter` makes it.
        path: is replaced once the new file is checked.
        page: uint8 `(height, width)`, sides divisible by 32, on which both must agree.

    Raises:
        ArtefactError: if they do not.
    """
    import tensorflow as tf

    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        draft = Path(folder) / path.name
        network.export(
            draft, format="litert", verbose=False, optimizations=[tf.lite.Optimize.DEFAULT]
        )
        logits = network(to_cells(page.astype(np.float32), CELL)[None], training=False)[0]
        wanted = expit(np.asarray(logits)[..., PLACES["ink"]])
        said = expit(Spotter(draft).cells(page)[..., PLACES["ink"]])
        inked = np.maximum(wanted, said) > 0.5
        difference = float(abs(wanted - said)[inked].mean()) if inked.any() else 0.0
        if difference > TOLERANCE:
            raise ArtefactError(
                f"Expected {path.name} to agree with Keras's within {TOLERANCE}. They differ by "
                f"{difference:.2f}: try other library versions."
            )
        draft.replace(path)
