"""A sheet during writing: the ink of each mark, and what is printed beside it."""

from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from digit_model.lines.kinds import OTHER
from digit_model.training.spotting.hand import Mark
from digit_model.training.spotting.models import MIN_INK

SIDE = 256  # Pixels; width and height of a sheet.
MAX_MARKS = 250  # Their numbers must fit into a byte.


class Placed(NamedTuple):
    """A mark on a sheet.

    Attributes:
        x: middle of its ink's bounding box, in pixels.
        y: likewise.
        height: height of the digits on its line, in pixels.
        kind: one of `digit_model.lines.kinds`.
    """

    x: float
    y: float
    height: float
    kind: int


class Sheet:
    """A sheet, and what is written and printed on it.

    Attributes:
        ink: float32 `(side, side)`, 0 paper .. 1 ink written by hand.
        shown: the ink as it is drawn: outlines and dots instead of the strokes that they stand for.
        owner: uint8 `(side, side)`, the number of the mark that a pixel belongs to, from 1; 0 for
            none.
        marks: the written marks, in the order of their numbers.
        print: mode "L" `(side, side)`, 0 paper .. 255: lines, boxes and words, which are not marks.
    """

    def __init__(self, random: np.random.Generator) -> None:
        self.random = random
        self.ink = np.zeros((SIDE, SIDE), np.float32)
        self.shown = np.zeros((SIDE, SIDE), np.float32)
        self.owner = np.zeros((SIDE, SIDE), np.uint8)
        self.marks: list[Placed] = []
        self.print = Image.new("L", (SIDE, SIDE))
        self.printer = ImageDraw.Draw(self.print)

    def put(self, mark: Mark, x: float, y: float, height: float) -> bool:
        """Write a mark with its upper left corner at a place, in pixels, if there is room for it.

        Returns:
            Whether it was written.
        """
        left, top = round(x), round(y)
        rows, columns = mark.ink.shape
        if min(left, top) < 1 or left + columns >= SIDE or top + rows >= SIDE:
            return False
        inked_rows, inked_columns = np.nonzero(mark.ink > 2 * MIN_INK)
        if not len(inked_rows) or len(self.marks) >= MAX_MARKS:
            return False
        window = np.s_[top : top + rows, left : left + columns]
        is_visible = mark.ink > np.maximum(self.ink[window], MIN_INK)
        self.marks.append(
            Placed(
                left + (inked_columns.min() + inked_columns.max()) / 2,
                top + (inked_rows.min() + inked_rows.max()) / 2,
                height,
                mark.kind,
            )
        )
        self.owner[window][is_visible] = len(self.marks)
        shown = mark.ink if mark.shown is None else mark.shown
        np.maximum(self.ink[window], mark.ink, out=self.ink[window])
        np.maximum(self.shown[window], shown, out=self.shown[window])
        return True

    def link(self, pen: float) -> None:
        """Join the last two marks by a stroke of `pen` pixels, like a pen that is not lifted."""
        number = len(self.marks)
        if number < 2:
            return
        ends = []
        for mark, rightmost in ((number - 1, True), (number, False)):
            rows, columns = np.nonzero(self.owner == mark)
            if not len(rows):
                return
            closeness = columns if rightmost else -columns
            near = np.flatnonzero(closeness >= np.quantile(closeness, 0.8))
            place = near[self.random.integers(len(near))]
            ends.append((int(columns[place]), int(rows[place])))
        stroke = Image.new("L", (2 * SIDE, 2 * SIDE))
        points = [tuple(2 * np.array(end)) for end in ends]
        ImageDraw.Draw(stroke).line(points, fill=255, width=max(2, round(2 * pen)))
        drawn = np.asarray(stroke.reduce(2), np.float32) / 255
        columns = np.arange(SIDE)
        # Half of the stroke belongs to each mark.
        nearer = np.where(columns < (ends[0][0] + ends[1][0]) / 2, number - 1, number)
        is_visible = drawn > np.maximum(self.ink, MIN_INK)
        self.owner[is_visible] = np.broadcast_to(nearer, self.owner.shape)[is_visible]
        self._draw(drawn)

    def strike_out(self, number: int, pen: float, cross: bool) -> None:
        """Strike out a mark, which makes it `OTHER`; numbers count from 1, `pen` is in pixels."""
        mark = self.marks[number - 1]
        half_length = mark.height * self.random.uniform(0.45, 0.65)
        slope = self.random.uniform(0, 1)
        layer = Image.new("L", (SIDE, SIDE))
        pencil = ImageDraw.Draw(layer)
        first = self.random.choice([-1, 1])
        for side in (first, -first) if cross else (first,):
            ends = [
                (mark.x - half_length * 0.8, mark.y - side * half_length * slope),
                (mark.x + half_length * 0.8, mark.y + side * half_length * slope),
            ]
            pencil.line(ends, fill=255, width=max(1, round(pen)))
        drawn = np.asarray(layer, np.float32) / 255
        self.owner[drawn > np.maximum(self.ink, MIN_INK)] = number
        self._draw(drawn)
        self.marks[number - 1] = mark._replace(kind=OTHER)

    def print_words(self, words: str, x: float, y: float, font: ImageFont.FreeTypeFont) -> None:
        """Print words, unless something is written by hand in their place."""
        box = self.printer.textbbox((x, y), words, font=font)
        left, top, right, bottom = (int(np.clip(edge, 0, SIDE)) for edge in box)
        if not self.shown[top:bottom, left:right].any():
            darkness = int(self.random.integers(110, 256))
            self.printer.text((x, y), words, fill=darkness, font=font)

    def _draw(self, ink: np.ndarray) -> None:
        for layer in (self.ink, self.shown):
            np.maximum(layer, ink, out=layer)
