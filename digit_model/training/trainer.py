"""The training itself: samples -> a network."""

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

BATCH = 256
LABEL_SMOOTHING = 0.05
TAUGHT = 2.0  # So many times the labels' loss counts what the teachers say.
HISTORY_FILE = "history.csv"
PATIENCE = 0.3  # Of the epochs: so long no better validation accuracy ends a run,
LEAST_PATIENCE = 3  # and so many at least.


class Rounds(keras.utils.PyDataset):
    """One round of samples an epoch, shuffled; after the last the first again.

    Args:
        rounds: at least one, each of as many samples.
        seed: of the order.
    """

    def __init__(self, rounds: Sequence[Samples], seed: int) -> None:
        super().__init__()
        self.rounds = cycle(rounds)
        self.random = np.random.default_rng(seed)
        self.on_epoch_end()

    def __len__(self) -> int:
        """Batches in an epoch."""
        return -(-len(self.order) // BATCH)

    def __getitem__(self, batch: int) -> tuple[np.ndarray, np.ndarray]:
        """Frames `(batch, 28, 28, 1)` and the probabilities `(batch, classes)` that they want."""
        chosen = self.order[batch * BATCH : (batch + 1) * BATCH]
        return as_arrays(Samples(self.samples.frames[chosen], self.samples.labels[chosen]))

    def on_epoch_end(self) -> None:
        """Go on to the next round."""
        self.samples = next(self.rounds)
        self.order = self.random.permutation(len(self.samples.labels))


def as_arrays(samples: Samples) -> tuple[np.ndarray, np.ndarray]:
    """As Keras wants them: frames with a channel, labels as probabilities."""
    return samples.frames[..., None], keras.utils.to_categorical(samples.labels, CLASSES)


class Lesson(keras.layers.Layer):
    """A network that also learns from what teachers say of the very same images.

    Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network", 2015; that teachers
    see every image as it was augmented is from Beyer et al., "Knowledge Distillation: A Good
    Teacher Is Patient and Consistent", 2022. (`keras.distillation` shows them the image before.)

    Args:
        network: from frames to class probabilities.
        teachers: the same, trained; none of them learns.
    """

    def __init__(self, network: keras.Model, teachers: Sequence[keras.Model]) -> None:
        super().__init__()
        self.network = network
        self.teachers = list(teachers)
        for teacher in teachers:
            teacher.trainable = False

    def call(self, frames: Any, training: bool = False) -> Any:
        """What the network says; while training, its distance from the teachers is a loss."""
        said = self.network(frames, training=training)
        if training and self.teachers:
            taught = sum(teacher(frames, training=False) for teacher in self.teachers)
            taught = ops.stop_gradient(taught / len(self.teachers))
            self.add_loss(TAUGHT * ops.mean(keras.losses.kl_divergence(taught, said)))
        return said


def fit(
    rounds: Sequence[Samples],
    validation: Samples,
    epochs: int,
    seed: int,
    unfinished: Path,
    teachers: Sequence[keras.Model] = (),
) -> keras.Model:
    """Train a network, with a warm-up, a cosine schedule, averaged weights and early stopping.

    The schedule ends where the epochs do, and accuracy mostly rises until then. A run stops early
    only where it has not risen for a long time; what is kept is the best epoch's.

    Args:
        rounds: what it learns, one of them an epoch.
        validation: what is read after each epoch; the weights that read most of it right, averaged
            as they are, are kept.
        epochs: how many.
        seed: of the augmentation; seed Keras too for the rest.
        unfinished: a folder for the history, its pictures and backups; a call that finds one there
            goes on with it.
        teachers: trained networks, of which it learns as well.

    Returns:
        The network with its averaged weights.
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
        validation_batch_size=BATCH,
        callbacks=[
            # What is logged before the backup is never lost: at worst an epoch is logged twice.
            keras.callbacks.CSVLogger(unfinished / HISTORY_FILE, append=True),
            # The backup holds the raw weights, so it comes before they are averaged.
            keras.callbacks.BackupAndRestore(unfinished / "backup", double_checkpoint=True),
            keras.callbacks.SwapEMAWeights(swap_on_epoch=True),
            # Where a run was interrupted, the best of the epochs since then.
            keras.callbacks.EarlyStopping(
                "val_accuracy",
                patience=max(LEAST_PATIENCE, round(PATIENCE * epochs)),
                mode="max",
                restore_best_weights=True,
            ),
            Pictures(network, validation, unfinished / HISTORY_FILE, unfinished),
            Clock(),
        ],
    )
    return network
