"""Layouts of a sheet: a digit, a number, a form, a table, a note, or nothing to read."""

from collections.abc import Callable

import numpy as np

from digit_model.training.spotting.forms import (
    MARGIN,
    choose_height,
    write_boxes,
    write_lines,
    write_table,
)
from digit_model.training.spotting.hand import choose_hand
from digit_model.training.spotting.marks import draw_doodle, draw_letter
from digit_model.training.spotting.models import Models
from digit_model.training.spotting.rules import Ruler
from digit_model.training.spotting.sheet import SIDE, Sheet
from digit_model.training.spotting.writing import (
    Writer,
    make_amount,
    make_date,
    make_signed_number,
    make_sum,
    make_text,
)

STRIKE_OUT_SHARE = 0.16  # Share of sheets with several marks on which some are struck out.
WORDS_SHARE = 0.3  # Share of sheets with printed words.

Layout = Callable[[Sheet, Models], float]  # Returns the height of its digits.


def write_digit(sheet: Sheet, models: Models) -> float:
    """Write one digit, small to large, sometimes in a ring or a box."""
    random = sheet.random
    height = float(np.exp(random.uniform(np.log(16), np.log(210))))
    writer = Writer(sheet, choose_hand(random), models)
    room = SIDE - height - 2 * MARGIN
    for _ in range(4):  # A broad one may not fit at the first place.
        x = random.uniform(MARGIN, max(MARGIN + 1, SIDE - 0.9 * height))
        writer.write("0", x, MARGIN + random.uniform(0, max(room, 1)), height)
        if sheet.marks:
            break
    if sheet.marks and random.random() < 0.3:
        _surround(sheet, Ruler(sheet, height), height)
    return height


def write_number(sheet: Sheet, models: Models) -> float:
    """Write a number, sometimes with signs or letters, underlined, in a box or in a ring."""
    random = sheet.random
    count = int(random.integers(2, 10))
    height = min(choose_height(random, 130), SIDE / (0.55 * count + 0.5))
    patterns = [make_text(count, random, 0.02, 0.0)] * 7 + [make_text(count, random, 0.12, 0.08)]
    patterns += [make_date(random), make_date(random), make_sum(random)]
    patterns += [make_signed_number(random), make_signed_number(random)]
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


def write_cheque(sheet: Sheet, models: Models) -> float:
    """Write a sum of money, often with a line or the corner of a box close to it."""
    random = sheet.random
    text = make_amount(random)
    height = min(choose_height(random, 70), SIDE / (0.55 * len(text) + 0.5))
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


def write_note(sheet: Sheet, models: Models) -> float:
    """Write numbers, letters and lines of different sizes, anywhere."""
    random = sheet.random
    height = choose_height(random, 80)
    for _ in range(random.integers(2, 8)):
        height = choose_height(random, 80)
        writer = Writer(sheet, choose_hand(random), models)
        length = int(random.integers(1, 6))
        text = make_text(length, random, 0.1, float(random.choice([0.0, 0.1, 1.0])))
        writer.write(text, random.uniform(2, 0.8 * SIDE), random.uniform(2, SIDE - height), height)
    for _ in range(random.integers(0, 4)):
        Ruler(sheet, height).line(*random.uniform(0, SIDE, 4))
    return height


def write_no_digits(sheet: Sheet, models: Models) -> float:
    """Draw doodles or letters, and no digit."""
    random = sheet.random
    height = float(np.exp(random.uniform(np.log(16), np.log(200))))
    for _ in range(random.choice([1, 1, 2, 4])):
        draw = draw_doodle if random.random() < 0.5 else draw_letter
        mark = draw(height, choose_hand(random), models, random)
        rows, columns = mark.ink.shape
        x, y = (random.uniform(1, max(2, SIDE - side - 1)) for side in (columns, rows))
        sheet.put(mark, x, y, height)
    return height


def leave_blank(sheet: Sheet, _models: Models) -> float:
    """Write nothing; rule some of the sheets."""
    random = sheet.random
    height = choose_height(random)
    if random.random() < 0.5:
        Ruler(sheet, height).rows(random.uniform(0, SIDE), 2 * height, random.random() < 0.5)
    return height


# Each layout, and its relative frequency.
LAYOUTS: list[tuple[Layout, float]] = [
    (write_digit, 0.15),
    (write_number, 0.3),
    (write_cheque, 0.14),
    (write_lines, 0.12),
    (write_boxes, 0.1),
    (write_table, 0.09),
    (write_note, 0.06),
    (write_no_digits, 0.07),
    (leave_blank, 0.02),
]


def write_sheet(models: Models, random: np.random.Generator) -> tuple[Sheet, float]:
    """Write on a new sheet; return it and the height of its digits in pixels."""
    weights = np.array([weight for _, weight in LAYOUTS])
    layout, _ = LAYOUTS[random.choice(len(LAYOUTS), p=weights / weights.sum())]
    sheet = Sheet(random)
    height = layout(sheet, models)
    if len(sheet.marks) > 1 and random.random() < STRIKE_OUT_SHARE:
        for number in random.permutation(len(sheet.marks))[: random.integers(1, 3)] + 1:
            pen = height * random.uniform(0.03, 0.12)
            sheet.strike_out(int(number), pen, cross=random.random() < 0.5)
    if random.random() < WORDS_SHARE:
        Ruler(sheet, height).words(int(random.integers(1, 7)), height)
    return sheet, height


def _surround(sheet: Sheet, ruler: Ruler, height: float) -> None:
    """Draw a box or a ring around everything that is written."""
    random = sheet.random
    rows, columns = np.nonzero(sheet.shown > 0)
    top, bottom, left, right = rows.min(), rows.max(), columns.min(), columns.max()
    if random.random() < 0.5:
        margin = height * random.uniform(0.1, 1.0)
        overshoot = height * random.uniform(0.1, 0.8) if random.random() < 0.3 else 0.0
        ruler.box(left - margin, top - margin, right + margin, bottom + margin, overshoot)
    else:
        half_width, half_height = (right - left) / 2, (bottom - top) / 2
        growth = random.uniform(1.25, 1.8)
        half_height = max(half_height, 0.6 * half_width) if random.random() < 0.5 else half_height
        half_width = max(half_width, 0.5 * half_height)
        ruler.ring(
            (left + right) / 2, (top + bottom) / 2, half_width * growth, half_height * growth
        )
