"""Writes numbers and other texts on a sheet, in one hand."""

import numpy as np

from digit_model.training.spotting.hand import Hand, Mark
from digit_model.training.spotting.marks import draw_digit, draw_letter
from digit_model.training.spotting.models import Models
from digit_model.training.spotting.sheet import SIDE, Sheet
from digit_model.training.spotting.signs import draw_any_sign, draw_sign

# Gaps between digits as shares of their height: overlapping, close, apart, far apart.
GAPS = ((-0.25, 0.0), (-0.04, 0.12), (0.08, 0.4), (0.3, 1.0))
GAP_SHARES = (0.2, 0.33, 0.36, 0.11)  # Shares of writers with gaps in each of `GAPS`.
LINKING_SHARE = 0.35  # Share of writers who link digits, because they seldom lift the pen.
LINK_SHARE = 0.5  # Share of neighbouring digits that such a writer links.
SIGNED = ["#0", "#00", "(0)", "(00)", "(000)", "00%", "0%", "0.0%", "?0", "?00", "00?", "?0?"]
SUMS = ["0+0", "00+0", "0 + 0", "0-0", "00-00", "0 - 0", "-0", "-00", "0.00", "0/0", "+00", "0=0"]
SIGN_NAMES = {
    "/": "slash",
    "-": "minus",
    ".": "point",
    ",": "comma",
    "+": "plus",
    "=": "equals",
    "#": "hash",
    "%": "percent",
    "(": "open",
    ")": "close",
}
SMALL_DIGIT_SHARE = 0.06  # Share of digits that are much smaller than the others.


class Writer:
    """A writer with one hand on one sheet.

    Args:
        sheet: the sheet to write on.
        hand: the handwriting.
        models: the examples after which marks are drawn.
    """

    def __init__(self, sheet: Sheet, hand: Hand, models: Models) -> None:
        self.sheet, self.hand, self.models = sheet, hand, models
        self.random = sheet.random
        self.gap = self.random.uniform(*GAPS[self.random.choice(len(GAPS), p=GAP_SHARES)])
        # Standard deviation of the logarithm of the digits' heights.
        self.height_spread = self.random.uniform(0.02, 0.14)
        self.slope = self.random.normal(0, 0.025)  # Pixels down per pixel to the right.
        self.links = LINK_SHARE if self.random.random() < LINKING_SHARE else 0.0

    def draw_any_digit(self, height: float) -> tuple[Mark, float]:
        """Draw a digit for a line of digits of a height; also give its own height, in pixels."""
        size = height * float(np.exp(self.random.normal(0, self.height_spread)).clip(0.6, 1.3))
        if self.random.random() < SMALL_DIGIT_SHARE:
            size *= self.random.uniform(0.45, 0.7)
        label = int(self.random.integers(10))
        return draw_digit(label, max(size, 7.0), self.hand, self.models, self.random), size

    def write(self, text: str, x: float, y: float, height: float) -> float:
        """Write a text, from left to right.

        Args:
            text: "0" for any digit, "a" for a letter, "?" for any sign, " " for a wide gap, or
                a sign in `SIGN_NAMES`.
            x: left end, in pixels.
            y: top of the digits, in pixels.
            height: height of the digits, in pixels.

        Returns:
            The x at which the next mark would start, in pixels.
        """
        start, joined = x, False
        for letter in text:
            top = y + self.slope * (x - start) + self.random.normal(0, 0.03) * height
            step = self.gap * self.random.uniform(0.6, 1.4) * height
            if letter == " ":
                x, joined = x + self.random.uniform(0.4, 1.5) * height, False
                continue
            if letter == "0":
                mark, size = self.draw_any_digit(height)
                top += (height - size) * self.random.choice([0, 0.5, 1])
            elif letter == "a":
                size = height * self.random.uniform(0.6, 1.2)
                mark = draw_letter(size, self.hand, self.models, self.random)
            else:
                name = SIGN_NAMES.get(letter)
                mark = (
                    draw_sign(name, height, self.hand, self.random)
                    if name
                    else draw_any_sign(height, self.hand, self.random)
                )
                top += mark.top
                # Signs may be close to their neighbours, but seldom lie over them.
                step = max(step, self.random.uniform(-0.05, 0.2) * height)
                x += self.random.uniform(-0.03, 0.2) * height if joined else 0
            if not self.sheet.put(mark, x, top, height):
                if x + mark.ink.shape[1] >= SIDE:
                    break
            elif letter == "0" and joined and self.random.random() < self.links:
                self.sheet.link(self.hand.pen * height * self.random.uniform(0.6, 1))
            joined = letter == "0"
            x += mark.ink.shape[1] + step
        return x

    def write_cells(self, count: int, x: float, y: float, height: float, cell: float) -> None:
        """Write a digit in the middle of each of `count` cells `cell` wide; leave some empty."""
        for place in range(count):
            mark, size = self.draw_any_digit(height)
            middle = x + (place + 0.5) * cell + self.random.normal(0, 0.06) * cell
            if self.random.random() < 0.92 and mark.ink.shape[1] < 1.15 * cell:
                top = y + (height - size) / 2 + self.random.normal(0, 0.05) * height
                self.sheet.put(mark, middle - mark.ink.shape[1] / 2, top, height)


def make_text(count: int, random: np.random.Generator, signs: float, letters: float) -> str:
    """Make a pattern of `count` digits, some replaced by letters, with signs among them."""
    text = ""
    for _ in range(count):
        text += "?" if random.random() < signs else ""
        text += "a" if random.random() < letters else "0"
    return text + ("?" if random.random() < signs else "")


def make_amount(random: np.random.Generator) -> str:
    """Make the pattern of a sum of money on a cheque, with a point and a dash at the end."""
    count = int(random.integers(2, 8))
    text = "0" * count
    if random.random() < 0.6 and count > 3:
        text = text[:-3] + str(random.choice([".", ".", ","])) + text[-3:]
    if random.random() < 0.12:
        text += str(random.choice([".", ","])) + "00"
    if random.random() < 0.45:
        text += str(random.choice(["-", ".-", "=", ".", ",", "--"]))
    if random.random() < 0.08:
        text = "?" + text
    return text


def make_date(random: np.random.Generator) -> str:
    """Make the pattern of a date or a phone number, with signs or gaps between its parts."""
    sign = str(random.choice(["/", "/", ".", "-", " "]))
    lengths = [random.integers(1, 3), random.integers(1, 3), random.choice([2, 4])]
    return sign.join("0" * int(length) for length in lengths)


def make_signed_number(random: np.random.Generator) -> str:
    """Choose the pattern of a number with a sign before, behind or around it."""
    return str(random.choice(SIGNED))


def make_sum(random: np.random.Generator) -> str:
    """Choose the pattern of a sum, a difference, a ratio or a decimal number."""
    return str(random.choice(SUMS))
