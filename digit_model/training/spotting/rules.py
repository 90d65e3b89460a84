"""Lines, boxes, rings and words that are printed on a sheet or drawn by hand, and are no marks."""

import functools
import string
from pathlib import Path

import matplotlib
import numpy as np
from PIL import ImageFont

from digit_model.training.spotting.sheet import SIDE, Sheet

WAVES = 8  # Points of a line that a hand draws.


class Ruler:
    """Draws the lines of one sheet, all with one pen.

    Args:
        sheet: is drawn on.
        height: of the sheet's digits, in pixels.
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
        """Draw a line, so many times as wide as the pen."""
        along = np.linspace(0, 1, WAVES if self.wave else 2)
        points = np.outer(1 - along, (x0, y0)) + np.outer(along, (x1, y1))
        if self.wave:
            points = points + self.random.normal(0, self.wave, points.shape)
        thick = max(1, round(width * self.width))
        if self.dashed and not self.wave:
            dashes = np.linspace(0, 1, 2 * max(1, round(np.hypot(x1 - x0, y1 - y0) / 10)))
            ends = np.outer(1 - dashes, (x0, y0)) + np.outer(dashes, (x1, y1))
            for first, last in zip(ends[::2], ends[1::2], strict=True):
                self.sheet.printer.line([tuple(first), tuple(last)], self.dark, thick)
        else:
            self.sheet.printer.line([tuple(p) for p in points], self.dark, thick, joint="curve")

    def box(self, left: float, top: float, right: float, bottom: float, past: float = 0.0) -> None:
        """Draw a box, its lines going on past the corners."""
        for y in (top, bottom):
            self.line(left - past, y, right + past, y)
        for x in (left, right):
            self.line(x, top - past, x, bottom + past)

    def ring(self, x: float, y: float, wide: float, tall: float) -> None:
        """Draw a ring, of half axes `wide` and `tall`, as a hand does."""
        angles = np.linspace(0, 2 * np.pi + self.random.normal(0, 0.2), 40)
        points = np.stack([x + wide * np.cos(angles), y + tall * np.sin(angles)], axis=1)
        wobble = self.random.normal(0, 0.02, (6, 2)) * (wide, tall)
        points += np.stack([np.interp(angles, np.linspace(0, 7, 6), w) for w in wobble.T], axis=1)
        width = max(1, round(self.width))
        self.sheet.printer.line([tuple(p) for p in points], self.dark, width, joint="curve")

    def rows(self, first: float, step: float, columns: bool = False) -> None:
        """Rule the whole sheet in rows, or also in columns."""
        for place in np.arange(first % step, SIDE, step):
            self.line(0, place, SIDE, place, 0.6)
            if columns:
                self.line(place, 0, place, SIDE, 0.6)

    def words(self, count: int, height: float) -> None:
        """Print so many lines of words of about a height, where nothing is written."""
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
    """The fonts that come with matplotlib, in one size."""
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return [ImageFont.truetype(file, size) for file in sorted(folder.glob("DejaVuS*.ttf"))]
