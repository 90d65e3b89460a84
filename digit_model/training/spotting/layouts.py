"""What may stand on a sheet: a digit, a number, a form, a table, a note, or nothing to read."""

from collections.abc import Callable

import numpy as np

from digit_model.training.spotting.forms import MARGIN, any_height, boxes, lines, table
from digit_model.training.spotting.hand import choose_hand
from digit_model.training.spotting.marks import draw_doodle, draw_letter
from digit_model.training.spotting.models import Models
from digit_model.training.spotting.rules import Ruler
from digit_model.training.spotting.sheet import SIDE, Sheet
from digit_model.training.spotting.writing import Writer, amount, any_text, date, marked, total

STRUCK_OUT = 0.16  # Of the sheets with several marks have some struck out.
WORDS = 0.3  # Of the sheets have printed words.

Layout = Callable[[Sheet, Models], float]  # Gives the height of its digits.


def one_digit(sheet: Sheet, models: Models) -> float:
    """One digit, small to large, some in a ring or a box."""
    random = sheet.random
    height = float(np.exp(random.uniform(np.log(16), np.log(210))))
    writer = Writer(sheet, choose_hand(random), models)
    room = SIDE - height - 2 * MARGIN
    for _ in range(4):  # A broad one may have no room where it was to be.
        x = random.uniform(MARGIN, max(MARGIN + 1, SIDE - 0.9 * height))
        writer.write("0", x, MARGIN + random.uniform(0, max(room, 1)), height)
        if sheet.marks:
            break
    if sheet.marks and random.random() < 0.3:
        _surround(sheet, Ruler(sheet, height), height)
    return height


def one_number(sheet: Sheet, models: Models) -> float:
    """A number, some with signs or letters, underlined, in a box or in a ring."""
    random = sheet.random
    count = int(random.integers(2, 10))
    height = min(any_height(random, 130), SIDE / (0.55 * count + 0.5))
    patterns = [any_text(count, random, 0.02, 0.0)] * 7 + [any_text(count, random, 0.12, 0.08)]
    patterns += [date(random), date(random), total(random), marked(random), marked(random)]
    text = patterns[random.integers(len(patterns))]
    writer = Writer(sheet, choose_hand(random), models)
    x = random.uniform(MARGIN, max(MARGIN + 1, SIDE - 0.8 * len(text) * height))
    y = random.uniform(MARGIN, max(MARGIN + 1, SIDE - 1.2 * height))
    right = writer.write(text, x, y, height)
    ruler, chance = Ruler(sheet, height), random.random()
    if chance < 0.12:
        for number in range(random.integers(1, 3)):
            level = y + height * (1.08 + random.uniform(0, 0.25) + 0.15 * number)
            ruler.line(x - 0.1 * height, level, right, level + random.normal(0, 0.05) * height)
    elif chance < 0.4 and sheet.marks:
        _surround(sheet, ruler, height)
    return height


def cheque(sheet: Sheet, models: Models) -> float:
    """A sum of money, often with a line or the corner of a box close to it."""
    random = sheet.random
    text = amount(random)
    height = min(any_height(random, 70), SIDE / (0.55 * len(text) + 0.5))
    writer = Writer(sheet, choose_hand(random), models)
    x = random.uniform(MARGIN, max(MARGIN + 1, SIDE - 0.75 * len(text) * height))
    y = random.uniform(0.3, 0.6) * (SIDE - height)
    right = writer.write(text, x, y, height)
    ruler = Ruler(sheet, height)
    if random.random() < 0.5:
        level = y + height * random.uniform(0.95, 1.5)
        ruler.line(0, level, SIDE, level + random.normal(0, 2))
    if random.random() < 0.25:
        level = y - height * random.uniform(0.05, 0.4)
        ruler.line(0, level, SIDE, level + random.normal(0, 2))
    if random.random() < 0.25:
        across = float(random.choice([x - 0.3 * height, right + 0.3 * height]))
        ruler.line(across, 0, across, SIDE)
    return height


def note(sheet: Sheet, models: Models) -> float:
    """Numbers, words and scrawls of different sizes, anywhere."""
    random = sheet.random
    height = any_height(random, 80)
    for _ in range(random.integers(2, 8)):
        height = any_height(random, 80)
        writer = Writer(sheet, choose_hand(random), models)
        length = int(random.integers(1, 6))
        text = any_text(length, random, 0.1, float(random.choice([0.0, 0.1, 1.0])))
        writer.write(text, random.uniform(2, 0.8 * SIDE), random.uniform(2, SIDE - height), height)
    for _ in range(random.integers(0, 4)):
        Ruler(sheet, height).line(*random.uniform(0, SIDE, 4))
    return height


def strangers(sheet: Sheet, models: Models) -> float:
    """A doodle or letters, and no digit."""
    random = sheet.random
    height = float(np.exp(random.uniform(np.log(16), np.log(200))))
    for _ in range(random.choice([1, 1, 2, 4])):
        draw = draw_doodle if random.random() < 0.5 else draw_letter
        mark = draw(height, choose_hand(random), models, random)
        rows, columns = mark.ink.shape
        x, y = (random.uniform(1, max(2, SIDE - side - 1)) for side in (columns, rows))
        sheet.put(mark, x, y, height)
    return height


def nothing(sheet: Sheet, _models: Models) -> float:
    """Paper, plain, ruled or printed on."""
    random = sheet.random
    height = any_height(random)
    if random.random() < 0.5:
        Ruler(sheet, height).rows(random.uniform(0, SIDE), 2 * height, random.random() < 0.5)
    return height


# Each layout, and how often it is taken.
LAYOUTS: list[tuple[Layout, float]] = [
    (one_digit, 0.15),
    (one_number, 0.3),
    (cheque, 0.14),
    (lines, 0.12),
    (boxes, 0.1),
    (table, 0.09),
    (note, 0.06),
    (strangers, 0.07),
    (nothing, 0.02),
]


def write_sheet(models: Models, random: np.random.Generator) -> tuple[Sheet, float]:
    """A sheet on which something is written, and the height of its digits in pixels."""
    shares = np.array([share for _, share in LAYOUTS])
    layout, _ = LAYOUTS[random.choice(len(LAYOUTS), p=shares / shares.sum())]
    sheet = Sheet(random)
    height = layout(sheet, models)
    if len(sheet.marks) > 1 and random.random() < STRUCK_OUT:
        for number in random.permutation(len(sheet.marks))[: random.integers(1, 3)] + 1:
            pen = height * random.uniform(0.03, 0.12)
            sheet.strike_out(int(number), pen, cross=random.random() < 0.5)
    if random.random() < WORDS:
        Ruler(sheet, height).words(int(random.integers(1, 7)), height)
    return sheet, height


def _surround(sheet: Sheet, ruler: Ruler, height: float) -> None:
    """Put a box or a ring around all that is written."""
    random = sheet.random
    rows, columns = np.nonzero(sheet.shown > 0)
    top, bottom, left, right = rows.min(), rows.max(), columns.min(), columns.max()
    if random.random() < 0.5:
        margin = height * random.uniform(0.1, 1.0)
        past = height * random.uniform(0.1, 0.8) if random.random() < 0.3 else 0.0
        ruler.box(left - margin, top - margin, right + margin, bottom + margin, past)
    else:
        wide, tall = (right - left) / 2, (bottom - top) / 2
        grown = random.uniform(1.25, 1.8)
        tall = max(tall, 0.6 * wide) if random.random() < 0.5 else tall
        wide = max(wide, 0.5 * tall)
        ruler.ring((left + right) / 2, (top + bottom) / 2, wide * grown, tall * grown)
