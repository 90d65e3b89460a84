"""Digits drawn with a pen, in styles that are rare in MNIST.

American students and clerks wrote MNIST's digits: the 1 is a plain stroke, the 7 has no bar,
and the 0 no slash. In much of the world, people write digits differently.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw
from scipy.interpolate import CubicSpline

from digit_model.model.frame import MNIST_FRAME, frame_digit
from digit_model.training.data import Samples
from digit_model.training.styles import STYLES

HOOKED_SHARE = 0.2  # Share of strokes that end in a hook: the pen turns back as it is lifted.
HOOK_TO_HEIGHT_RANGE = (0.06, 0.28)  # Length of a hook, as a share of the digit's height.
HOOK_ANGLE_RANGE = (0.1, 0.8)  # Angle between a hook and its stroke, in radians.
DRAWN_SIDE = 80  # Pixels of a digit's longer side as drawn: four times the box of a frame.
PEN_TO_SIDE_RANGE = (0.025, 0.22)  # Width of the pen, as a share of the digit's longer side.


def draw_digits(count: int, seed: int) -> Samples:
    """Draw `count` digits in each style, each with another handwriting and pen."""
    random = np.random.default_rng(seed)
    styles = [(label, style) for label in STYLES for style in STYLES[label]] * count
    frames = [draw_digit(style, random) for _, style in styles]
    labels = np.array([label for label, _ in styles], np.int64)
    return Samples(
        np.array(frames, np.uint8).reshape(-1, MNIST_FRAME.side, MNIST_FRAME.side), labels
    )


def draw_digit(style: str, random: np.random.Generator) -> np.ndarray:
    """Draw a digit in a random handwriting.

    Args:
        style: one of `STYLES`.
        random: draws the handwriting.

    Returns:
        uint8 `(28, 28)`, as MNIST would frame it.
    """
    return draw_frame(draw_style(style, random), random)


def draw_style(style: str, random: np.random.Generator) -> list[np.ndarray]:
    """Draw the strokes of a style in a random handwriting, each float `(n, 2)`."""
    wobble = random.uniform(0.01, 0.06)
    paths = [_interpolate_stroke(stroke, wobble, random) for stroke in style.split("/")]
    return [_add_hook(path, random) if random.random() < HOOKED_SHARE else path for path in paths]


def draw_frame(
    paths: list[np.ndarray],
    random: np.random.Generator,
    pens: tuple[float, float] = PEN_TO_SIDE_RANGE,
) -> np.ndarray:
    """Draw strokes with a random rotation, slant, width and pen, and frame them.

    Args:
        paths: the strokes, each float `(n, 2)`: x and y, y down, in any unit.
        random: draws the handwriting.
        pens: smallest and largest width of the pen, as a share of the drawing's longer side.

    Returns:
        uint8 `(28, 28)`, as MNIST would frame it.
    """
    turn, slant, width = random.normal(0, (0.1, 0.25, 0.35))
    paths = pose_paths(paths, turn, slant, np.exp(width))
    points = np.concatenate(paths)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = DRAWN_SIDE / (high - low).max()
    pen = DRAWN_SIDE * np.exp(random.uniform(*np.log(pens)))
    picture = Image.new("L", tuple(np.ceil((high - low) * scale + 2 * pen).astype(int).tolist()))
    pencil = ImageDraw.Draw(picture)
    for path in paths:
        draw_stroke(pencil, (path - low) * scale + pen, pen, ink=255)
    return frame_digit(np.asarray(picture))


def draw_stroke(
    pencil: ImageDraw.ImageDraw, points: np.ndarray, pen: float, ink: int | tuple[int, ...]
) -> None:
    """Draw a line through points `(n, 2)` with a round pen of width `pen`, all in pixels."""
    path = [tuple(point) for point in points]
    pencil.line(path, fill=ink, width=round(pen), joint="curve")
    for x, y in (path[0], path[-1]):
        pencil.ellipse((x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2), fill=ink)


def _interpolate_stroke(stroke: str, wobble: float, random: np.random.Generator) -> np.ndarray:
    """Displace the points of a stroke at random, and draw curves through them, float `(n, 2)`."""
    words = stroke.split()
    points = np.array([word.rstrip("!").split(",") for word in words], float) / 100
    points += random.normal(0, 0.03, 2) + random.normal(0, wobble, points.shape)
    corners = [k for k, word in enumerate(words) if word.endswith("!")]
    ends = [0, *corners, len(points) - 1]
    return np.concatenate([smooth_curve(points[i : j + 1]) for i, j in pairwise(ends)])


def _add_hook(path: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Add a hook to the end of a stroke."""
    back = path[-4] - path[-1]
    turn = rotation(random.choice([-1, 1]) * random.uniform(*HOOK_ANGLE_RANGE))
    tip = path[-1] + random.uniform(*HOOK_TO_HEIGHT_RANGE) * turn @ back / (np.hypot(*back) + 1e-6)
    return np.concatenate([path, [tip]])


def pose_paths(
    paths: Sequence[np.ndarray], turn: float, slant: float, breadth: float
) -> list[np.ndarray]:
    """Broaden strokes, slant them, and rotate them.

    Args:
        paths: the strokes, each float `(n, 2)`: x and y, y down, in any unit.
        turn: angle of the rotation, in radians.
        slant: shift to the right per row upwards.
        breadth: factor by which they are broadened.
    """
    shape = rotation(turn) @ np.array([[breadth, -slant], [0, 1]])
    return [path @ shape.T for path in paths]


def rotation(angle: float) -> np.ndarray:
    """Make the matrix that rotates points by an angle in radians, float `(2, 2)`."""
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def smooth_curve(points: np.ndarray) -> np.ndarray:
    """Interpolate points `(n, 2)` with a smooth curve, sampled at eight times as many points."""
    # Centripetal parameters, the square roots of the chords, prevent loops (Lee, 1989).
    chords = np.sqrt(np.hypot(*np.diff(points, axis=0).T) + 1e-3)
    time = np.concatenate([[0], chords.cumsum()])
    curve: np.ndarray = CubicSpline(time, points)(np.linspace(0, time[-1], 8 * len(points)))
    return curve
