"""An artefact folder: the files of a model, and what must hold of them."""

import copy
import hashlib
import json
from pathlib import Path
from typing import Any

from digit_model.errors import ArtefactError
from digit_model.frame import MNIST_FRAME

FORMAT_VERSION = 1
KERAS_FILE = "model.keras"
LITERT_FILE = "model.tflite"
CONFIG_FILE = "config.json"
EXAMPLES_FILE = "examples.png"
METRICS_FILE = "metrics.json"
CARD_FILE = "README.md"
CURVES_FILE = "learning_curves.png"
CONFUSION_FILE = "confusion.png"
ERRORS_FILE = "errors.png"
RELIABILITY_FILE = "reliability.png"
REFUSALS_FILE = "refusals.png"
ARTEFACT_FILES = [
    CONFIG_FILE,
    KERAS_FILE,
    LITERT_FILE,
    EXAMPLES_FILE,
    METRICS_FILE,
    CARD_FILE,
    CURVES_FILE,
    CONFUSION_FILE,
    ERRORS_FILE,
    RELIABILITY_FILE,
    REFUSALS_FILE,
]

DIGITS = [str(digit) for digit in range(10)]
LABELS = [*DIGITS, "several digits", "not a digit"]
CLASSES = len(LABELS)
SEVERAL_DIGITS, NOT_A_DIGIT = 10, 11  # Classes of networks that learned them.

# What a repository that holds nothing but model.keras is taken to mean, and the
# pattern of every config.json: its keys, and the kinds of their values.
BARE_CONFIG: dict[str, Any] = {
    "format_version": FORMAT_VERSION,
    "labels": DIGITS,
    "frame": MNIST_FRAME._asdict(),
    "temperature": 1.0,
    "thresholds": {"sure": 0.9, "digit": 0.0},
    "sha256": {},
}


def read_config(folder: Path) -> dict[str, Any]:
    """Read an artefact's `config.json` and check the files that it names.

    Raises:
        ArtefactError: if a file is missing, altered, or of another format.
    """
    path = folder / CONFIG_FILE
    models = [name for name in (KERAS_FILE, LITERT_FILE) if (folder / name).is_file()]
    if not path.is_file():
        if models == [KERAS_FILE]:
            return copy.deepcopy(BARE_CONFIG)
        raise ArtefactError(
            f"Expected an artefact folder with {CONFIG_FILE}. Received: {folder} "
            "without one. Make one with scripts/train.py."
        )
    try:
        config: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ArtefactError(f"Expected JSON in {path}. {error}.") from error
    version = config.get("format_version") if isinstance(config, dict) else None
    if version != FORMAT_VERSION:
        raise ArtefactError(
            f"Expected format_version {FORMAT_VERSION} in {path}. "
            f"Received: {version}. Train again, or use a matching digit_model."
        )
    for key, pattern in BARE_CONFIG.items():
        if not _fits(config.get(key), pattern):
            raise ArtefactError(
                f"Expected {key} like {pattern} in {path}. "
                f"Received: {config.get(key)}. Train again."
            )
    frame = config["frame"]
    if not (0 < frame["box"] <= frame["side"] and config["temperature"] > 0):
        raise ArtefactError(
            f"Expected a box within the frame, and a temperature above 0, in {path}. "
            f"Received: {frame} and {config['temperature']}. Train again."
        )
    for name in sorted({KERAS_FILE, *models, *config["sha256"]}):
        file = folder / name
        if file.parent != folder or not file.is_file():
            raise ArtefactError(f"Expected {name} in {folder}. It is missing: fetch it again.")
        if hashlib.sha256(file.read_bytes()).hexdigest() != config["sha256"].get(name):
            raise ArtefactError(
                f"Expected the SHA-256 of {file} that {CONFIG_FILE} states. The file was "
                "altered: train it again, or remove it with `hf cache rm` and fetch it again."
            )
    return config


def _fits(value: Any, pattern: Any) -> bool:
    """Whether a value has the keys, and the kinds of value, that a pattern has."""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(
            _fits(value.get(key), part) for key, part in pattern.items()
        )
    if isinstance(pattern, list):
        return isinstance(value, list) and all(_fits(part, pattern[0]) for part in value)
    return isinstance(value, int | float if isinstance(pattern, float) else type(pattern))
