"""Pages: pictures of written sheets, and for each pixel what it is."""

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

SHARD = 500  # Pages in a file.
# How sheets lie, and how often: nearly upright, askew, on a side or on the head, anyhow.
TURNS = {"upright": 0.6, "askew": 0.12, "quarters": 0.15, "any": 0.13}
LONE_TURN = 6.0  # Degrees, standard deviation: nobody turns a sheet for a single mark.
WINDOWED = 0.4  # Of the pictures end close to what is written on them.


class Page(NamedTuple):
    """A picture of a sheet with what stands on it.

    Attributes:
        picture: uint8 `(side, side)`, grey.
        ink: uint8 `(side, side)`, from 0 (paper) to 255 (ink written by hand).
        owner: uint8 `(side, side)`, the number of the mark that a pixel belongs to, from 1; 0 for
            none.
        marks: float32 `(marks, 4)`: x, y, height in pixels, kind; see `Placed`.
        turn: degrees by which the writing runs counterclockwise from left to right.
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
    ink, shown, owner, printed = (_turn(layer, turn) for layer in layers)
    marks = [_turn_mark(mark, turn) for mark in sheet.marks]
    picture = expose(shown, printed, marks, height, random)
    if marks and random.random() < WINDOWED:
        picture, inside = _cut_window(picture, np.maximum(ink, shown), height, random)
        # What is beside the window cannot be seen any more.
        ink, owner = ink * inside, owner * inside
    rows = np.array(marks, np.float32).reshape(-1, len(Placed._fields))
    levels = np.rint(255 * ink).astype(np.uint8)
    return Page(picture, levels, owner.astype(np.uint8), rows, turn)


def write_shards(samples: Samples, folder: Path, count: int, seed: int) -> list[Path]:
    """Make pages on all cores; files that are there already are kept.

    Args:
        samples: digits of MNIST's training part.
        folder: made if absent.
        count: how many pages.
        seed: of the random generators.

    Returns:
        The files, of `SHARD` pages each.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{seed}_{number}.npz" for number in range(-(-count // SHARD))]
    missing = [file for file in files if not file.exists()]
    cores = os.cpu_count() or 1
    # A fork of a process in which a network's library runs threads may hang.
    with ProcessPoolExecutor(cores, get_context("spawn")) as pool:
        parts = [missing[core::cores] for core in range(cores)]
        list(pool.map(_write, repeat(samples), filter(None, parts)))
    return files


def open_shards(files: Sequence[Path]) -> list[Page]:
    """The pages in files that `write_shards` wrote."""
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


def _write(samples: Samples, files: Sequence[Path]) -> None:
    """Write some of the files, each from a seed that its name tells."""
    models = Models(samples, np.random.default_rng(0))
    for file in files:
        random = np.random.default_rng([int(part) for part in file.stem.split("_")])
        pages = [compose(models, random) for _ in range(SHARD)]
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
        draft.rename(file)  # An interrupted run leaves no half of a file.


def _choose_turn(marks: int, random: np.random.Generator) -> float:
    """Degrees, counterclockwise."""
    way = random.choice([*TURNS], p=[*TURNS.values()])
    if marks < 2:
        return float(random.normal(0, LONE_TURN))
    if way == "upright":
        return float(random.normal(0, 3)) if random.random() < 0.6 else 0.0
    if way == "askew":
        return float(random.uniform(-25, 25))
    if way == "quarters":
        return float(random.choice([90, 180, 270]) + random.choice([0.0, random.normal(0, 4)]))
    return float(random.uniform(-180, 180))


def _turn(layer: np.ndarray, degrees: float) -> np.ndarray:
    """A layer, turned counterclockwise; numbers of marks stay whole."""
    if degrees % 90 == 0:
        return np.rot90(layer, round(degrees / 90)).copy()
    bytes_ = layer.dtype == np.uint8
    way = Image.Resampling.NEAREST if bytes_ else Image.Resampling.BILINEAR
    turned: np.ndarray = np.array(Image.fromarray(layer).rotate(degrees, way))
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
    """A picture that ends close to the ink, continued by its edge's pixels, and what is inside."""
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
