"""The training itself: samples -> a network."""

import csv
from pathlib import Path

import keras

from digit_model.artefact import CLASSES
from digit_model.training import augment, muon
from digit_model.training.data import Samples
from digit_model.training.network import build_network

BATCH = 256
PEAK_LEARNING_RATE = 3e-3
LABEL_SMOOTHING = 0.05
AVERAGED = 0.02  # Of the run: about so long are the weights averaged over.
HISTORY_FILE = "history.csv"


def fit(
    train: Samples,
    validation: Samples,
    epochs: int,
    seed: int,
    unfinished: Path,
) -> keras.Model:
    """Train a network, with a warm-up, a cosine schedule and averaged weights.

    Args:
        train: what it learns.
        validation: what is read after each epoch, and chooses nothing.
        epochs: passes over `train`.
        seed: of the augmentation; seed Keras too for the rest.
        unfinished: a folder for the history and for backups; a call that finds one there
            goes on with it.

    Returns:
        The network with its averaged weights.
    """
    network = build_network()
    trainer = keras.Sequential([augment.build_augmentation(seed), network])
    trainer.build((None, *train.frames.shape[1:], 1))
    steps = epochs * -(-len(train.labels) // BATCH)
    trainer.compile(
        muon.ConvolutionMuon(
            keras.optimizers.schedules.CosineDecay(
                0.0, steps - steps // 20, warmup_target=PEAK_LEARNING_RATE, warmup_steps=steps // 20
            ),
            use_ema=True,
            ema_momentum=1 - 1 / (1 + AVERAGED * steps),
        ),
        keras.losses.CategoricalCrossentropy(label_smoothing=LABEL_SMOOTHING),
        metrics=["accuracy"],
    )
    trainer.fit(
        train.frames[..., None],
        keras.utils.to_categorical(train.labels, CLASSES),
        batch_size=BATCH,
        epochs=epochs,
        validation_data=(
            validation.frames[..., None],
            keras.utils.to_categorical(validation.labels, CLASSES),
        ),
        callbacks=[
            # What is logged before the backup is never lost: at worst an epoch is logged twice.
            keras.callbacks.CSVLogger(unfinished / HISTORY_FILE, append=True),
            # The backup holds the raw weights, so it comes before they are averaged.
            keras.callbacks.BackupAndRestore(unfinished / "backup", double_checkpoint=True),
            keras.callbacks.SwapEMAWeights(swap_on_epoch=True),
        ],
    )
    return network


def read_history(unfinished: Path) -> list[dict[str, float]]:
    """What Keras logged of each epoch."""
    with (unfinished / HISTORY_FILE).open(encoding="utf-8") as file:
        rows = {row["epoch"]: row for row in csv.DictReader(file)}
    return [{key: float(value) for key, value in row.items()} for row in rows.values()]
