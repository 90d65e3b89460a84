"""Frames -> probabilities, by the model in an artefact folder."""

import hashlib
import json
import threading
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from digit_model.errors import ArtefactError
from digit_model.frame import MNIST_FRAME, FrameSpec

FORMAT_VERSION = 1
KERAS_FILE = "model.keras"
LITERT_FILE = "model.tflite"
CONFIG_FILE = "config.json"

# What a repository that holds nothing but model.keras is taken to mean.
BARE_CONFIG: dict[str, Any] = {
    "format_version": FORMAT_VERSION,
    "labels": [str(digit) for digit in range(10)],
    "frame": MNIST_FRAME._asdict(),
    "temperature": 1.0,
    "thresholds": {"sure": 0.9},
}


class Network(Protocol):
    """Anything that turns frames into class probabilities."""

    def __call__(self, frames: np.ndarray) -> np.ndarray:
        """uint8 `(n, side, side)` -> float32 `(n, classes)`, rows summing to 1."""
        ...


class Classifier:
    """A network with what its artefact says of it.

    Attributes:
        config: the artefact's `config.json`.
        labels: the class names, in the order of the probabilities.
        frame: the geometry of the frames that the network was trained on.
    """

    def __init__(self, network: Network, config: dict[str, Any]) -> None:
        self.config = config
        self.labels: list[str] = config["labels"]
        self.frame = FrameSpec(**config["frame"])
        self._network = network

    def __call__(self, frames: np.ndarray) -> np.ndarray:
        """Class probabilities, calibrated by temperature (Guo et al., 2017).

        Args:
            frames: uint8 `(n, side, side)`, from 0 (paper) to 255 (full ink).

        Returns:
            float32 `(n, classes)`; each row sums to 1.
        """
        if not len(frames):
            return np.zeros((0, len(self.labels)), np.float32)
        # Softmax of logits / T equals the softmax's own 1/T-th power, normalised.
        powers = self._network(frames) ** (1 / self.config["temperature"])
        return powers / powers.sum(axis=1, keepdims=True)


def open_classifier(folder: Path) -> Classifier:
    """Open an artefact folder, with LiteRT where it has a LiteRT file.

    Args:
        folder: holds `config.json` and the files whose SHA-256 it states, or
            nothing but a `model.keras`, which is then taken to read MNIST frames.

    Raises:
        ArtefactError: if a file is missing, altered, or of another format.
    """
    config = read_config(folder)
    if (folder / LITERT_FILE).exists():
        return Classifier(_LiteRTNetwork(folder / LITERT_FILE), config)
    return Classifier(_KerasNetwork(folder / KERAS_FILE), config)


def read_config(folder: Path) -> dict[str, Any]:
    """Read an artefact's `config.json` and check the files that it names.

    Raises:
        ArtefactError: if a file is missing, altered, or of another format.
    """
    path = folder / CONFIG_FILE
    if not path.exists():
        if (folder / KERAS_FILE).exists() and not (folder / LITERT_FILE).exists():
            return BARE_CONFIG
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
    for name, expected in config["sha256"].items():
        file = folder / name
        if not file.exists():
            raise ArtefactError(f"Expected {file}, which {CONFIG_FILE} names. It is missing.")
        if hashlib.sha256(file.read_bytes()).hexdigest() != expected:
            raise ArtefactError(
                f"Expected the SHA-256 of {file} that {CONFIG_FILE} states. "
                "The file was altered: fetch or train it again."
            )
    return config


class _LiteRTNetwork:
    """One interpreter a thread, because an interpreter serves one call at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._interpreter()

    def _interpreter(self) -> Any:
        if not hasattr(self._local, "interpreter"):
            from ai_edge_litert.interpreter import Interpreter

            try:
                self._local.interpreter = Interpreter(str(self._path), num_threads=1)
            except ValueError as error:
                raise ArtefactError(f"Expected a LiteRT model in {self._path}. {error}") from error
        return self._local.interpreter

    def __call__(self, frames: np.ndarray) -> np.ndarray:
        interpreter = self._interpreter()
        entry = interpreter.get_input_details()[0]
        shape = (len(frames), *entry["shape"][1:])
        if tuple(entry["shape"]) != shape:
            interpreter.resize_tensor_input(entry["index"], shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(entry["index"], frames.reshape(shape).astype(entry["dtype"]))
        interpreter.invoke()
        output: np.ndarray = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
        return output


class _KerasNetwork:
    """The Keras model itself; importing keras takes seconds."""

    def __init__(self, path: Path) -> None:
        import keras

        try:
            self._model = keras.saving.load_model(path, compile=False, safe_mode=True)
        except (ValueError, OSError, TypeError) as error:
            raise ArtefactError(f"Expected a Keras 3 model in {path}. {error}") from error

    def __call__(self, frames: np.ndarray) -> np.ndarray:
        shape = (len(frames), *self._model.input_shape[1:])
        return np.asarray(self._model.predict_on_batch(frames.reshape(shape)))
