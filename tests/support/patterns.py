"""Pictures of patterns, such as waves, combs and spirals, each drawn after a recipe."""

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from scripts.strokes import STROKES

FORMS = ("PNG", "JPEG", "WEBP")


LOOKS = ("drawn", "photo")


class Recipe(NamedTuple):
    """How to draw a picture.

    Attributes:
        kind: one of `KINDS`.
        width: of the picture, in pixels.
        height: of the picture, in pixels.
        pitch: from one mark to the next, in pixels.
        pen: its width, in pixels.
        share: 0 to 1: how dense, long or regular, as the kind has it.
        turn: of the whole, in degrees.
        look: one of `LOOKS`.
        form: one of `FORMS`.
        seed: of what is random.
    """

    kind: str
    width: int
    height: int
    pitch: float
    pen: float
    share: float = 0.5
    turn: float = 0.0
    look: str = "drawn"
    form: str = "PNG"
    seed: int = 0


Lines = Iterator[np.ndarray]  # Each float (n, 2): x and y.


def _waves(recipe: Recipe, _: np.random.Generator) -> Lines:
    x = np.linspace(0, recipe.width, 400)
    for row in np.arange(recipe.pitch, recipe.height, recipe.pitch):
        yield np.stack([x, row + recipe.share * recipe.pitch * np.sin(x / recipe.pitch)], axis=1)


def _comb(recipe: Recipe, _: np.random.Generator) -> Lines:
    middle, reach = recipe.height / 2, recipe.share * recipe.height / 2
    yield np.array([(0, middle), (recipe.width, middle)])
    for x in np.arange(recipe.pitch, recipe.width, recipe.pitch):
        yield np.array([(x, middle - reach), (x, middle + reach)])


def _bars(recipe: Recipe, random: np.random.Generator) -> Lines:
    for x in np.arange(recipe.pitch, recipe.width - recipe.pitch, recipe.pitch):
        top, bottom = recipe.height * np.array([0.05, 0.95])
        bottom -= random.uniform(0, 1 - recipe.share) * (bottom - top)
        yield np.array([(x, top), (x, bottom)])


def _grid(recipe: Recipe, random: np.random.Generator) -> Lines:
    yield from _bars(recipe, random)
    for y in np.arange(recipe.pitch, recipe.height, recipe.pitch):
        yield np.array([(0, y), (recipe.width, y)])


def _hatching(recipe: Recipe, random: np.random.Generator) -> Lines:
    for start in np.arange(-recipe.height, recipe.width, recipe.pitch):
        ends = np.sort(random.uniform(0, 1, 2)) if random.random() > recipe.share else (0.02, 0.98)
        yield np.array([(start + recipe.height * end, recipe.height * end) for end in ends])


def _spiral(recipe: Recipe, _: np.random.Generator) -> Lines:
    turns = min(recipe.width, recipe.height) / 2.1 / recipe.pitch
    angle = np.linspace(0, math.tau * turns, int(60 * turns) + 2)
    radius = recipe.pitch * angle / math.tau
    middle = np.array([recipe.width, recipe.height]) / 2
    yield middle + radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _rings(recipe: Recipe, random: np.random.Generator) -> Lines:
    middle = np.array([recipe.width, recipe.height]) / 2
    for radius in np.arange(recipe.pitch, middle.min(), recipe.pitch):
        start = random.uniform(0, math.tau)
        angle = start + np.linspace(0, math.tau * (0.2 + 0.8 * recipe.share), 90)
        yield middle + radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _corners(recipe: Recipe, _: np.random.Generator) -> Lines:
    for inset in np.arange(recipe.pitch, min(recipe.width, recipe.height), recipe.pitch):
        yield np.array(
            [(inset, recipe.height - inset * recipe.share), (inset, inset), (recipe.width, inset)]
        )


def _fan(recipe: Recipe, _: np.random.Generator) -> Lines:
    size = np.array([recipe.width, recipe.height])
    for angle in np.arange(0, 360, max(0.5, recipe.pitch / 4)):
        ray = np.array([math.cos(math.radians(angle)), math.sin(math.radians(angle))])
        yield size / 2 + np.outer([0.5 * recipe.share, 1], ray * size / 2)


def _scribble(recipe: Recipe, random: np.random.Generator) -> Lines:
    size = np.array([recipe.width, recipe.height])
    for _ in range(int(size.prod() / (60 * recipe.pitch) ** 1.5) + 1):
        start = random.uniform(0, 1, 2) * size
        steps = random.normal(0, recipe.share * size.max() / 20, (random.integers(2, 12), 2))
        yield start + steps.cumsum(axis=0)


def _digits(recipe: Recipe, random: np.random.Generator) -> Lines:
    labels = [*STROKES]
    step = np.array([0.4 + recipe.share, 1.2]) * recipe.pitch
    for x in np.arange(recipe.pitch, recipe.width - recipe.pitch, step[0]):
        for y in np.arange(recipe.pitch / 2, recipe.height - recipe.pitch, step[1]):
            for stroke in STROKES[labels[random.integers(len(labels))]]:
                yield np.array(stroke) * recipe.pitch + (x, y)


def _dashes(recipe: Recipe, random: np.random.Generator) -> Lines:
    """Dots, dashes or short strokes that stand in rows."""
    for y in np.arange(recipe.pitch, recipe.height, recipe.pitch):
        for x in np.arange(recipe.pitch, recipe.width, recipe.pitch):
            reach = recipe.share * recipe.pitch / 2 * random.normal(0, 1, 2)
            yield np.array([(x, y), (x, y)]) + np.outer([-1, 1], reach)


LINES: dict[str, Callable[[Recipe, np.random.Generator], Lines]] = {
    "waves": _waves,
    "comb": _comb,
    "bars": _bars,
    "grid": _grid,
    "hatching": _hatching,
    "spiral": _spiral,
    "rings": _rings,
    "corners": _corners,
    "fan": _fan,
    "scribble": _scribble,
    "digits": _digits,
    "dashes": _dashes,
}


KINDS = (*LINES, "checkerboard", "noise", "maze")


def draw(recipe: Recipe) -> Image.Image:
    """Draw a picture, in grey."""
    random = np.random.default_rng(recipe.seed)
    if recipe.kind in LINES:
        picture = Image.new("L", (recipe.width, recipe.height), 255)
        pencil = ImageDraw.Draw(picture)
        for line in LINES[recipe.kind](recipe, random):
            pencil.line(line.ravel().tolist(), fill=0, width=round(recipe.pen), joint="curve")
    else:
        picture = _blocks(recipe, random)
    picture = picture.rotate(recipe.turn, Image.Resampling.BILINEAR, fillcolor=255)
    if recipe.look == "photo":
        x = np.linspace(0.6, 1, recipe.width)
        photo = np.asarray(picture) * 0.7 * x + 40
        photo += random.normal(0, 2, photo.shape)
        picture = Image.fromarray(photo.clip(0, 255).astype(np.uint8))
    return picture


def _blocks(recipe: Recipe, random: np.random.Generator) -> Image.Image:
    """Squares as wide as the pen, black or white."""
    pen = max(1, round(recipe.pen))
    shape = -(-recipe.height // pen), -(-recipe.width // pen)
    y, x = np.indices(shape)
    if recipe.kind == "checkerboard":
        black = (x + y) % 2 == 0
    elif recipe.kind == "noise":
        black = random.random(shape) < recipe.share
    else:  # A maze: walls on every second row and column, with gates.
        black = (x % 2 == 0) & (y % 2 == 0)
        black |= ((x + y) % 2 == 1) & (random.random(shape) < recipe.share)
    grey = np.where(black, 0, 255).astype(np.uint8).repeat(pen, axis=0).repeat(pen, axis=1)
    return Image.fromarray(grey[: recipe.height, : recipe.width])
