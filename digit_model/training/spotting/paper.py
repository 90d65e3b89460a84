"""A written sheet -> the grey picture that a screen, a scanner or a camera makes of it."""

import io

import numpy as np
from PIL import Image
from scipy import ndimage

from digit_model.training.spotting.sheet import Placed

CLEAN = 0.4  # Share of the pictures that were drawn on a screen: even paper, no noise.
INVERTED = 0.15  # Share of those that are light on dark.
LEAST_DIGIT = 12  # Pixels: no loss of resolution makes digits lower than this.


def expose(
    ink: np.ndarray,
    printed: np.ndarray,
    marks: list[Placed],
    height: float,
    random: np.random.Generator,
) -> np.ndarray:
    """Lay ink and print on paper, and take a picture of it.

    Args:
        ink: float32 `(height, width)`, 0 paper .. 1 ink.
        printed: the same, of what is printed.
        marks: what is written, around which panels are put.
        height: of the digits, in pixels: strong blur would wipe out small ones.
        random: the paper, the pen, the light and the camera.

    Returns:
        uint8 `(height, width)`, grey.
    """
    clean = random.random() < CLEAN
    paper = _patches(np.full(ink.shape, 1.0 if clean else random.uniform(0.6, 1)), random)
    if not clean:
        paper = _desk(_security_print(paper, height, random), ink, random)
    black = random.uniform(0.6, 1) if clean else random.uniform(0.3, 1)
    if not clean and random.random() < 0.3:  # A dry pen or a pencil leaves gaps.
        ink = ink * (0.85 + 0.2 * random.normal(0, 1, ink.shape)).clip(0.3, 1)
    # Many boxes and rings are drawn with the pen that writes.
    dark = black if random.random() < 0.3 else random.uniform(0.1, 0.95)
    picture = paper * (1 - printed * dark)
    picture = picture * (1 - ink * black) + picture * random.uniform(0, 0.3) * ink * black
    for _ in range(random.choice(3, p=[0.84, 0.12, 0.04])):
        _panel(picture, marks, random)
    if not clean:
        picture = _light(picture, random)
    if random.random() < (0.25 if clean else 0.8):
        picture = ndimage.gaussian_filter(picture, random.uniform(0.3, min(2.2, 0.3 + height / 35)))
    if not clean:
        picture += random.normal(0, random.uniform(0, 0.035), ink.shape)
        picture = picture * random.uniform(0.45, 1.1) + random.uniform(0, 0.12)
    if random.random() < INVERTED:
        picture = 1 - picture
    levels = np.rint(255 * picture.clip(0, 1)).astype(np.uint8)
    return _compress(_coarsen(levels, height, random), random)


def _smooth_field(
    shape: tuple[int, ...], points: int, low: float, high: float, random: np.random.Generator
) -> np.ndarray:
    """A field that changes slowly between two values, float32 `(height, width)`."""
    grid = Image.fromarray(random.uniform(low, high, (points, points)).astype(np.float32))
    return np.asarray(grid.resize((shape[1], shape[0]), Image.Resampling.BICUBIC))


def _patches(paper: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Paper with cards, notes and shadows of straight edges on it."""
    for _ in range(random.choice([0, 1, 2, 4], p=[0.65, 0.2, 0.1, 0.05])):
        top, left = random.integers(0, paper.shape)
        tall, wide = random.integers(20, paper.shape)
        paper[top : top + tall, left : left + wide] *= random.uniform(0.25, 1.15)
    return paper


def _security_print(paper: np.ndarray, height: float, random: np.random.Generator) -> np.ndarray:
    """Paper with families of fine wavy lines, as cheques have, or with a fine texture."""
    chance = random.random()
    if chance > 0.4:
        return paper
    y, x = np.indices(paper.shape, np.float32)
    if chance > 0.33:
        grain = ndimage.gaussian_filter(random.normal(0, 1, paper.shape), random.uniform(0.5, 2, 2))
        grained: np.ndarray = paper * (1 + random.uniform(0.01, 0.06) * grain / grain.std())
        return grained
    for _ in range(random.integers(1, 4)):
        angle = random.normal(0, 0.5) + random.choice([0, np.pi / 2], p=[0.7, 0.3])
        along = x * np.cos(angle) + y * np.sin(angle)
        across = y * np.cos(angle) - x * np.sin(angle)
        wave = height * random.uniform(0, 0.4) * np.sin(along / (height * random.uniform(0.2, 2)))
        pitch = height * random.uniform(0.07, 0.35)
        lines = np.sin(2 * np.pi * (across + wave) / pitch + random.uniform(0, 7))
        sharp = (lines * random.uniform(1, 3) - random.uniform(-0.5, 1)).clip(0, 1)
        paper = paper * (1 - random.uniform(0.05, 0.35) * sharp)
    return paper


def _desk(paper: np.ndarray, ink: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Paper with the desk beside it, where nothing is written."""
    if random.random() > 0.15:
        return paper
    y, x = np.indices(paper.shape)
    angle, middle = random.uniform(0, 2 * np.pi), random.uniform(0, paper.shape, 2)
    off = (x - middle[1]) * np.cos(angle) + (y - middle[0]) * np.sin(angle) > 0
    if (off & (ink > 0)).any():
        return paper
    grain = ndimage.gaussian_filter(random.normal(0, 1, paper.shape), random.uniform(0.5, 5, 2))
    wood = random.uniform(0.05, 0.6) + random.uniform(0, 0.06) * grain / (grain.std() + 1e-6)
    return np.where(off, wood, paper)


def _panel(picture: np.ndarray, marks: list[Placed], random: np.random.Generator) -> None:
    """Turn a part of the picture into a dark panel with light writing, or the other way round."""
    rows, columns = picture.shape
    if marks and random.random() < 0.8:
        mark = marks[random.integers(len(marks))]
        margin = random.uniform(0.7, 2.2) * mark.height
        right = mark.x + margin * random.uniform(1, 3)
        corners = mark.x - margin, mark.y - margin, right, mark.y + margin
    else:
        left, top = random.uniform(0, 0.7 * columns), random.uniform(0, 0.7 * rows)
        corners = left, top, left + random.uniform(20, columns), top + random.uniform(20, rows)
    left, top, right, bottom = (max(0, round(corner)) for corner in corners)
    part = picture[top:bottom, left:right]
    part[:] = 1 - random.uniform(0.6, 1) * part


def _light(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A picture in light that falls off, and sometimes in a shadow with an edge."""
    picture = picture * _smooth_field(picture.shape, 3, 0.75, 1.1, random) ** random.uniform(0.2, 2)
    if random.random() < 0.3:
        y, x = np.indices(picture.shape)
        angle, middle = random.uniform(0, 2 * np.pi), random.uniform(0, picture.shape, 2)
        across = (x - middle[1]) * np.cos(angle) + (y - middle[0]) * np.sin(angle)
        edge = (across / random.uniform(1, 25)).clip(-30, 30)
        picture = picture * (1 - random.uniform(0.15, 0.6) / (1 + np.exp(-edge)))
    return picture


def _coarsen(levels: np.ndarray, height: float, random: np.random.Generator) -> np.ndarray:
    """A picture, sometimes of fewer pixels than it has now."""
    finest = LEAST_DIGIT / height
    if random.random() > 0.3 or finest > 0.8:
        return levels
    factor = float(np.exp(random.uniform(np.log(finest), np.log(0.8))))
    picture = Image.fromarray(levels)
    small = picture.resize([round(side * factor) for side in picture.size], Image.Resampling.BOX)
    way = random.choice([Image.Resampling.BILINEAR, Image.Resampling.BICUBIC])
    return np.asarray(small.resize(picture.size, Image.Resampling(way)))


def _compress(levels: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A picture, sometimes after JPEG's losses."""
    if random.random() > 0.25:
        return levels
    file = io.BytesIO()
    Image.fromarray(levels).save(file, "JPEG", quality=int(random.integers(30, 95)))
    return np.asarray(Image.open(file))
