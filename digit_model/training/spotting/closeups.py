"""Cuts out close-ups of the marks that a spotter finds, and trains a network to name them."""

from collections.abc import Callable, Sequence

import keras
import numpy as np
from keras import layers

from digit_model.lines.closeups import LAYERS, PAPER, SIDE, cut_closeups
from digit_model.lines.kinds import KINDS, OTHER
from digit_model.lines.spots import Spots, find_spots
from digit_model.lines.spotter import Maps
from digit_model.training import muon
from digit_model.training.callbacks import Clock
from digit_model.training.data import Samples
from digit_model.training.spotting.network import convolve
from digit_model.training.spotting.pages import Page
from digit_model.training.spotting.targets import vary_light

MAX_TURN = 12.0  # Degrees; pages turned farther are left out: the reader turns them upright first.
# Least share of the found mark's ink, and of the written mark's, that both have in common. With
# less, the found mark is labelled `OTHER`.
MIN_SHARED_INK = 0.6
BATCH = 128  # Close-ups in a training step.
LABEL_SMOOTHING = 0.03
FILTERS = (48, 96)  # Filters of two convolutions each, at 1/2 and 1/4 of a close-up's size.
LAST_FILTERS = 160  # Filters of the last convolution, at 1/8 of a close-up's size.
MAX_SHIFT = 2  # Pixels; a close-up is shifted at random by at most this in training.
CONTRAST_SPREAD = 0.15  # Standard deviation of the logarithm of a random contrast.
BRIGHTNESS_SPREAD = 6.0  # Standard deviation of a random change in brightness, in grey levels.


def make_closeups(
    pages: Sequence[Page], spotter: Callable[[np.ndarray], Maps], seed: int
) -> Samples:
    """Let a spotter find the marks on pages, and cut out a close-up of each.

    Args:
        pages: those turned by more than `MAX_TURN` are left out.
        spotter: maps a grey picture, uint8 `(height, width)`, to the maps of its marks.
        seed: seed of the random changes in light.

    Returns:
        uint8 `(n, 32, 32, 3)`, and the kind of each; see `digit_model.lines.kinds`.
    """
    random = np.random.default_rng(seed)
    frames, labels = [np.zeros((0, SIDE, SIDE, LAYERS), np.uint8)], [np.zeros(0, int)]
    for page in pages:
        if np.cos(np.deg2rad(page.turn)) < np.cos(np.deg2rad(MAX_TURN)):
            continue
        picture = vary_light(page.picture.astype(np.float32), random).clip(0, 255)
        spots = find_spots(spotter(np.rint(picture).astype(np.uint8)))
        frames.append(cut_closeups(spots, np.arange(1, len(spots.boxes))))
        labels.append(_label_marks(page, spots))
    return Samples(np.concatenate(frames), np.concatenate(labels))


def _label_marks(page: Page, spots: Spots) -> np.ndarray:
    """Tell each found mark's kind, int `(marks,)`: `OTHER` unless it matches one written mark."""
    height, width = page.owner.shape
    found = spots.labels[spots.margin :, spots.margin :][:height, :width].astype(int)
    count, written_count = len(spots.boxes), len(page.marks)
    if not written_count:
        return np.full(count - 1, OTHER)
    pairs = (found * (written_count + 1) + page.owner).ravel()
    shared = np.bincount(pairs, minlength=count * (written_count + 1)).reshape(count, -1)[1:, 1:]
    written = np.bincount(page.owner.ravel(), minlength=written_count + 1)[1:]
    best, overlap = shared.argmax(axis=1), shared.max(axis=1)
    matches = (
        (overlap > 0)
        & (overlap >= MIN_SHARED_INK * shared.sum(axis=1))
        & (overlap >= MIN_SHARED_INK * written[best])
    )
    return np.where(matches, page.marks[best, 3].astype(int), OTHER)


class CloseupBatches(keras.utils.PyDataset):
    """Batches of close-ups, shifted and lit at random, in another order in each epoch."""

    def __init__(self, samples: Samples, seed: int) -> None:
        super().__init__(workers=1, use_multiprocessing=False, max_queue_size=8)
        self.samples, self.seed, self.epoch = samples, seed, 0
        self.on_epoch_begin()

    def __len__(self) -> int:
        """Batches in an epoch."""
        return max(1, len(self.samples.labels) // BATCH)

    def __getitem__(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Close-ups, float32 `(batch, 32, 32, 3)`, 0..255, and one-hot kinds `(batch, KINDS)`."""
        random = np.random.default_rng([self.seed, self.epoch, number])
        chosen = self._order[number * BATCH : (number + 1) * BATCH]
        frames = self.samples.frames[chosen].astype(np.float32)
        shifts = random.integers(-MAX_SHIFT, MAX_SHIFT, (len(frames), 2), endpoint=True)
        for frame, shift in zip(frames, shifts, strict=True):
            frame[:] = np.roll(frame, shift, (0, 1))
        contrast = np.exp(random.normal(0, CONTRAST_SPREAD, (len(frames), 1, 1)))
        brightness = random.normal(0, BRIGHTNESS_SPREAD, (len(frames), 1, 1))
        frames[..., 0] = (PAPER + contrast * (frames[..., 0] - PAPER) + brightness).clip(0, 255)
        return frames, keras.utils.to_categorical(self.samples.labels[chosen], KINDS)

    def on_epoch_begin(self) -> None:
        """Shuffle the close-ups."""
        self.epoch += 1
        order = np.random.default_rng([self.seed, self.epoch])
        self._order = order.permutation(len(self.samples.labels))


def build_closeups() -> keras.Model:
    """Build the network that names marks, a small convolutional one.

    Returns:
        A model from float32 `(n, 32, 32, 3)`, 0..255, to logits, float32 `(n, KINDS)`.
    """
    inputs = keras.Input((SIDE, SIDE, LAYERS), name="closeups")
    x = layers.Rescaling(1 / 127.5, offset=-1)(inputs)
    # Two by two pixels become channels: convolutions at full size would take most of the time.
    half = SIDE // 2
    x = layers.Permute((1, 3, 2, 4))(layers.Reshape((half, 2, half, 2 * LAYERS))(x))
    x = layers.Reshape((half, half, 4 * LAYERS))(x)
    for filters in FILTERS:
        x = convolve(convolve(x, filters), filters)
        x = layers.SpatialDropout2D(0.05)(layers.MaxPooling2D()(x))
    x = layers.AveragePooling2D(2)(convolve(x, LAST_FILTERS))
    x = layers.Dropout(0.3)(layers.Flatten()(x))
    return keras.Model(inputs, layers.Dense(KINDS, name="kinds")(x), name="closeups")


def fit(samples: Samples, validation: Samples, epochs: int, seed: int) -> keras.Model:
    """Train the network that names marks, with averaged weights.

    Args:
        samples: the training set; see `make_closeups`.
        validation: measured after each epoch, and never used for a choice.
        epochs: number of epochs.
        seed: seed of the order and the random changes; seed Keras too for the weights.
    """
    network = build_closeups()
    train = CloseupBatches(samples, seed)
    network.compile(
        muon.build_optimizer(epochs * len(train)),
        keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=LABEL_SMOOTHING),
        metrics=["accuracy"],
        jit_compile=False,  # XLA's convolutions are slower on a CPU.
    )
    network.fit(
        train,
        epochs=epochs,
        validation_data=(
            validation.frames.astype(np.float32),
            keras.utils.to_categorical(validation.labels, KINDS),
        ),
        verbose=2,
        callbacks=[keras.callbacks.SwapEMAWeights(swap_on_epoch=True), Clock()],
    )
    return network
