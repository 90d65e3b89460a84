"""Pages -> what the spotter sees of them, and what it should say."""

import functools
from collections.abc import Sequence

import keras
import numpy as np

from digit_model.lines.kinds import DIGIT_KINDS, KINDS
from digit_model.lines.spotter import CELL, FINE, OFFSET_UNIT, to_cells
from digit_model.training.spotting.pages import Page

CROP = 192  # Pixels, side of what the network sees of a page.
CENTRED = 0.85  # Of the crops hold a mark that was chosen at random.
SPREAD = 0.08  # Of a digit's height: how far around its centre the network may be a little wrong,
LEAST_SPREAD = 0.8  # and at least so many fine cells.
LEAST_INK = 16  # Pixels: a mark with less ink counts as if it had so much.
# Of smaller marks, in pixels, and on sheets that are turned farther, in degrees, it is only said
# whether they are digits: a page is turned, and looked at closer, before it is read.
SMALL, TURNED = 18.0, 40.0
ANY_DIGIT, NO_DIGIT = KINDS, KINDS + 1
_DIGIT = np.arange(KINDS) < DIGIT_KINDS
ALLOWED = np.array([*np.eye(KINDS, dtype=bool), _DIGIT, ~_DIGIT])  # What a target's kind may be.
NEAR = 3  # So many times as far, a centre has no weight any more.

# What a crop's targets are: the maps of `digit_model.lines.spotter.HEADS`, with one channel for the
# kind instead of a logit for each, and then two channels of weights.
INK = slice(0, CELL**2)
CENTRE = slice(INK.stop, INK.stop + (CELL // FINE) ** 2)
OFFSET = slice(CENTRE.stop, CENTRE.stop + 2 * (CELL // FINE) ** 2)
OFFSET_WEIGHT = slice(OFFSET.stop, OFFSET.stop + (CELL // FINE) ** 2)
DIRECTION = slice(OFFSET_WEIGHT.stop, OFFSET_WEIGHT.stop + 2)
DIRECTION_WEIGHT = slice(DIRECTION.stop, DIRECTION.stop + 1)
KIND = slice(DIRECTION_WEIGHT.stop, DIRECTION_WEIGHT.stop + 1)
KIND_WEIGHT = slice(KIND.stop, KIND.stop + 1)
CHANNELS = KIND_WEIGHT.stop


class Crops(keras.utils.PyDataset):
    """Batches of crops, each drawn anew.

    Args:
        pages: are cropped.
        batch: crops in a batch.
        steps: batches in an epoch.
        seed: of the crops.
        vary: whether their light and contrast are changed as well.
    """

    def __init__(
        self, pages: Sequence[Page], batch: int, steps: int, seed: int, vary: bool = True
    ) -> None:
        super().__init__(workers=1, use_multiprocessing=False, max_queue_size=8)
        self.pages, self.batch, self.steps, self.vary = pages, batch, steps, vary
        self.seed, self.epoch = seed, 0

    def __len__(self) -> int:
        """Batches in an epoch."""
        return self.steps

    def __getitem__(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Cells `(batch, side / 4, side / 4, 16)` of crops, and targets, of `CHANNELS` instead."""
        random = np.random.default_rng([self.seed, self.epoch, number])
        chosen = random.integers(len(self.pages), size=self.batch)
        pairs = [crop_page(self.pages[page], random, self.vary) for page in chosen]
        pictures, targets = zip(*pairs, strict=True)
        return np.stack(pictures), np.stack(targets)

    def on_epoch_end(self) -> None:
        """Draw others in the next epoch, but where epochs are compared, the same."""
        self.epoch += self.vary


def crop_page(page: Page, random: np.random.Generator, vary: bool) -> tuple[np.ndarray, np.ndarray]:
    """Some part of a page, and what should be said of it.

    Args:
        page: is cropped.
        random: where, and in what light.
        vary: whether light and contrast are changed.

    Returns:
        float32 `(CROP / 4, CROP / 4, 16)`, grey, 0..255, the pixels of each cell, and float32
        `(CROP / 4, CROP / 4, CHANNELS)`.
    """
    room = page.picture.shape[0] - CROP
    left, top = random.integers(0, room, 2, endpoint=True).tolist()
    if len(page.marks) and random.random() < CENTRED:
        place = page.marks[random.integers(len(page.marks)), :2] - random.uniform(0, CROP, 2)
        left, top = np.clip(place, 0, room).astype(int).tolist()
    part = cut_page(page, left, top)
    picture = part.picture.astype(np.float32)
    if vary:
        picture = vary_light(picture, random)
    return to_cells(picture, CELL), tell_targets(part)


def cut_page(page: Page, left: int, top: int) -> Page:
    """The part of a page, `CROP` pixels high and wide, that starts at a place."""
    window = np.s_[top : top + CROP, left : left + CROP]
    picture, ink, owner = (layer[window] for layer in (page.picture, page.ink, page.owner))
    return Page(picture, ink, owner, page.marks - np.array([left, top, 0, 0]), page.turn)


def tell_targets(page: Page) -> np.ndarray:
    """What should be said of a page: float32 `(height / 4, width / 4, CHANNELS)`.

    Args:
        page: its sides are divisible by 4.
    """
    height, width = page.owner.shape
    targets = np.zeros((height // CELL, width // CELL, CHANNELS), np.float32)
    targets[..., INK] = to_cells(page.ink / np.float32(255), CELL)
    heat = _centres(page.marks, (height // FINE, width // FINE))
    targets[..., CENTRE] = to_cells(heat, CELL // FINE)
    if len(page.marks):
        _tell_marks(targets, page.owner, page.marks, page.turn)
    return targets


def _tell_marks(targets: np.ndarray, owner: np.ndarray, marks: np.ndarray, turn: float) -> None:
    """Fill in, for each pixel of a mark, where its centre is, what it is, and how it lies."""
    # Of the marks in a cell, the last counts, whose ink lies on top.
    fine = _last(owner, FINE)
    x, y, heights, _ = marks[fine.astype(int) - 1].transpose(2, 0, 1)
    rows, columns = (np.indices(fine.shape) + 0.5) * FINE
    known = fine > 0
    offsets = np.stack([x - columns, y - rows], axis=2) / OFFSET_UNIT
    parts = CELL // FINE
    targets[..., OFFSET] = to_cells(offsets * known[..., None], parts)
    targets[..., OFFSET_WEIGHT] = to_cells(_weigh(known, heights), parts)
    coarse = _last(fine, CELL // FINE)
    kinds = marks[coarse.astype(int) - 1, 3]
    known = coarse > 0
    angle = np.deg2rad(turn)
    targets[..., DIRECTION] = (np.cos(angle), -np.sin(angle))
    targets[..., DIRECTION_WEIGHT] = (known & (kinds < DIGIT_KINDS))[..., None]
    upright = np.cos(angle) > np.cos(np.deg2rad(TURNED))
    plain = marks[coarse.astype(int) - 1, 2] >= SMALL if upright else np.zeros_like(known)
    roughly = np.where(kinds < DIGIT_KINDS, ANY_DIGIT, NO_DIGIT)
    targets[..., KIND] = np.where(known, np.where(plain, kinds, roughly), 0)[..., None]
    # Each mark counts as much as any other, also a point of few pixels.
    inks = np.bincount(owner.ravel(), minlength=len(marks) + 1)
    targets[..., KIND_WEIGHT] = (known * CELL**2 / np.maximum(inks, LEAST_INK)[coarse])[..., None]


def _weigh(known: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """What each part of a mark counts: a small one has fewer, which must be as right for it."""
    return np.where(known, OFFSET_UNIT / np.maximum(heights, OFFSET_UNIT / 4), 0)


def _last(owner: np.ndarray, parts: int) -> np.ndarray:
    """The greatest number in each square of so many rows and columns."""
    rows = functools.reduce(np.maximum, [owner[row::parts] for row in range(parts)])
    last: np.ndarray = functools.reduce(np.maximum, [rows[:, k::parts] for k in range(parts)])
    return last


def _centres(marks: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Blurred dots at the centres, in fine parts: float32 `shape`, 1 in the middle of each."""
    heat = np.zeros(shape, np.float32)
    for x, y, height, _ in marks.tolist():
        column, row = int(x // FINE), int(y // FINE)
        if not (0 <= column < shape[1] and 0 <= row < shape[0]):
            continue
        spread = max(LEAST_SPREAD, SPREAD * height / FINE)
        reach = round(NEAR * spread)
        rows = np.arange(max(0, row - reach), min(shape[0], row + reach + 1))
        columns = np.arange(max(0, column - reach), min(shape[1], column + reach + 1))
        away = (rows[:, None] - row) ** 2 + (columns - column) ** 2
        place = heat[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        np.maximum(place, np.exp(-away / (2 * spread**2)), out=place)
    return heat


def vary_light(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A picture with another contrast, brightness, gamma and noise, some inverted."""
    picture = 255 * (picture / 255) ** np.float32(np.exp(random.normal(0, 0.3)))
    contrast = random.uniform(0.5, 1)
    picture = contrast * picture + random.uniform(0, 1 - contrast) * 255
    if random.random() < 0.3:
        picture = picture + random.normal(0, random.uniform(1, 7), picture.shape)
    if random.random() < 0.08:
        picture = 255 - picture
    return picture.astype(np.float32)
