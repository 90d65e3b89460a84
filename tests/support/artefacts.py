"""Artefact folders to damage, for the tests."""

import json
from pathlib import Path
from typing import Any

import keras


def edit_config(folder: Path, **changes: Any) -> None:
    """Change keys of an artefact's config.json."""
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changes))


def save_model(folder: Path, *layers: keras.Layer, shape: tuple[int, ...] = (28, 28, 1)) -> None:
    """Save a small untrained network as the folder's only file."""
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input(shape), *layers, keras.layers.Flatten()])
    model.add(keras.layers.Dense(10, "softmax"))
    model.save(folder / "model.keras")
