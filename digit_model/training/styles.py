"""Ways of writing that MNIST barely has, drawn onto its digits.

American school children and clerks wrote MNIST: a plain stroke for 1, an open
0, a 7 without a bar. Much of the world writes them otherwise.
"""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

from digit_model.frame import MNIST_FRAME, frame_digit
from digit_model.training.data import Samples

OPEN = 0.5  # Least area of the hole in a 0, for one of ink.
ZOOM = 4  # Strokes are added at this scale, so that they come out as soft as MNIST's.


class Sheet:
    """A digit, enlarged, with a pen as wide as the one that wrote it.

    Attributes:
        picture: mode "L", the digit's ink.
        top, bottom: rows between which the ink lies, in the picture's pixels.
        height: of the ink, in the picture's pixels.
    """

    def __init__(self, frame: np.ndarray) -> None:
        side = MNIST_FRAME.side * ZOOM
        # Room on every side for what is added.
        enlarged = Image.fromarray(frame).resize((side, side), Image.Resampling.BICUBIC)
        self.picture = Image.new("L", (2 * side, 2 * side))
        self.picture.paste(enlarged, (side // 2, side // 2))
        self.ink = np.asarray(self.picture) > 95
        rows = np.flatnonzero(self.ink.any(axis=1))
        self.top, self.bottom = int(rows[0]), int(rows[-1])
        self.height = self.bottom - self.top + 1
        self.pen = max(
            ZOOM, round(2 * float(ndimage.distance_transform_edt(self.ink).max()) - ZOOM)
        )

    def column(self, row: float) -> float:
        """The middle of the ink around a row, in pixels."""
        band = self.ink[round(row - self.pen / 2) : round(row + self.pen / 2) + 1]
        return float(np.average(np.arange(band.shape[1]), weights=band.sum(axis=0) + 1e-6))

    def line(self, x: float, y: float, angle: float, start: float, end: float) -> None:
        """Draw through (x, y), `angle` radians above the horizontal, from start to end pixels."""
        run, rise = np.cos(angle), np.sin(angle)
        ends = [(x + reach * run, y - reach * rise) for reach in (start, end)]
        pencil = ImageDraw.Draw(self.picture)
        pencil.line(ends, fill=255, width=self.pen)
        half = self.pen / 2
        for tip_x, tip_y in ends:
            pencil.ellipse((tip_x - half, tip_y - half, tip_x + half, tip_y + half), fill=255)

    def frame(self) -> np.ndarray:
        """The digit as MNIST would frame it, uint8 `(28, 28)`."""
        return frame_digit(np.asarray(self.picture))


def flag_one(frame: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A 1 with an upstroke at its top, or a base at its foot, or both."""
    sheet = Sheet(frame)
    flagged, based = [(True, False), (True, False), (True, True), (False, True)][random.integers(4)]
    if flagged:
        row = sheet.top + sheet.pen / 2
        angle = np.radians(random.uniform(28, 65))
        sheet.line(sheet.column(row), row, angle, -sheet.height * random.uniform(0.15, 0.55), 0)
    if based:
        row = sheet.bottom - sheet.pen / 2
        left, right = sheet.height * random.uniform(0.12, 0.35, 2)
        sheet.line(sheet.column(row), row, random.uniform(-0.15, 0.15), -left, right)
    return sheet.frame()


def slash_zero(frame: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A 0 struck through from lower left to upper right, if there is room in it."""
    sheet = Sheet(frame)
    hole = ndimage.binary_fill_holes(sheet.ink) & ~sheet.ink
    if hole.sum() < OPEN * sheet.ink.sum():
        return frame  # Struck through, it would be a blot.
    y, x = ndimage.center_of_mass(sheet.ink)
    columns = np.flatnonzero(sheet.ink.any(axis=0))
    sheet.pen = max(ZOOM, round(sheet.pen * random.uniform(0.5, 1)))
    corner = np.hypot(sheet.height, columns[-1] - columns[0] + 1) / 2
    angle = np.radians(random.uniform(30, 70))
    sheet.line(x, y, angle, *(corner * random.uniform(0.55, 1.15, 2) * [-1, 1]))
    return sheet.frame()


def bar_seven(frame: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A 7 with a bar through its stem."""
    sheet = Sheet(frame)
    sheet.pen = max(ZOOM, round(sheet.pen * random.uniform(0.5, 1)))
    row = sheet.top + sheet.height * random.uniform(0.38, 0.65)
    left, right = sheet.height * random.uniform(0.12, 0.38, 2)
    sheet.line(sheet.column(row), row, random.uniform(-0.3, 0.3), -left, right)
    return sheet.frame()


def lift_five(frame: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A 5 whose bar stands apart from its body."""
    sheet = Sheet(frame)
    ink = np.asarray(sheet.picture).copy()
    cut = sheet.top + round(sheet.height * random.uniform(0.14, 0.28))
    bar = np.zeros_like(ink)
    bar[:cut] = ink[:cut]
    ink[:cut] = 0
    up, right = round(random.uniform(1, 3) * ZOOM), round(random.uniform(-1, 4) * ZOOM)
    return frame_digit(np.maximum(ink, np.roll(bar, (-up, right), axis=(0, 1))))


# Of each digit, how it is restyled, and how many copies for each original.
STYLES: dict[int, tuple[Callable[[np.ndarray, np.random.Generator], np.ndarray], float]] = {
    0: (slash_zero, 0.7),
    1: (flag_one, 0.8),
    5: (lift_five, 0.2),
    7: (bar_seven, 0.4),
}


def restyle(samples: Samples, seed: int) -> Samples:
    """Restyled copies of some of the samples.

    Args:
        samples: MNIST's digits.
        seed: which of them, and how.

    Returns:
        New samples, about a quarter as many.
    """
    random = np.random.default_rng(seed)
    frames, labels = [], []
    for label, (style, share) in STYLES.items():
        originals = samples.frames[samples.labels == label]
        chosen = originals[random.random(len(originals)) < share]
        frames += [style(frame, random) for frame in chosen]
        labels += [label] * len(chosen)
    shape = (-1, *samples.frames.shape[1:])
    return Samples(np.array(frames, np.uint8).reshape(shape), np.array(labels, np.int64))
