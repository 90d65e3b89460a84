"""A written sheet -> the grey picture that a screen, a scanner or a camera makes of it."""

import io

import numpy as np
from PIL import Image
from scipy import ndimage

from digit_model.training.spotting.sheet import Placed

SCREEN_SHARE = 0.4  # Share of pictures that look drawn on a screen: even paper, no noise.
INVERTED_SHARE = 0.15  # Share of all pictures that are light on dark.
MIN_DIGIT_HEIGHT = 12  # Pixels; no picture is downscaled until its digits are lower than this.


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
        printed: what is printed, in the same form as `ink`.
        marks: the written marks; some panels are put around one.
        height: height of the digits, in pixels; lower ones get finer texture and less blur.
        random: chooses the paper, the pen, the light and the camera.

    Returns:
        uint8 `(height, width)`, grey.
    """
    clean = random.random() < SCREEN_SHARE
    paper = _add_patches(np.full(ink.shape, 1.0 if clean else random.uniform(0.6, 1)), random)
    if not clean:
        paper = _add_desk(_add_texture(paper, height, random), ink, random)
    black = random.uniform(0.6, 1) if clean else random.uniform(0.3, 1)
    if not clean and random.random() < 0.3:  # A dry pen or a pencil leaves gaps.
        ink = ink * (0.85 + 0.2 * random.normal(0, 1, ink.shape)).clip(0.3, 1)
    # Many people draw boxes and rings with the pen that they write with.
    darkness = black if random.random() < 0.3 else random.uniform(0.1, 0.95)
    picture = paper * (1 - printed * darkness)
    picture = picture * (1 - ink * black) + picture * random.uniform(0, 0.3) * ink * black
    for _ in range(random.choice(3, p=[0.84, 0.12, 0.04])):
        _invert_panel(picture, marks, random)
    if not clean:
        picture = _shade(picture, random)
    if random.random() < (0.25 if clean else 0.8):
        picture = ndimage.gaussian_filter(picture, random.uniform(0.3, min(2.2, 0.3 + height / 35)))
    if not clean:
        picture += random.normal(0, random.uniform(0, 0.035), ink.shape)
        picture = picture * random.uniform(0.45, 1.1) + random.uniform(0, 0.12)
    if random.random() < INVERTED_SHARE:
        picture = 1 - picture
    levels = np.rint(255 * picture.clip(0, 1)).astype(np.uint8)
    return _compress_as_jpeg(_lower_resolution(levels, height, random), random)


def _make_field(
    shape: tuple[int, ...], points: int, low: float, high: float, random: np.random.Generator
) -> np.ndarray:
    """Make a field that varies smoothly between two values, float32 `(height, width)`."""
    grid = Image.fromarray(random.uniform(low, high, (points, points)).astype(np.float32))
    return np.asarray(grid.resize((shape[1], shape[0]), Image.Resampling.BICUBIC))


def _add_patches(paper: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Add rectangles to the paper, like cards, notes and shadows; changes it in place."""
    for _ in range(random.choice([0, 1, 2, 4], p=[0.65, 0.2, 0.1, 0.05])):
        top, left = random.integers(0, paper.shape)
        height, width = random.integers(20, paper.shape)
        paper[top : top + height, left : left + width] *= random.uniform(0.25, 1.15)
    return paper


def _add_texture(paper: np.ndarray, height: float, random: np.random.Generator) -> np.ndarray:
    """Add fine wavy lines to some papers, as on cheques, and a fine texture to others."""
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


def _add_desk(paper: np.ndarray, ink: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Replace a side of some papers by the desk, where nothing is written."""
    if random.random() > 0.15:
        return paper
    y, x = np.indices(paper.shape)
    angle, middle = random.uniform(0, 2 * np.pi), random.uniform(0, paper.shape, 2)
    is_desk = (x - middle[1]) * np.cos(angle) + (y - middle[0]) * np.sin(angle) > 0
    if (is_desk & (ink > 0)).any():
        return paper
    grain = ndimage.gaussian_filter(random.normal(0, 1, paper.shape), random.uniform(0.5, 5, 2))
    wood = random.uniform(0.05, 0.6) + random.uniform(0, 0.06) * grain / (grain.std() + 1e-6)
    return np.where(is_desk, wood, paper)


def _invert_panel(picture: np.ndarray, marks: list[Placed], random: np.random.Generator) -> None:
    """Invert a rectangle of the picture in place, like a dark panel with light writing."""
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


def _shade(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Light a picture unevenly, and sometimes add a shadow with an edge."""
    picture = picture * _make_field(picture.shape, 3, 0.75, 1.1, random) ** random.uniform(0.2, 2)
    if random.random() < 0.3:
        y, x = np.indices(picture.shape)
        angle, middle = random.uniform(0, 2 * np.pi), random.uniform(0, picture.shape, 2)
        across = (x - middle[1]) * np.cos(angle) + (y - middle[0]) * np.sin(angle)
        edge = (across / random.uniform(1, 25)).clip(-30, 30)
        picture = picture * (1 - random.uniform(0.15, 0.6) / (1 + np.exp(-edge)))
    return picture


def _lower_resolution(levels: np.ndarray, height: float, random: np.random.Generator) -> np.ndarray:
    """Lower the resolution of some pictures, and scale them back to their size."""
    min_factor = MIN_DIGIT_HEIGHT / height
    if random.random() > 0.3 or min_factor > 0.8:
        return levels
    factor = float(np.exp(random.uniform(np.log(min_factor), np.log(0.8))))
    picture = Image.fromarray(levels)
    small = picture.resize([round(side * factor) for side in picture.size], Image.Resampling.BOX)
    resampling = random.choice([Image.Resampling.BILINEAR, Image.Resampling.BICUBIC])
    return np.asarray(small.resize(picture.size, Image.Resampling(resampling)))


def _compress_as_jpeg(levels: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Compress some pictures as JPEG, with its losses."""
    if random.random() > 0.25:
        return levels
    file = io.BytesIO()
    Image.fromarray(levels).save(file, "JPEG", quality=int(random.integers(30, 95)))
    return np.asarray(Image.open(file))
