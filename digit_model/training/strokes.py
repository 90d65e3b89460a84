"""Digits drawn with a pen, in styles that are rare in MNIST.

American students and clerks wrote MNIST's digits: the 1 is a plain stroke, the 7 has no bar,
and the 0 no slash. In much of the world, people write digits differently.
"""

from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw
from scipy.interpolate import CubicSpline

from digit_model.model.frame import MNIST_FRAME, frame_digit
from digit_model.training.data import Samples

# The styles of each digit. "/" separates strokes. A stroke is a list of points "x,y" on the path of
# the pen, in hundredths of the digit's height, y down. "!" marks a sharp corner.
STYLES: dict[int, list[str]] = {
    0: [
        "50,0 18,15 5,50 20,88 45,100 72,85 80,50 70,12 45,0",
        "50,0 18,15 5,50 20,88 45,100 72,85 80,50 70,12 45,0 / 88,-5 2,105",
        "50,0 18,15 5,50 20,88 45,100 72,85 80,50 70,12 45,0 / 70,20 18,80",
        "40,0 12,15 3,50 15,88 35,100 58,85 65,50 55,12 40,0 / 75,0 -5,95",
        "45,0 15,15 5,50 20,88 45,100 72,85 80,50 70,12 45,0 5,8 / 5,0 80,100",
        "45,0 15,15 5,50 20,88 45,100 72,85 80,50 72,15 50,0! 5,100",
        "30,5 8,40 15,85 45,100 75,75 75,30 50,3",
        "60,20 40,0 10,40 15,85 45,100 75,70 70,20 45,2 20,12",
        "42,20 15,32 8,50 15,72 38,82 58,70 64,50 55,30 40,20 / 75,-5 2,105",
        "40,12 20,25 12,50 20,78 38,88 55,76 60,50 55,24 40,12 / 52,-8 28,108",
        "42,18 15,32 8,50 15,72 38,84 58,70 64,50 55,30 40,18 / 82,10 50,42 0,100",
        "75,40 45,12 8,35 10,70 45,80 85,45 88,10 70,20! 5,100",
        "55,5 20,12 3,50 15,85 45,100 75,80 80,45 65,12 42,5 36,28",
        "45,38 30,22 48,4 78,30 82,65 50,100 12,85 3,45 25,10",
        "30,32 38,12 15,20 3,50 20,90 50,100 80,70 75,25 50,5",
        "15,2 8,85 28,100! 70,98! 80,25 62,2! 22,5",
        "30,0 55,8! 85,40 70,100! 20,95! 2,50 40,5! 45,30",
        "0,98 45,95 75,60 65,15 35,2 8,30 10,75 45,98 95,96",
        "30,99 62,85 75,45 50,4 15,15 3,55 25,95 55,100 82,94",
        "55,4 18,12 5,50 25,96 60,90 76,45 55,8 68,12 98,8",
    ],
    1: [
        "40,0 38,100",
        "22,22 45,0! 42,100",
        "8,40 45,0! 42,100",
        "0,55 42,0! 42,100",
        "0,60 45,0! 30,100",
        "0,85 42,0! 48,100",
        "0,40 28,28 45,0! 42,100",
        "0,25 15,32 45,0! 40,100",
        "0,12 20,20 42,0! 36,100",
        "20,25 45,0! 45,100 / 10,100 78,100",
        "0,45 42,0! 42,100 / 10,100 80,98",
        "45,0 45,100 / 12,100 78,100",
        "20,22 45,0! 45,100! 10,100! 80,98",
        "15,28 45,0! 40,92 50,100 72,92",
        "0,50 50,0! 40,80 20,100 / 15,95 65,100",
        "0,60 30,28 52,2 44,0 38,30 36,100",
        "0,42 40,4 46,25 40,100",
        "0,55 28,8 42,2 46,30 40,100",
        "0,60 50,0! 30,95 / 5,100 70,96",
        "45,0 30,100! 46,74",
        "42,0 40,100! 26,76",
        "0,70 35,25 42,0 30,5 20,60 15,100",
    ],
    2: [
        "5,25 25,2 55,5 65,25 45,60 5,100! 75,100",
        "5,25 30,0 60,15 50,55 10,95 5,85 25,80 55,98 80,92",
        "10,20 35,0 60,20 40,60 0,98! 40,90 75,100",
        "20,35 8,15 35,0 65,20 45,60 5,98! 75,98",
        "0,20 30,0 62,20 40,60 15,80 3,95 20,98 45,85 80,100",
        "5,25 35,0 60,20 45,60 15,88 3,75 20,62 50,92 88,98",
        "40,45 12,35 10,12 35,0 62,12 60,35 40,60 12,85 5,98! 30,88 55,98 80,92",
        "50,38 20,42 8,20 30,0 60,8 62,35 35,70 8,95 5,85 25,82 50,98 78,95",
        "45,50 15,45 5,22 25,0 58,5 65,30 45,65 10,98! 75,100",
    ],
    3: [
        "5,12 35,0 60,18 35,45! 65,65 60,90 30,100 0,88",
        "5,3 60,0! 25,40! 60,60 55,90 25,100 0,90",
        "5,12 35,0 60,18 40,45 25,48 35,42 65,65 55,92 25,100 0,88",
        "0,18 30,0 58,15 45,40 15,48! 50,52 65,75 35,100 0,92",
        "5,5 35,0 65,5! 30,45! 62,60 60,88 30,102 0,95",
        "15,24 5,10 35,0 60,18 30,45! 60,65 50,95 0,95",
    ],
    4: [
        "18,0 5,55! 78,58 / 55,15 50,100",
        "50,100 55,0! 0,65! 80,65",
        "55,0 0,65! 80,65 / 55,5 52,100",
        "38,0 8,45! 62,45! 45,100",
        "35,0 5,42 15,52 62,42! 42,100",
        "5,0 8,40 35,52 62,35 70,0! 60,100",
        "5,0 10,45 35,52 65,42 / 70,5 52,100",
        "40,0 5,55 30,58 75,45 / 60,25 40,100",
        "30,0 5,60! 70,62 / 50,40 45,100",
        "25,0 2,50! 55,52 / 58,28 30,100",
        "20,0 3,50! 42,42! 36,100",
        "45,0 8,42 22,58 60,42 / 64,30 48,100",
        "5,8 8,45 45,40 / 45,0 40,100",
        "52,0 10,38 5,52 72,46! 45,100",
        "30,0 5,58 30,70 80,58 / 62,22 46,100",
        "45,0 3,80! 50,78 / 48,50 38,100",
        "40,0 0,78 15,82 45,70 / 50,52 36,100",
        "35,0 2,75! 45,50! 38,100",
        "50,0 5,88! 45,48! 42,100",
    ],
    5: [
        "62,0 15,0! 12,42! 45,38 65,65 50,95 0,95",
        "18,5 12,45! 45,38 65,68 45,98 0,92 / 18,3 68,-3",
        "15,12 10,47! 45,40 65,68 45,98 0,92 / 28,0 80,-8",
        "65,5 35,0 10,20 35,45 60,70 45,98 5,95",
        "18,8 10,45 40,42 58,70 40,98 0,95 / 22,2 70,0",
        "70,0 25,3! 10,50! 40,45 55,72 35,100 -5,88",
        "8,32 35,24 66,45 62,80 32,100 2,92 / 25,2 62,-6",
        "75,0 28,6! 25,40 38,65 28,95 0,90",
        "60,2 25,8! 22,40 30,70 12,100 -5,85",
    ],
    6: [
        "55,0 20,35 5,75 30,100 60,80 45,55 12,70",
        "60,5 25,25 5,65 20,98 55,95 65,70 40,52 8,68",
        "20,0 10,50 10,88 35,100 60,80 45,55 12,72",
        "65,0 30,30 5,80 30,100 50,82 35,62 10,80",
        "45,0 15,40 12,85 40,100 70,78 50,58 15,80",
    ],
    7: [
        "5,5 65,0! 25,100",
        "5,5 68,0! 30,100 / 15,52 70,48",
        "5,22 8,0! 68,2! 28,100",
        "5,22 8,0! 68,2! 28,100 / 15,52 70,48",
        "0,20 12,2 30,15 65,0! 35,100",
        "0,22 12,2! 28,20 62,0! 38,100 / 12,58 75,52",
        "5,8 70,3! 38,50 28,100 / 18,55 68,45",
        "5,8 70,3! 38,50 28,100",
        "0,0 62,2! 48,100 / 25,50 80,50",
        "5,5 65,0! 32,100 / 12,70 68,40",
        "0,30 12,4! 24,24 42,5! 32,100 / 8,55 66,52",
        "0,15 25,0 62,12 52,45 30,100",
        "0,15 25,0 60,10 48,45 28,100 / 12,52 66,50",
        "0,45 16,5! 28,35 68,0! 45,100 / 15,66 82,60",
        "0,10 60,0! 22,100 / 2,62 38,48 74,60",
        "5,5 65,0! 5,100! 60,100 / 12,52 62,48",
    ],
    8: [
        "65,12 35,0 12,18 35,45 65,70 40,100 8,80 35,48 62,20 60,5",
        "35,0 12,22 35,45 58,22 35,0 / 35,45 5,72 35,100 65,72 35,45",
        "62,20 40,0 15,15 30,42 60,72 35,100 8,78 30,50 70,5",
        "40,45 12,22 38,0 60,20 40,45 8,75 38,100 65,75 40,45",
        "60,0 20,5 15,25 45,50 60,75 35,100 10,80 30,50 60,10",
        "35,0 18,12 35,28 52,12 35,0 / 35,28 0,65 35,100 70,65 35,28",
        "75,8 30,5 15,22 45,45 60,75 35,100 12,80 30,52 62,22",
        "30,0 10,20 40,45 60,75 35,100 8,80 35,50 62,12",
    ],
    9: [
        "60,15 35,0 8,22 30,48 58,25 60,10! 55,100",
        "60,18 35,0 8,22 30,45 60,22 62,12 60,60 40,98 5,92",
        "60,15 32,0 5,20 28,42 58,18! 65,55 50,95 20,100 0,85",
        "55,5 15,5 10,35 45,40 60,5! 62,60 40,100 5,95",
        "60,15 40,0 12,22 30,45 62,18! 10,100",
        "58,10 25,0 8,22 35,42 58,12! 68,65 40,98 -5,98",
        "40,2 10,10 12,38 45,40 60,20 40,2! 68,60 50,95 0,95",
        "62,12 40,0 15,20 35,42 62,20! 45,60 35,100",
        "55,12 25,0 5,20 25,42 58,28! 62,5! 65,60 40,100 0,90",
        "62,5 20,8 8,28 30,45 60,25 60,12! 66,60 45,98 12,98 2,85 30,82",
        "58,22 35,0 8,18 22,40 50,36 58,20! 48,45 62,72 38,100 0,92",
        "55,38 15,38 8,12 35,0 60,15 52,40 62,70 35,100 0,95",
        "92,58 42,45 5,20 30,0 64,15 62,60 50,100",
    ],
}
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
    shape = rotation(turn) @ np.array([[np.exp(width), -slant], [0, 1]])
    paths = [path @ shape.T for path in paths]
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
