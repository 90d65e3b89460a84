"""Classify frames with the model in an artefact folder."""

import math
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from digit_model.errors import ArtefactError, excerpt
from digit_model.model.artefact import EXAMPLES_FILE, KERAS_FILE, LABELS, LITERT_FILE, read_config
from digit_model.model.examples import ExampleDigits, open_examples
from digit_model.model.frame import FrameSpec
from digit_model.model.keras_file import read_description
from digit_model.model.probabilities import (
    Network,
    calibrate,
    predict_in_batches,
    predict_with_views,
)

MAX_FRAME_BYTES = 10_000_000  # Memory of LiteRT's tensors for one frame: ours take 300,000.


class Classifier:
    """A network and the configuration from its artefact.

    Attributes:
        config: the artefact's `config.json`.
        labels: the class names, in the order of the probabilities.
        frame: the geometry of the frames that the network was trained on.
        examples: digits from the training set, or None if the artefact has none.
    """

    def __init__(
        self, network: Network, config: dict[str, Any], examples: ExampleDigits | None = None
    ) -> None:
        self.config = config
        self.labels: list[str] = config["labels"]
        self.frame = FrameSpec(config["frame"]["side"], config["frame"]["box"])
        self.examples = examples
        self._network = network

    def __call__(self, frames: np.ndarray) -> np.ndarray:
        """Predict calibrated class probabilities; a doubtful frame is classified in five views.

        Args:
            frames: uint8 `(n, side, side)`, from 0 (paper) to 255 (full ink).

        Returns:
            float32 `(n, classes)`; each row sums to 1.
        """
        if not len(frames):
            return np.zeros((0, len(self.labels)), np.float32)
        return calibrate(predict_with_views(frames, self._network), self.config["temperature"])

    def predict_once(self, frames: np.ndarray) -> np.ndarray:
        """Like a call, but in one view only, which is faster. There must be at least one frame."""
        return calibrate(predict_in_batches(frames, self._network), self.config["temperature"])


def open_classifier(folder: Path) -> Classifier:
    """Open an artefact folder, with LiteRT where it has a LiteRT file.

    Args:
        folder: holds `config.json` and the files whose SHA-256 it states, or
            only a `model.keras`, which then must take MNIST frames.

    Raises:
        ArtefactError: if a file is missing, altered, or of another format.
    """
    config = read_config(folder)
    network: Network
    if (folder / LITERT_FILE).is_file():
        path = folder / LITERT_FILE
        network = _LiteRTNetwork(path)
    else:
        path = folder / KERAS_FILE
        network = _KerasNetwork(path)
    side, labels = config["frame"]["side"], config["labels"]
    try:
        row = np.asarray(network(np.zeros((1, side, side), np.uint8)), np.float32)
    except Exception as error:  # A stranger's model may raise anything.
        raise ArtefactError(
            f"Expected {path} to take {side}x{side} frames. Received: {excerpt(error)}. "
            "Give the model an input of that size."
        ) from error
    if not config["sha256"] and row.shape == (1, len(LABELS)):
        labels = config["labels"] = LABELS  # A bare model with these classes is one of ours.
    if row.shape != (1, len(labels)) or row.min() < 0 or not np.isclose(row.sum(), 1, atol=1e-3):
        raise ArtefactError(
            f"Expected {path} to give {len(labels)} probabilities that sum to 1. "
            f"Received: {row.shape} numbers that sum to {row.sum():.3f}. "
            "End the model with a softmax over the labels."
        )
    has_examples = EXAMPLES_FILE in config["sha256"]
    return Classifier(network, config, open_examples(folder, side) if has_examples else None)


class _LiteRTNetwork:
    """One interpreter per thread, because an interpreter runs one call at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._model = path.read_bytes()
        self._local = threading.local()
        self._interpreter()

    def _interpreter(self) -> Any:
        if not hasattr(self._local, "interpreter"):
            from ai_edge_litert.interpreter import Interpreter

            try:
                interpreter = Interpreter(model_content=self._model, num_threads=1)
                interpreter.allocate_tensors()  # The system gives memory only when it is written.
                tensors = interpreter.get_tensor_details()
            except (ValueError, RuntimeError) as error:
                raise ArtefactError(
                    f"Expected a LiteRT model in {self._path}. Received: {excerpt(error)}. "
                    "Export it again."
                ) from error
            size = sum(
                np.dtype(tensor["dtype"]).itemsize * math.prod(tensor["shape"].tolist())
                for tensor in tensors
            )
            if size > len(self._model) + MAX_FRAME_BYTES:
                raise ArtefactError(
                    f"Expected {self._path} to take at most {MAX_FRAME_BYTES:,} bytes for a frame. "
                    f"Received: {size:,}. Export a smaller model."
                )
            self._local.interpreter = interpreter
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


def _count_weights(description: dict[str, Any]) -> int:
    """Count a model's weights without allocating them: a tiny file can declare gigabytes."""
    import keras

    with keras.StatelessScope(initialize_variables=False):
        model = keras.saving.deserialize_keras_object(
            description | {"compile_config": None}, safe_mode=True
        )
    return sum(math.prod(variable.shape) for variable in model.variables)


class _KerasNetwork:
    """The Keras model itself; importing keras takes seconds."""

    def __init__(self, path: Path) -> None:
        description = read_description(path)
        try:
            import keras
        except ModuleNotFoundError as error:
            raise ArtefactError(
                f"Expected a model.tflite beside {path}, or Keras with tensorflow to open it. "
                f"Received: neither, as {error.name} is not installed. Run "
                "`pip install tensorflow`."
            ) from error

        try:
            # Keras keeps the stateless model per thread, and would allocate its weights later.
            with ThreadPoolExecutor(1) as executor:
                weights = executor.submit(_count_weights, description).result()
            if weights > path.stat().st_size:
                raise ValueError(f"{weights:,} weights in {path.stat().st_size:,} bytes")
            self._model = keras.saving.load_model(path, compile=False, safe_mode=True)
            # Our network rescales 0..255 itself; most others were trained on 0..1.
            self._scale = 1 if "Rescaling" in self._model.to_json() else 1 / 255
        except Exception as error:  # Keras documents no list of errors for a damaged model.
            raise ArtefactError(
                f"Expected a Keras 3 model in {path}. Received: {excerpt(error)}. "
                "Save the model again with Keras."
            ) from error

    def __call__(self, frames: np.ndarray) -> np.ndarray:
        shape = (len(frames), *self._model.input_shape[1:])
        scaled = frames.reshape(shape).astype(np.float32) * self._scale
        return np.asarray(self._model.predict_on_batch(scaled))
