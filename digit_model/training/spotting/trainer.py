"""Trains the spotter on pages."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
from keras import ops

from digit_model.lines.spotter import SLICES
from digit_model.training import muon
from digit_model.training.callbacks import Clock
from digit_model.training.spotting import targets
from digit_model.training.spotting.network import build_spotter
from digit_model.training.spotting.pages import Page
from digit_model.training.trainer import HISTORY_FILE

BATCH = 8  # Crops in a training step.
STEPS_PER_EPOCH = 500  # Training steps; a backup follows each epoch.
VALIDATION_BATCHES = 25  # Batches measured after each epoch.
# Factors of the parts of the loss.
INK_FACTOR, CENTRE_FACTOR, OFFSET_FACTOR, DIRECTION_FACTOR, KIND_FACTOR = 6.0, 0.5, 2.0, 0.5, 1.2
ALPHA = 2  # Exponent of the focal loss that favours uncertain pixels.
BETA = 4  # Exponent of the focal loss that lowers it near a centre.
NETWORK_FILE = "snapshot.keras"
BACKUP_FOLDER = "backup"


def ink_loss(target: Any, output: Any) -> Any:
    """Mean cross-entropy of the pixels' ink."""
    logits = output[..., SLICES["ink"]]
    return ops.mean(ops.binary_crossentropy(target[..., targets.INK], logits, from_logits=True))


def centre_loss(target: Any, output: Any) -> Any:
    """Focal loss of the centres, lower near a centre (Law and Deng, "CornerNet", 2018)."""
    heat, logits = target[..., targets.CENTRE], output[..., SLICES["centre"]]
    probability = ops.sigmoid(logits)
    centres = ops.cast(heat > 0.999, "float32")
    hits = centres * (1 - probability) ** ALPHA * ops.softplus(-logits)
    misses = (1 - centres) * (1 - heat) ** BETA * probability**ALPHA * ops.softplus(logits)
    return ops.sum(hits + misses) / (ops.sum(centres) + 1)


def offset_loss(target: Any, output: Any) -> Any:
    """Weighted mean distance from each mark's centre to where its pixels place it."""
    weights = target[..., targets.OFFSET_WEIGHT]
    distance = abs(target[..., targets.OFFSET] - output[..., SLICES["offset"]])
    distance = ops.reshape(distance, (*ops.shape(weights), 2))
    return ops.sum(ops.sum(distance, axis=-1) * weights) / (ops.sum(weights) + 1)


def direction_loss(target: Any, output: Any) -> Any:
    """Mean error of the direction in the cells of digits."""
    weights = target[..., targets.DIRECTION_WEIGHT]
    distance = abs(target[..., targets.DIRECTION] - output[..., SLICES["direction"]])
    return ops.sum(distance * weights) / (ops.sum(weights) + 1)


def kind_loss(target: Any, output: Any) -> Any:
    """Weighted mean cross-entropy of the cells' kind, or of whether it is any digit."""
    kinds = ops.cast(target[..., targets.KIND][..., 0], "int32")
    logits = output[..., SLICES["kind"]]
    right_logits = ops.where(ops.take(targets.ALLOWED_KINDS, kinds, axis=0), logits, -1e9)
    losses = ops.logsumexp(logits, axis=-1) - ops.logsumexp(right_logits, axis=-1)
    weights = target[..., targets.KIND_WEIGHT][..., 0]
    return ops.sum(losses * weights) / (ops.sum(weights) + 1)


def loss(target: Any, output: Any) -> Any:
    """Weighted sum of the parts."""
    return (
        INK_FACTOR * ink_loss(target, output)
        + CENTRE_FACTOR * centre_loss(target, output)
        + OFFSET_FACTOR * offset_loss(target, output)
        + DIRECTION_FACTOR * direction_loss(target, output)
        + KIND_FACTOR * kind_loss(target, output)
    )


class Snapshot(keras.callbacks.Callback):
    """Saves the network with its averaged weights after each epoch."""

    def __init__(self, network: keras.Model, file: Path) -> None:
        super().__init__()
        self.network, self.file = network, file

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Save the network; if interrupted, the last file stays whole."""
        draft = self.file.with_suffix(".draft.keras")
        self.network.save(draft)
        draft.rename(self.file)


def fit(
    pages: Sequence[Page],
    validation: Sequence[Page],
    steps: int,
    seed: int,
    folder: Path,
) -> keras.Model:
    """Train a spotter, with a warm-up, a cosine schedule and averaged weights.

    Args:
        pages: the training set.
        validation: measured after each epoch, and never used for a choice.
        steps: number of steps, of `BATCH` crops each.
        seed: seed of the crops; seed Keras too for the weights.
        folder: for the history, the backups and the network after each epoch; a call that
            finds them there continues the training.

    Returns:
        The network with its averaged weights.
    """
    network = build_spotter()
    network.compile(
        muon.build_optimizer(steps),
        loss,
        metrics=[ink_loss, centre_loss, offset_loss, direction_loss, kind_loss],
        jit_compile=False,  # XLA's convolutions are slower on a CPU.
    )
    history = folder / HISTORY_FILE
    done = len(history.read_text(encoding="utf-8").splitlines()) - 1 if history.exists() else 0
    crops = targets.Crops(pages, BATCH, min(STEPS_PER_EPOCH, steps), seed)
    crops.epoch = max(0, done)
    network.fit(
        crops,
        epochs=max(1, steps // STEPS_PER_EPOCH),
        validation_data=targets.Crops(validation, BATCH, VALIDATION_BATCHES, 0, vary=False),
        verbose=2,
        callbacks=[
            keras.callbacks.CSVLogger(history, append=True),
            # The backup holds the raw weights, so it comes before they are averaged.
            keras.callbacks.BackupAndRestore(
                folder / BACKUP_FOLDER, double_checkpoint=True, delete_checkpoint=False
            ),
            keras.callbacks.SwapEMAWeights(swap_on_epoch=True),
            Snapshot(network, folder / NETWORK_FILE),
            Clock(),
        ],
    )
    return network
