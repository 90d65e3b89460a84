"""Draws what is not to be read: lines, boxes and rings, and printed words."""

import functools
import string
from pathlib import Path

import matplotlib
import numpy as np
from PIL import ImageFont

from digit_model.training.spotting.sheet import SIDE, Sheet

WAVY_POINTS = 8  # Points on a line drawn by hand; each is displaced at random.


class Ruler:
    """Draws the lines of one sheet, all with one pen.

    Args:
        sheet: the sheet to draw on.
        height: height of the sheet's digits, in pixels.
    """

    def __init__(self, sheet: Sheet, height: float) -> None:
        self.sheet, self.random = sheet, sheet.random
        self.width = max(1.0, height * float(np.exp(self.random.uniform(*np.log((0.015, 0.16))))))
        self.dark = int(self.random.integers(80, 256))
        # A hand's lines are not quite straight.
        self.by_hand = self.random.random() < 0.35
        self.wave = max(0.4, 0.015 * height) if self.by_hand else 0.0
        self.dashed = self.random.random() < 0.06

    def line(self, x0: float, y0: float, x1: float, y1: float, width: float = 1.0) -> None:
        """Draw a line; `width` is in widths of the pen."""
        along = np.linspace(0, 1, WAVY_POINTS if self.wave else 2)
        points = np.outer(1 - along, (x0, y0)) + np.outer(along, (x1, y1))
        if self.wave:
            points = points + self.random.normal(0, self.wave, points.shape)
        width_px = max(1, round(width * self.width))
        if self.dashed and not self.wave:
            dashes = np.linspace(0, 1, 2 * max(1, round(np.hypot(x1 - x0, y1 - y0) / 10)))
            ends = np.outer(1 - dashes, (x0, y0)) + np.outer(dashes, (x1, y1))
            for first, last in zip(ends[::2], ends[1::2], strict=True):
                self.sheet.printer.line([tuple(first), tuple(last)], self.dark, width_px)
        else:
            self.sheet.printer.line([tuple(p) for p in points], self.dark, width_px, joint="curve")

    def box(self, left: float, top: float, right: float, bottom: float, past: float = 0.0) -> None:
        """Draw a box whose lines extend past the corners by `past` pixels."""
        for y in (top, bottom):
            self.line(left - past, y, right + past, y)
        for x in (left, right):
            self.line(x, top - past, x, bottom + past)

    def ring(self, x: float, y: float, radius_x: float, radius_y: float) -> None:
        """Draw a ring, with the given half axes, as if by hand."""
        angles = np.linspace(0, 2 * np.pi + self.random.normal(0, 0.2), 40)
        points = np.stack([x + radius_x * np.cos(angles), y + radius_y * np.sin(angles)], axis=1)
        wobble = self.random.normal(0, 0.02, (6, 2)) * (radius_x, radius_y)
        points += np.stack([np.interp(angles, np.linspace(0, 7, 6), w) for w in wobble.T], axis=1)
        width = max(1, round(self.width))
        self.sheet.printer.line([tuple(p) for p in points], self.dark, width, joint="curve")

    def rows(self, first: float, step: float, columns: bool = False) -> None:
        """Rule the whole sheet in rows, and in columns too if asked."""
        for place in np.arange(first % step, SIDE, step):
            self.line(0, place, SIDE, place, 0.6)
            if columns:
                self.line(place, 0, place, SIDE, 0.6)

    def words(self, count: int, height: float) -> None:
        """Print `count` lines of random words in places where nothing is written."""
        for _ in range(count):
            size = float(np.clip(height * self.random.uniform(0.3, 0.9), 7, 30))
            words = " ".join(self._word() for _ in range(self.random.integers(1, 4)))
            x, y = self.random.uniform(0, 0.85 * SIDE), self.random.uniform(0, SIDE - size)
            fonts = _fonts(round(size))
            self.sheet.print_words(words, x, y, fonts[self.random.integers(len(fonts))])

    def _word(self) -> str:
        letters = self.random.choice(list(string.ascii_letters + ":.,"), self.random.integers(2, 9))
        return "".join(letters)


@functools.cache
def _fonts(size: int) -> list[ImageFont.FreeTypeFont]:
    """Open the fonts that come with matplotlib, in one size in pixels."""
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return [ImageFont.truetype(file, size) for file in sorted(folder.glob("DejaVuS*.ttf"))]
