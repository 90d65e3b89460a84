"""The training loop: samples -> a network."""

from collections.abc import Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from digit_model.model.artefact import CLASSES
from digit_model.training import augment, muon
from digit_model.training.callbacks import Clock, Pictures
from digit_model.training.data import Samples
from digit_model.training.network import build_network

BATCH_SIZE = 256
LABEL_SMOOTHING = 0.05
TEACHER_WEIGHT = 2.0  # Weight of the distillation loss; that of the labels' loss is 1.
HISTORY_FILE = "history.csv"
PATIENCE_SHARE = 0.3  # Share of the epochs without better validation accuracy that ends a run.
MIN_PATIENCE_EPOCHS = 3  # Lower limit of the patience, for short runs.


class Rounds(keras.utils.PyDataset):
    """One round of samples per epoch, shuffled; the first round follows the last.

    Args:
        rounds: at least one; all have the same number of samples.
        seed: of the order.
    """

    def __init__(self, rounds: Sequence[Samples], seed: int) -> None:
        super().__init__()
        self.rounds = cycle(rounds)
        self.random = np.random.default_rng(seed)
        self.on_epoch_end()

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        return -(-len(self.order) // BATCH_SIZE)

    def __getitem__(self, batch: int) -> tuple[np.ndarray, np.ndarray]:
        """Return frames `(batch, 28, 28, 1)` and target probabilities `(batch, classes)`."""
        chosen = self.order[batch * BATCH_SIZE : (batch + 1) * BATCH_SIZE]
        return as_arrays(Samples(self.samples.frames[chosen], self.samples.labels[chosen]))

    def on_epoch_end(self) -> None:
        """Switch to the next round."""
        self.samples = next(self.rounds)
        self.order = self.random.permutation(len(self.samples.labels))


def as_arrays(samples: Samples) -> tuple[np.ndarray, np.ndarray]:
    """Convert samples for Keras: frames get a channel axis, labels become probabilities."""
    return samples.frames[..., None], keras.utils.to_categorical(samples.labels, CLASSES)


class Lesson(keras.layers.Layer):
    """A network with a distillation loss: it also learns from the output of teachers.

    Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network", 2015. The teachers
    see the same augmented images (Beyer et al., "Knowledge Distillation: A Good Teacher Is Patient
    and Consistent", 2022); in `keras.distillation` they see the images before augmentation.

    Args:
        network: maps frames to class probabilities.
        teachers: trained networks with the same inputs and outputs; their weights are frozen.
    """

    def __init__(self, network: keras.Model, teachers: Sequence[keras.Model]) -> None:
        super().__init__()
        self.network = network
        self.teachers = list(teachers)
        for teacher in teachers:
            teacher.trainable = False

    def call(self, frames: Any, training: bool = False) -> Any:
        """Call the network; in training, add its divergence from the teachers as a loss."""
        outputs = self.network(frames, training=training)
        if training and self.teachers:
            targets = sum(teacher(frames, training=False) for teacher in self.teachers)
            targets = ops.stop_gradient(targets / len(self.teachers))
            self.add_loss(TEACHER_WEIGHT * ops.mean(keras.losses.kl_divergence(targets, outputs)))
        return outputs


def fit(
    rounds: Sequence[Samples],
    validation: Samples,
    epochs: int,
    seed: int,
    unfinished: Path,
    teachers: Sequence[keras.Model] = (),
) -> keras.Model:
    """Train a network, with a warm-up, a cosine schedule, averaged weights and early stopping.

    The schedule ends with the last epoch, and accuracy usually rises until then. A run stops early
    only if accuracy has not risen for a long time.

    Args:
        rounds: training samples; each epoch uses one round.
        validation: samples on which the averaged weights are evaluated after each epoch.
        epochs: the largest number of epochs.
        seed: of the augmentation and the order; seed Keras too, for all other randomness.
        unfinished: a folder for the history, its pictures and backups; if it holds a backup, the
            training continues from there.
        teachers: trained networks for the distillation; none means no distillation.

    Returns:
        The network with the averaged weights of the epoch with the best validation accuracy.
    """
    network = build_network()
    trainer = keras.Sequential([augment.build_augmentation(seed), Lesson(network, teachers)])
    trainer.build((None, *validation.frames.shape[1:], 1))
    train = Rounds(rounds, seed)
    trainer.compile(
        muon.build_optimizer(epochs * len(train)),
        keras.losses.CategoricalCrossentropy(label_smoothing=LABEL_SMOOTHING),
        metrics=["accuracy"],
    )
    trainer.fit(
        train,
        epochs=epochs,
        validation_data=as_arrays(validation),
        validation_batch_size=BATCH_SIZE,
        callbacks=[
            # Logged before the backup: an epoch may be logged twice, but is never missing.
            keras.callbacks.CSVLogger(unfinished / HISTORY_FILE, append=True),
            # The backup holds the raw weights, so it comes before they are averaged.
            keras.callbacks.BackupAndRestore(unfinished / "backup", double_checkpoint=True),
            keras.callbacks.SwapEMAWeights(swap_on_epoch=True),
            # After an interruption, only the epochs since then are compared.
            keras.callbacks.EarlyStopping(
                "val_accuracy",
                patience=max(MIN_PATIENCE_EPOCHS, round(PATIENCE_SHARE * epochs)),
                mode="max",
                restore_best_weights=True,
            ),
            Pictures(network, validation, unfinished / HISTORY_FILE, unfinished),
            Clock(),
        ],
    )
    return network
