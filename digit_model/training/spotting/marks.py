"""Draws single marks: digits, letters and doodles."""

from collections.abc import Sequence

import numpy as np
from PIL import Image
from scipy import ndimage

from digit_model.lines.kinds import OTHER
from digit_model.training.spotting.hand import Hand, Mark, render, shape_paths
from digit_model.training.spotting.models import Models

MIN_FANCY_HEIGHT = 24  # Pixels; lower digits are neither outlined nor made of dots.


def draw_digit(
    label: int, height: float, hand: Hand, models: Models, random: np.random.Generator
) -> Mark:
    """Draw a digit in a hand, from strokes or from one of MNIST's frames."""
    shown = None
    if random.random() < hand.drawn:
        paths = shape_paths(_choose_paths(models.digits[label], random), random, hand)
        ink = render(paths, height, hand.pen * height)
        if height >= MIN_FANCY_HEIGHT and random.random() < hand.dotted:
            dots = _make_dots(paths, random.uniform(1.3, 2.2) * max(hand.pen, 0.05))
            shown = render(dots, height, hand.pen * height, align_to=paths)
    else:
        ink = _resize(models.frame(label, random), height, random)
    if height >= MIN_FANCY_HEIGHT and random.random() < hand.hollow:
        ink, shown = _outline(ink, height, random)
    return Mark(ink, label, shown=shown)


def draw_letter(height: float, hand: Hand, models: Models, random: np.random.Generator) -> Mark:
    """Draw a letter or a sign, half of the time one that resembles a digit."""
    paths = _choose_paths(models.near_digits if random.random() < 0.5 else models.letters, random)
    return Mark(render(shape_paths(paths, random, hand), height, hand.pen * height), OTHER)


def draw_doodle(height: float, hand: Hand, models: Models, random: np.random.Generator) -> Mark:
    """Draw a doodle."""
    paths = _choose_paths(models.doodles, random)
    stretch = np.exp(random.normal(0, 0.2, 2)) * [random.choice([-1, 1]), 1]
    pen = min(hand.pen, 0.1) * height
    return Mark(render([path * stretch for path in paths], height, pen), OTHER)


def _choose_paths(drawn: list[list[np.ndarray]], random: np.random.Generator) -> list[np.ndarray]:
    return drawn[random.integers(len(drawn))]


def _resize(frame: np.ndarray, height: float, random: np.random.Generator) -> np.ndarray:
    """Scale a frame's digit to a height, with sharp edges and a varied width of the pen."""
    rows = max(6, round(height))
    columns = max(4, round(rows * frame.shape[1] / frame.shape[0] * np.exp(random.normal(0, 0.1))))
    large = Image.fromarray(frame).resize((columns, rows), Image.Resampling.BICUBIC)
    ink = np.asarray(large, np.float32) / 255
    scale = rows / frame.shape[0]
    if scale < 1:
        return ink
    if scale > 1.5:
        ink = ndimage.gaussian_filter(ink, scale / 4)
    edge = random.uniform(0.3, 0.65)
    sharpened: np.ndarray = ((ink - edge) * scale * random.uniform(1.2, 2.5) + 0.5).clip(0, 1)
    return sharpened


def _outline(
    ink: np.ndarray, height: float, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Outline a digit; return the filled area, which is its ink, and the outline alone."""
    line = height * random.uniform(0.02, 0.04)
    radius = max(1.0, height * random.uniform(0.03, 0.08))
    black = np.pad(ink > 0.5, round(radius + line) + 1)
    distance = ndimage.distance_transform_edt(~black)
    filled = (radius + 0.5 - distance).clip(0, 1)
    outline = (line / 2 + 0.5 - abs(distance - radius)).clip(0, 1)
    return filled.astype(np.float32), outline.astype(np.float32)


def _make_dots(paths: Sequence[np.ndarray], pitch: float) -> list[np.ndarray]:
    """Replace strokes, each `(n, 2)`, by dots at distances of `pitch` along them."""
    dots = []
    for path in paths:
        along = np.concatenate([[0], np.hypot(*np.diff(path, axis=0).T).cumsum()])
        places = np.arange(0, along[-1], pitch)
        dots += [np.stack([np.interp(places, along, path[:, axis]) for axis in (0, 1)], axis=1)]
    return [point[None] + [[0, 0], [1e-3, 0]] for line in dots for point in line]
