"""What a training tells while it runs: how long it takes, and how well it goes."""

import csv
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np

from digit_model.model.artefact import CONFUSION_FILE, CURVES_FILE, DIGITS
from digit_model.training.data import Samples
from digit_model.training.report import draw_confusion, draw_learning_curves

BATCH = 256  # Frames that are looked at at once.
FIRST, TIMED = 5, 25  # Steps: the first ones also build the graph, so they tell nothing.


class Clock(keras.callbacks.Callback):
    """Tells soon after the start, and after each epoch, how many minutes are left."""

    def on_train_begin(self, logs: Any = None) -> None:  # noqa: ARG002
        """Nothing is known yet."""
        self._step, self._told = 0, False

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Start the clock of an epoch."""
        self._epochs_left = self.params["epochs"] - epoch
        self._start = time.monotonic()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Tell once, from the first steps."""
        self._step += 1
        if self._step == FIRST:
            self._first = time.monotonic()
        elif self._step == TIMED:
            seconds = (time.monotonic() - self._first) / (TIMED - FIRST)
            self._tell(seconds * self.params["steps"] * self._epochs_left)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Tell, from the whole epoch."""
        if self._epochs_left > 1:
            self._tell((time.monotonic() - self._start) * (self._epochs_left - 1))

    def _tell(self, seconds: float) -> None:
        print(f" About {max(1, round(seconds / 60))} minutes are left.", flush=True)


class Pictures(keras.callbacks.Callback):
    """Draws, after each epoch, the learning curves, and what is taken for what.

    Args:
        network: from frames to class probabilities.
        samples: of which those of single digits are drawn.
        history: the file in which Keras logs each epoch.
        folder: for the pictures.
    """

    def __init__(self, network: keras.Model, samples: Samples, history: Path, folder: Path) -> None:
        super().__init__()
        self._network, self._history, self._folder = network, history, folder
        digits = samples.labels < len(DIGITS)
        self._frames, self._labels = samples.frames[digits], samples.labels[digits]

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Draw both."""
        draw_learning_curves(read_history(self._history), self._folder / CURVES_FILE)
        said = self._network.predict(self._frames[..., None], batch_size=BATCH, verbose=0)
        counts = np.zeros((len(DIGITS), len(DIGITS) + 1), int)
        np.add.at(counts, (self._labels, said.argmax(axis=1).clip(0, len(DIGITS))), 1)
        draw_confusion(counts, f"validation, epoch {epoch + 1}", self._folder / CONFUSION_FILE)


def read_history(file: Path) -> list[dict[str, float]]:
    """What Keras logged of each epoch; of one that was logged twice, the last."""
    with file.open(encoding="utf-8") as rows:
        epochs = {row["epoch"]: row for row in csv.DictReader(rows)}
    return [{key: float(value) for key, value in row.items()} for row in epochs.values()]
