"""Makes pages: pictures of written sheets, with the mark that each pixel belongs to."""

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from digit_model.training.data import Samples
from digit_model.training.spotting.layouts import write_sheet
from digit_model.training.spotting.models import Models
from digit_model.training.spotting.paper import expose
from digit_model.training.spotting.sheet import SIDE, Placed

SHARD_PAGES = 500  # Pages in a file.
# Share of sheets turned by each kind of angle; see `_choose_turn`.
TURN_SHARES = {"upright": 0.6, "askew": 0.12, "quarters": 0.15, "any": 0.13}
LONE_TURN = 6.0  # Degrees; standard deviation for a single mark: sheets are not turned for one.
WINDOW_SHARE = 0.4  # Share of pictures that end close to the writing.


class Page(NamedTuple):
    """A picture of a sheet, and the marks on it.

    Attributes:
        picture: uint8 `(side, side)`, grey.
        ink: uint8 `(side, side)`, from 0 (paper) to 255 (ink written by hand).
        owner: uint8 `(side, side)`, the number of the mark that a pixel belongs to, from 1; 0
            for none.
        marks: float32 `(marks, 4)`: x, y, height in pixels, kind; see `Placed`.
        turn: degrees by which the writing is turned counterclockwise.
    """

    picture: np.ndarray
    ink: np.ndarray
    owner: np.ndarray
    marks: np.ndarray
    turn: float


def compose(models: Models, random: np.random.Generator) -> Page:
    """Write on a sheet, turn it and take a picture of it."""
    sheet, height = write_sheet(models, random)
    printed = np.asarray(sheet.print, np.float32) / 255
    turn = _choose_turn(len(sheet.marks), random)
    layers = sheet.ink, sheet.shown, sheet.owner, printed
    ink, shown, owner, printed = (_turn_layer(layer, turn) for layer in layers)
    marks = [_turn_mark(mark, turn) for mark in sheet.marks]
    picture = expose(shown, printed, marks, height, random)
    if marks and random.random() < WINDOW_SHARE:
        picture, inside = _cut_window(picture, np.maximum(ink, shown), height, random)
        # Outside the window nothing is visible.
        ink, owner = ink * inside, owner * inside
    rows = np.array(marks, np.float32).reshape(-1, len(Placed._fields))
    levels = np.rint(255 * ink).astype(np.uint8)
    return Page(picture, levels, owner.astype(np.uint8), rows, turn)


def write_shards(samples: Samples, folder: Path, count: int, seed: int) -> list[Path]:
    """Make pages on all cores, and keep files that exist already.

    Args:
        samples: digits of MNIST's training part.
        folder: made if absent.
        count: how many pages.
        seed: seed of the random generators.

    Returns:
        The files, of `SHARD_PAGES` pages each.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{seed}_{number}.npz" for number in range(-(-count // SHARD_PAGES))]
    missing = [file for file in files if not file.exists()]
    cores = os.cpu_count() or 1
    # A forked process may hang if TensorFlow or another library has started threads.
    with ProcessPoolExecutor(cores, get_context("spawn")) as pool:
        parts = [missing[core::cores] for core in range(cores)]
        list(pool.map(_write_files, repeat(samples), filter(None, parts)))
    return files


def open_shards(files: Sequence[Path]) -> list[Page]:
    """Open the pages in files that `write_shards` wrote."""
    pages = []
    for file in files:
        with np.load(file) as arrays:
            pictures, inks, owners, turns = (
                arrays[name] for name in ("pictures", "inks", "owners", "turns")
            )
            marks = np.split(arrays["marks"], arrays["ends"][:-1])
        rows = zip(pictures, inks, owners, marks, turns.tolist(), strict=True)
        pages += [Page(*row) for row in rows]
    return pages


def _write_files(samples: Samples, files: Sequence[Path]) -> None:
    """Write some of the files, each from the seed in its name."""
    models = Models(samples, np.random.default_rng(0))
    for file in files:
        random = np.random.default_rng([int(part) for part in file.stem.split("_")])
        pages = [compose(models, random) for _ in range(SHARD_PAGES)]
        draft = file.with_suffix(".draft.npz")
        np.savez_compressed(
            draft,
            pictures=np.array([page.picture for page in pages]),
            inks=np.array([page.ink for page in pages]),
            owners=np.array([page.owner for page in pages]),
            turns=np.array([page.turn for page in pages], np.float32),
            marks=np.concatenate([page.marks for page in pages]),
            ends=np.cumsum([len(page.marks) for page in pages]),
        )
        draft.rename(file)  # An interrupted run leaves no incomplete file.


def _choose_turn(marks: int, random: np.random.Generator) -> float:
    """Choose by how many degrees a sheet is turned counterclockwise."""
    angle_kind = random.choice([*TURN_SHARES], p=[*TURN_SHARES.values()])
    if marks < 2:
        return float(random.normal(0, LONE_TURN))
    if angle_kind == "upright":
        return float(random.normal(0, 3)) if random.random() < 0.6 else 0.0
    if angle_kind == "askew":
        return float(random.uniform(-25, 25))
    if angle_kind == "quarters":
        return float(random.choice([90, 180, 270]) + random.choice([0.0, random.normal(0, 4)]))
    return float(random.uniform(-180, 180))


def _turn_layer(layer: np.ndarray, degrees: float) -> np.ndarray:
    """Turn a layer counterclockwise; bytes, which number marks, are not interpolated."""
    if degrees % 90 == 0:
        return np.rot90(layer, round(degrees / 90)).copy()
    is_numbers = layer.dtype == np.uint8
    resampling = Image.Resampling.NEAREST if is_numbers else Image.Resampling.BILINEAR
    turned: np.ndarray = np.array(Image.fromarray(layer).rotate(degrees, resampling))
    return turned


def _turn_mark(mark: Placed, degrees: float) -> Placed:
    angle, middle = np.deg2rad(degrees), (SIDE - 1) / 2
    right, down = mark.x - middle, mark.y - middle
    x = middle + np.cos(angle) * right + np.sin(angle) * down
    y = middle - np.sin(angle) * right + np.cos(angle) * down
    return mark._replace(x=float(x), y=float(y))


def _cut_window(
    picture: np.ndarray, ink: np.ndarray, height: float, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Crop a picture close to its ink, and pad it with its edges; also give the window's mask."""
    rows, columns = np.nonzero(ink > 0)
    if not len(rows):
        return picture, np.ones(ink.shape, bool)
    room = height * np.exp(random.uniform(np.log(0.03), np.log(1.5), 4))
    top, left = max(0, int(rows.min() - room[0])), max(0, int(columns.min() - room[1]))
    bottom, right = int(rows.max() + room[2]) + 1, int(columns.max() + room[3]) + 1
    window = picture[top:bottom, left:right]
    ends = [(top, max(0, SIDE - bottom)), (left, max(0, SIDE - right))]
    inside = np.zeros(ink.shape, bool)
    inside[top:bottom, left:right] = True
    return np.pad(window, ends, mode="edge"), inside
