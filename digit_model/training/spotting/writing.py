"""Numbers, amounts and notes in somebody's hand, on a sheet."""

import numpy as np

from digit_model.training.spotting.hand import Hand, Mark
from digit_model.training.spotting.marks import draw_digit, draw_letter
from digit_model.training.spotting.models import Models
from digit_model.training.spotting.sheet import SIDE, Sheet
from digit_model.training.spotting.signs import draw_any_sign, draw_sign

# Gaps between digits, of their height, and how often: overlapping, close, apart.
GAPS = ((-0.25, 0.0), (-0.04, 0.12), (0.08, 0.4), (0.3, 1.0))
GAP_SHARES = (0.2, 0.33, 0.36, 0.11)
LINKED = 0.35  # Of the numbers are written by a pen that is lifted seldom,
LINKS = 0.5  # and then so many of neighbouring digits are linked.
MARKED = ["#0", "#00", "(0)", "(00)", "(000)", "00%", "0%", "0.0%", "?0", "?00", "00?", "?0?"]
TOTALS = ["0+0", "00+0", "0 + 0", "0-0", "00-00", "0 - 0", "-0", "-00", "0.00", "0/0", "+00", "0=0"]
NAMED = {
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
SMALLER = 0.06  # Of the digits are much smaller than the others.


class Writer:
    """Somebody who writes on a sheet.

    Args:
        sheet: is written on.
        hand: how.
        models: what the marks are made after.
    """

    def __init__(self, sheet: Sheet, hand: Hand, models: Models) -> None:
        self.sheet, self.hand, self.models = sheet, hand, models
        self.random = sheet.random
        self.gap = self.random.uniform(*GAPS[self.random.choice(len(GAPS), p=GAP_SHARES)])
        self.unlike = self.random.uniform(0.02, 0.14)  # Spread of the digits' heights.
        self.slope = self.random.normal(0, 0.025)  # Rows a column.
        self.links = LINKS if self.random.random() < LINKED else 0.0

    def any_digit(self, height: float) -> tuple[Mark, float]:
        """A digit, and how high it is beside others of a height, in pixels."""
        size = height * float(np.exp(self.random.normal(0, self.unlike)).clip(0.6, 1.3))
        if self.random.random() < SMALLER:
            size *= self.random.uniform(0.45, 0.7)
        label = int(self.random.integers(10))
        return draw_digit(label, max(size, 7.0), self.hand, self.models, self.random), size

    def write(self, text: str, x: float, y: float, height: float) -> float:
        """Write a text, from left to right.

        Args:
            text: "0" for any digit, "a" for a letter, "?" for any sign, " " for a wide gap, or
                one of `NAMED`.
            x: where it starts, in pixels.
            y: of its digits' tops.
            height: of its digits.

        Returns:
            Where it ends, in pixels.
        """
        start, joined = x, False
        for letter in text:
            above = y + self.slope * (x - start) + self.random.normal(0, 0.03) * height
            step = self.gap * self.random.uniform(0.6, 1.4) * height
            if letter == " ":
                x, joined = x + self.random.uniform(0.4, 1.5) * height, False
                continue
            if letter == "0":
                mark, size = self.any_digit(height)
                above += (height - size) * self.random.choice([0, 0.5, 1])
            elif letter == "a":
                size = height * self.random.uniform(0.6, 1.2)
                mark = draw_letter(size, self.hand, self.models, self.random)
            else:
                name = NAMED.get(letter)
                mark = (
                    draw_sign(name, height, self.hand, self.random)
                    if name
                    else draw_any_sign(height, self.hand, self.random)
                )
                above += mark.top
                # Signs may be close to their neighbours, but seldom lie over them.
                step = max(step, self.random.uniform(-0.05, 0.2) * height)
                x += self.random.uniform(-0.03, 0.2) * height if joined else 0
            if not self.sheet.put(mark, x, above, height):
                if x + mark.ink.shape[1] >= SIDE:
                    break
            elif letter == "0" and joined and self.random.random() < self.links:
                self.sheet.link(self.hand.pen * height * self.random.uniform(0.6, 1))
            joined = letter == "0"
            x += mark.ink.shape[1] + step
        return x

    def write_cells(self, count: int, x: float, y: float, height: float, cell: float) -> None:
        """Write one digit in the middle of each of so many cells, some left empty."""
        for place in range(count):
            mark, size = self.any_digit(height)
            middle = x + (place + 0.5) * cell + self.random.normal(0, 0.06) * cell
            if self.random.random() < 0.92 and mark.ink.shape[1] < 1.15 * cell:
                above = y + (height - size) / 2 + self.random.normal(0, 0.05) * height
                self.sheet.put(mark, middle - mark.ink.shape[1] / 2, above, height)


def any_text(count: int, random: np.random.Generator, signs: float, letters: float) -> str:
    """So many digits, with signs before some of them and letters instead of some."""
    text = ""
    for _ in range(count):
        text += "?" if random.random() < signs else ""
        text += "a" if random.random() < letters else "0"
    return text + ("?" if random.random() < signs else "")


def amount(random: np.random.Generator) -> str:
    """A sum of money as on a cheque: points between thousands, and a dash at the end."""
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


def date(random: np.random.Generator) -> str:
    """A date or a phone number, with signs or gaps between its parts."""
    sign = str(random.choice(["/", "/", ".", "-", " "]))
    lengths = [random.integers(1, 3), random.integers(1, 3), random.choice([2, 4])]
    return sign.join("0" * int(length) for length in lengths)


def marked(random: np.random.Generator) -> str:
    """A number with a sign before it, behind it or around it."""
    return str(random.choice(MARKED))


def total(random: np.random.Generator) -> str:
    """A sum, a difference, a ratio or a decimal number."""
    return str(random.choice(TOTALS))
