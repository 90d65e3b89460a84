"""Keras callbacks: how much time is left, and pictures of the progress."""

import csv
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np

from digit_model.model.artefact import CONFUSION_FILE, CURVES_FILE, DIGITS
from digit_model.training.data import Samples
from digit_model.training.report import draw_confusion, draw_learning_curves

BATCH_SIZE = 256  # Frames per batch of a prediction.
CLOCK_START_STEP = 5  # Step after which timing starts: the first ones also build the graph.
CLOCK_STOP_STEP = 25  # Step after which the first estimate is printed.


class Clock(keras.callbacks.Callback):
    """Prints how many minutes are left: soon after the start, and after each epoch."""

    def on_train_begin(self, logs: Any = None) -> None:  # noqa: ARG002
        """Reset the count of steps."""
        self._step, self._told = 0, False

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Start timing the epoch."""
        self._epochs_left = self.params["epochs"] - epoch
        self._epoch_start = time.monotonic()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Estimate once, from the first steps."""
        self._step += 1
        if self._step == CLOCK_START_STEP:
            self._clock_start = time.monotonic()
        elif self._step == CLOCK_STOP_STEP:
            seconds = (time.monotonic() - self._clock_start) / (CLOCK_STOP_STEP - CLOCK_START_STEP)
            self._print_time_left(seconds * self.params["steps"] * self._epochs_left)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Estimate from the whole epoch."""
        if self._epochs_left > 1:
            self._print_time_left((time.monotonic() - self._epoch_start) * (self._epochs_left - 1))

    def _print_time_left(self, seconds: float) -> None:
        print(f" About {max(1, round(seconds / 60))} minutes are left.", flush=True)


class Pictures(keras.callbacks.Callback):
    """Draws the learning curves and the confusion matrix after each epoch.

    Args:
        network: maps frames to class probabilities.
        samples: validation data; only its single digits count.
        history: the CSV file in which Keras logs each epoch.
        folder: where the pictures are saved.
    """

    def __init__(self, network: keras.Model, samples: Samples, history: Path, folder: Path) -> None:
        super().__init__()
        self._network, self._history, self._folder = network, history, folder
        digits = samples.labels < len(DIGITS)
        self._frames, self._labels = samples.frames[digits], samples.labels[digits]

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Draw both pictures again."""
        draw_learning_curves(read_history(self._history), self._folder / CURVES_FILE)
        outputs = self._network.predict(self._frames[..., None], batch_size=BATCH_SIZE, verbose=0)
        counts = np.zeros((len(DIGITS), len(DIGITS) + 1), int)
        np.add.at(counts, (self._labels, outputs.argmax(axis=1).clip(0, len(DIGITS))), 1)
        draw_confusion(counts, f"validation, epoch {epoch + 1}", self._folder / CONFUSION_FILE)


def read_history(file: Path) -> list[dict[str, float]]:
    """Read what Keras logged for each epoch; if an epoch is there twice, the later row counts."""
    with file.open(encoding="utf-8") as rows:
        epochs = {row["epoch"]: row for row in csv.DictReader(rows)}
    return [{key: float(value) for key, value in row.items()} for row in epochs.values()]
