"""Pages, and a spotter -> close-ups of the marks that it finds, and a network that names them."""

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

LEANING = 12.0  # Degrees: of a page that is turned farther, nothing is shown; it is turned first.
MOSTLY = 0.6  # Of a mark's ink, on the page and as it was found: with less, it is some other thing.
BATCH = 128
SMOOTHING = 0.03  # Of the labels.
FILTERS = (48, 96)  # Of two convolutions each, at a half and a quarter of a close-up's size,
LAST = 160  # and of the last, at an eighth.
MOVED = 2  # Pixels, at most, that a close-up is moved while it is learned.
CONTRAST, NOISE = 0.15, 6.0  # Standard deviations, of a logarithm and of levels.


def make_closeups(
    pages: Sequence[Page], spotter: Callable[[np.ndarray], Maps], seed: int
) -> Samples:
    """Let a spotter find what is on pages, and cut it out.

    Returns:
        uint8 `(n, 32, 32, 3)`, and the kinds; see `digit_model.lines.kinds`.
    """
    random = np.random.default_rng(seed)
    frames, labels = [np.zeros((0, SIDE, SIDE, LAYERS), np.uint8)], [np.zeros(0, int)]
    for page in pages:
        if np.cos(np.deg2rad(page.turn)) < np.cos(np.deg2rad(LEANING)):
            continue
        picture = vary_light(page.picture.astype(np.float32), random).clip(0, 255)
        spots = find_spots(spotter(np.rint(picture).astype(np.uint8)))
        frames.append(cut_closeups(spots, np.arange(1, len(spots.boxes))))
        labels.append(_tell_kinds(page, spots))
    return Samples(np.concatenate(frames), np.concatenate(labels))


def _tell_kinds(page: Page, spots: Spots) -> np.ndarray:
    """What each mark that was found is, int `(marks,)`: `OTHER` where it is not just one."""
    height, width = page.owner.shape
    found = spots.labels[spots.margin :, spots.margin :][:height, :width].astype(int)
    count, marks = len(spots.boxes), len(page.marks)
    if not marks:
        return np.full(count - 1, OTHER)
    pairs = (found * (marks + 1) + page.owner).ravel()
    shared = np.bincount(pairs, minlength=count * (marks + 1)).reshape(count, -1)[1:, 1:]
    written = np.bincount(page.owner.ravel(), minlength=marks + 1)[1:]
    best, most = shared.argmax(axis=1), shared.max(axis=1)
    one = (most > 0) & (most >= MOSTLY * shared.sum(axis=1)) & (most >= MOSTLY * written[best])
    return np.where(one, page.marks[best, 3].astype(int), OTHER)


class Closer(keras.utils.PyDataset):
    """Batches of close-ups, each moved a little, in an order of each epoch's own."""

    def __init__(self, samples: Samples, seed: int) -> None:
        super().__init__(workers=1, use_multiprocessing=False, max_queue_size=8)
        self.samples, self.seed, self.epoch = samples, seed, 0
        self.on_epoch_begin()

    def __len__(self) -> int:
        """Batches in an epoch."""
        return max(1, len(self.samples.labels) // BATCH)

    def __getitem__(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Float32 `(batch, 32, 32, 3)`, and `(batch, KINDS)`, 1 at the kind."""
        random = np.random.default_rng([self.seed, self.epoch, number])
        chosen = self._order[number * BATCH : (number + 1) * BATCH]
        frames = self.samples.frames[chosen].astype(np.float32)
        moves = random.integers(-MOVED, MOVED, (len(frames), 2), endpoint=True)
        for frame, move in zip(frames, moves, strict=True):
            frame[:] = np.roll(frame, move, (0, 1))
        contrast = np.exp(random.normal(0, CONTRAST, (len(frames), 1, 1)))
        lighter = random.normal(0, NOISE, (len(frames), 1, 1))
        frames[..., 0] = (PAPER + contrast * (frames[..., 0] - PAPER) + lighter).clip(0, 255)
        return frames, keras.utils.to_categorical(self.samples.labels[chosen], KINDS)

    def on_epoch_begin(self) -> None:
        """Put them in another order."""
        self.epoch += 1
        order = np.random.default_rng([self.seed, self.epoch])
        self._order = order.permutation(len(self.samples.labels))


def build_closeups() -> keras.Model:
    """A small convolutional network.

    Returns:
        A model from float32 `(n, 32, 32, 3)`, 0..255, to logits, float32 `(n, KINDS)`.
    """
    inputs = keras.Input((SIDE, SIDE, LAYERS), name="closeups")
    x = layers.Rescaling(1 / 127.5, offset=-1)(inputs)
    # Four pixels each, as four times the channels: at full size most of the time would be spent.
    half = SIDE // 2
    x = layers.Permute((1, 3, 2, 4))(layers.Reshape((half, 2, half, 2 * LAYERS))(x))
    x = layers.Reshape((half, half, 4 * LAYERS))(x)
    for filters in FILTERS:
        x = convolve(convolve(x, filters), filters)
        x = layers.SpatialDropout2D(0.05)(layers.MaxPooling2D()(x))
    x = layers.AveragePooling2D(2)(convolve(x, LAST))
    x = layers.Dropout(0.3)(layers.Flatten()(x))
    return keras.Model(inputs, layers.Dense(KINDS, name="kinds")(x), name="closeups")


def fit(samples: Samples, validation: Samples, epochs: int, seed: int) -> keras.Model:
    """Train the network that names marks, with averaged weights.

    Args:
        samples: what it learns; see `make_closeups`.
        validation: what is read after each epoch, and chooses nothing.
        epochs: how many.
        seed: of the order; seed Keras too for the rest.
    """
    network = build_closeups()
    train = Closer(samples, seed)
    network.compile(
        muon.build_optimizer(epochs * len(train)),
        keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=SMOOTHING),
        metrics=["accuracy"],
        jit_compile=False,  # On a processor XLA's convolutions are the slower ones.
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
