"""Makes the spotter's inputs and targets from pages."""

import functools
from collections.abc import Sequence

import keras
import numpy as np

from digit_model.lines.kinds import DIGIT_KINDS, KINDS
from digit_model.lines.spotter import CELL, FINE, OFFSET_UNIT, to_cells
from digit_model.training.spotting.pages import Page

CROP_SIDE = 192  # Pixels; side of a crop of a page.
AIMED_SHARE = 0.85  # Share of crops that are placed around a random mark.
SPREAD_TO_HEIGHT = 0.08  # Standard deviation of a centre's blurred dot, of the digit's height.
MIN_SPREAD = 0.8  # Fine cells; smallest standard deviation of a centre's dot.
INK_FLOOR = 16  # Pixels; a mark with less ink weighs as if it had this much.
# Pixels; lower marks are taught only as digits or not: the reader looks closer to name them.
MIN_KIND_HEIGHT = 18.0
# Degrees; on pages turned farther, marks are taught only as digits or not: the reader turns pages
# upright before it names marks.
MAX_KIND_TURN = 40.0
ANY_DIGIT, NO_DIGIT = KINDS, KINDS + 1  # Kinds of targets that only say whether it is a digit.
_IS_DIGIT = np.arange(KINDS) < DIGIT_KINDS
# bool `(KINDS + 2, KINDS)`: the kinds that are right for each kind of target.
ALLOWED_KINDS = np.array([*np.eye(KINDS, dtype=bool), _IS_DIGIT, ~_IS_DIGIT])
DOT_RADIUS = 3  # Standard deviations; radius of a centre's dot.

# Channels of the targets: those of `digit_model.lines.spotter.HEADS`, but with one channel for the
# kind instead of a logit for each; and weights for the offset, the direction and the kind.
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
    """Batches of random crops.

    Args:
        pages: the pages to crop.
        batch: crops in a batch.
        steps: batches in an epoch.
        seed: seed of the crops.
        vary: whether each epoch has other crops, and their light and contrast are changed.
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
        """Cells `(batch, side / 4, side / 4, 16)`, and targets with `CHANNELS` channels instead."""
        random = np.random.default_rng([self.seed, self.epoch, number])
        chosen = random.integers(len(self.pages), size=self.batch)
        pairs = [crop_page(self.pages[page], random, self.vary) for page in chosen]
        pictures, targets = zip(*pairs, strict=True)
        return np.stack(pictures), np.stack(targets)

    def on_epoch_end(self) -> None:
        """Change the crops for the next epoch, except where epochs are to be compared."""
        self.epoch += self.vary


def crop_page(page: Page, random: np.random.Generator, vary: bool) -> tuple[np.ndarray, np.ndarray]:
    """Crop a page at random, and make the targets of the crop.

    Args:
        page: the page to crop.
        random: chooses the place and the light.
        vary: whether light and contrast are changed.

    Returns:
        float32 `(side / 4, side / 4, 16)`, the grey pixels, 0..255, of each cell, and the targets,
        float32 `(side / 4, side / 4, CHANNELS)`; the side is `CROP_SIDE`.
    """
    room = page.picture.shape[0] - CROP_SIDE
    left, top = random.integers(0, room, 2, endpoint=True).tolist()
    if len(page.marks) and random.random() < AIMED_SHARE:
        place = page.marks[random.integers(len(page.marks)), :2] - random.uniform(0, CROP_SIDE, 2)
        left, top = np.clip(place, 0, room).astype(int).tolist()
    part = cut_page(page, left, top)
    picture = part.picture.astype(np.float32)
    if vary:
        picture = vary_light(picture, random)
    return to_cells(picture, CELL), tell_targets(part)


def cut_page(page: Page, left: int, top: int) -> Page:
    """Cut out of a page a square of `CROP_SIDE` pixels with this upper left corner."""
    window = np.s_[top : top + CROP_SIDE, left : left + CROP_SIDE]
    picture, ink, owner = (layer[window] for layer in (page.picture, page.ink, page.owner))
    return Page(picture, ink, owner, page.marks - np.array([left, top, 0, 0]), page.turn)


def tell_targets(page: Page) -> np.ndarray:
    """Make the targets of a page, float32 `(height / 4, width / 4, CHANNELS)`.

    Args:
        page: its sides are divisible by 4.
    """
    height, width = page.owner.shape
    targets = np.zeros((height // CELL, width // CELL, CHANNELS), np.float32)
    targets[..., INK] = to_cells(page.ink / np.float32(255), CELL)
    heat = _draw_centres(page.marks, (height // FINE, width // FINE))
    targets[..., CENTRE] = to_cells(heat, CELL // FINE)
    if len(page.marks):
        _fill_marks(targets, page.owner, page.marks, page.turn)
    return targets


def _fill_marks(targets: np.ndarray, owner: np.ndarray, marks: np.ndarray, turn: float) -> None:
    """Fill in the offset to the centre, the direction and the kind for each pixel of a mark."""
    # In each cell the last mark counts, because its ink lies on top.
    fine = _find_topmost(owner, FINE)
    x, y, heights, _ = marks[fine.astype(int) - 1].transpose(2, 0, 1)
    rows, columns = (np.indices(fine.shape) + 0.5) * FINE
    known = fine > 0
    offsets = np.stack([x - columns, y - rows], axis=2) / OFFSET_UNIT
    parts = CELL // FINE
    targets[..., OFFSET] = to_cells(offsets * known[..., None], parts)
    targets[..., OFFSET_WEIGHT] = to_cells(_weigh_offsets(known, heights), parts)
    coarse = _find_topmost(fine, CELL // FINE)
    kinds = marks[coarse.astype(int) - 1, 3]
    known = coarse > 0
    angle = np.deg2rad(turn)
    targets[..., DIRECTION] = (np.cos(angle), -np.sin(angle))
    targets[..., DIRECTION_WEIGHT] = (known & (kinds < DIGIT_KINDS))[..., None]
    upright = np.cos(angle) > np.cos(np.deg2rad(MAX_KIND_TURN))
    named = marks[coarse.astype(int) - 1, 2] >= MIN_KIND_HEIGHT if upright else np.zeros_like(known)
    coarse_kinds = np.where(kinds < DIGIT_KINDS, ANY_DIGIT, NO_DIGIT)
    targets[..., KIND] = np.where(known, np.where(named, kinds, coarse_kinds), 0)[..., None]
    # All marks have the same weight, even a point of few pixels.
    inks = np.bincount(owner.ravel(), minlength=len(marks) + 1)
    targets[..., KIND_WEIGHT] = (known * CELL**2 / np.maximum(inks, INK_FLOOR)[coarse])[..., None]


def _weigh_offsets(known: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """Weigh errors in units of `OFFSET_UNIT` so that they count in heights of the mark."""
    return np.where(known, OFFSET_UNIT / np.maximum(heights, OFFSET_UNIT / 4), 0)


def _find_topmost(owner: np.ndarray, parts: int) -> np.ndarray:
    """Find the greatest number in each square of `parts` rows and columns."""
    rows = functools.reduce(np.maximum, [owner[row::parts] for row in range(parts)])
    last: np.ndarray = functools.reduce(np.maximum, [rows[:, k::parts] for k in range(parts)])
    return last


def _draw_centres(marks: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Draw a blurred dot, 1 in its middle, at each centre: float32 `shape`, in fine cells."""
    heat = np.zeros(shape, np.float32)
    for x, y, height, _ in marks.tolist():
        column, row = int(x // FINE), int(y // FINE)
        if not (0 <= column < shape[1] and 0 <= row < shape[0]):
            continue
        spread = max(MIN_SPREAD, SPREAD_TO_HEIGHT * height / FINE)
        radius = round(DOT_RADIUS * spread)
        rows = np.arange(max(0, row - radius), min(shape[0], row + radius + 1))
        columns = np.arange(max(0, column - radius), min(shape[1], column + radius + 1))
        squared_distance = (rows[:, None] - row) ** 2 + (columns - column) ** 2
        place = heat[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        np.maximum(place, np.exp(-squared_distance / (2 * spread**2)), out=place)
    return heat


def vary_light(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Change gamma, contrast and brightness at random; add noise to some, and invert a few.

    Args:
        picture: float32 `(height, width)`, 0..255.
        random: chooses the changes.

    Returns:
        float32 of the same shape, not clipped to 0..255.
    """
    picture = 255 * (picture / 255) ** np.float32(np.exp(random.normal(0, 0.3)))
    contrast = random.uniform(0.5, 1)
    picture = contrast * picture + random.uniform(0, 1 - contrast) * 255
    if random.random() < 0.3:
        picture = picture + random.normal(0, random.uniform(1, 7), picture.shape)
    if random.random() < 0.08:
        picture = 255 - picture
    return picture.astype(np.float32)
