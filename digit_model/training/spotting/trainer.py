"""The training of the spotter itself: pages -> a network."""

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

BATCH = 8  # Crops in a step.
EPOCH = 500  # Steps between two backups.
VALIDATED = 25  # Batches that are looked at after each epoch.
# What each part of the loss counts.
INK, CENTRE, OFFSET, DIRECTION, KIND = 6.0, 0.5, 2.0, 0.5, 1.2
FOCUS, NEAR = 2, 4  # Exponents of the focal loss.
NETWORK_FILE = "snapshot.keras"
BACKUP = "backup"


def ink_loss(wanted: Any, said: Any) -> Any:
    """Cross-entropy of each pixel's ink."""
    logits = said[..., SLICES["ink"]]
    return ops.mean(ops.binary_crossentropy(wanted[..., targets.INK], logits, from_logits=True))


def centre_loss(wanted: Any, said: Any) -> Any:
    """Focal loss for each centre, weaker beside it (Law and Deng, "CornerNet", 2018)."""
    heat, logits = wanted[..., targets.CENTRE], said[..., SLICES["centre"]]
    probability = ops.sigmoid(logits)
    centres = ops.cast(heat > 0.999, "float32")
    hits = centres * (1 - probability) ** FOCUS * ops.softplus(-logits)
    misses = (1 - centres) * (1 - heat) ** NEAR * probability**FOCUS * ops.softplus(logits)
    return ops.sum(hits + misses) / (ops.sum(centres) + 1)


def offset_loss(wanted: Any, said: Any) -> Any:
    """Distance of the centre that each part of a mark votes for, in heights of the digits."""
    weights = wanted[..., targets.OFFSET_WEIGHT]
    distance = abs(wanted[..., targets.OFFSET] - said[..., SLICES["offset"]])
    distance = ops.reshape(distance, (*ops.shape(weights), 2))
    return ops.sum(ops.sum(distance, axis=-1) * weights) / (ops.sum(weights) + 1)


def direction_loss(wanted: Any, said: Any) -> Any:
    """Distance of the direction that each cell of a digit tells."""
    weights = wanted[..., targets.DIRECTION_WEIGHT]
    distance = abs(wanted[..., targets.DIRECTION] - said[..., SLICES["direction"]])
    return ops.sum(distance * weights) / (ops.sum(weights) + 1)


def kind_loss(wanted: Any, said: Any) -> Any:
    """Cross-entropy of each cell's kind, or of whether it is any digit's."""
    kinds = ops.cast(wanted[..., targets.KIND][..., 0], "int32")
    logits = said[..., SLICES["kind"]]
    right = ops.where(ops.take(targets.ALLOWED, kinds, axis=0), logits, -1e9)
    losses = ops.logsumexp(logits, axis=-1) - ops.logsumexp(right, axis=-1)
    weights = wanted[..., targets.KIND_WEIGHT][..., 0]
    return ops.sum(losses * weights) / (ops.sum(weights) + 1)


def loss(wanted: Any, said: Any) -> Any:
    """All of it, weighted."""
    return (
        INK * ink_loss(wanted, said)
        + CENTRE * centre_loss(wanted, said)
        + OFFSET * offset_loss(wanted, said)
        + DIRECTION * direction_loss(wanted, said)
        + KIND * kind_loss(wanted, said)
    )


class Snapshot(keras.callbacks.Callback):
    """Saves the network with its averaged weights after each epoch."""

    def __init__(self, network: keras.Model, file: Path) -> None:
        super().__init__()
        self.network, self.file = network, file

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Save it; an interruption leaves the one before."""
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
        pages: what it learns from.
        validation: what is looked at after each epoch, and chooses nothing.
        steps: how many, of `BATCH` crops each.
        seed: of the crops; seed Keras too for the weights.
        folder: for the history, the backups and the network itself after each epoch; a call
            that finds them there goes on with them.

    Returns:
        The network with its averaged weights.
    """
    network = build_spotter()
    network.compile(
        muon.build_optimizer(steps),
        loss,
        metrics=[ink_loss, centre_loss, offset_loss, direction_loss, kind_loss],
        jit_compile=False,  # On a processor XLA's convolutions are the slower ones.
    )
    history = folder / HISTORY_FILE
    done = len(history.read_text(encoding="utf-8").splitlines()) - 1 if history.exists() else 0
    crops = targets.Crops(pages, BATCH, min(EPOCH, steps), seed)
    crops.epoch = max(0, done)
    network.fit(
        crops,
        epochs=max(1, steps // EPOCH),
        validation_data=targets.Crops(validation, BATCH, VALIDATED, 0, vary=False),
        verbose=2,
        callbacks=[
            keras.callbacks.CSVLogger(history, append=True),
            # The backup holds the raw weights, so it comes before they are averaged.
            keras.callbacks.BackupAndRestore(
                folder / BACKUP, double_checkpoint=True, delete_checkpoint=False
            ),
            keras.callbacks.SwapEMAWeights(swap_on_epoch=True),
            Snapshot(network, folder / NETWORK_FILE),
            Clock(),
        ],
    )
    return network
