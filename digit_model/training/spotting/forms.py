"""Writes lines, forms and tables of numbers on a sheet."""

import numpy as np

from digit_model.training.spotting.hand import choose_hand
from digit_model.training.spotting.models import Models
from digit_model.training.spotting.rules import Ruler
from digit_model.training.spotting.sheet import SIDE, Sheet
from digit_model.training.spotting.writing import Writer, make_text

HEIGHT_RANGE = (11.0, 100.0)  # Pixels; the lowest and the highest digits.
MARGIN = 4  # Pixels between the writing and the sheet's edge.


def choose_height(random: np.random.Generator, max_height: float = HEIGHT_RANGE[1]) -> float:
    """Choose a height for digits in pixels, from a log-uniform distribution."""
    return float(np.exp(random.uniform(np.log(HEIGHT_RANGE[0]), np.log(max_height))))


def write_lines(sheet: Sheet, models: Models) -> float:
    """Write lines of numbers, in one column or two, often on ruled or squared paper."""
    random = sheet.random
    height = choose_height(random, 55)
    writer = Writer(sheet, choose_hand(random), models)
    step, count = height * random.uniform(1.15, 2.5), int(random.integers(1, 8))
    columns = 1 if random.random() < 0.6 else 2
    column_step = height * (0.75 * count + random.uniform(1.5, 3))
    left, top = random.uniform(MARGIN, 0.6 * SIDE), random.uniform(MARGIN, 0.4 * SIDE)
    for y in np.arange(top, SIDE - 1.2 * height, step):
        for column in range(columns):
            if random.random() < 0.9:
                length = max(1, count + int(random.integers(-1, 2)))
                text = make_text(length, random, 0.05, 0.0)
                writer.write(text, left + column * column_step, float(y), height)
    if random.random() < 0.5:
        ruler = Ruler(sheet, height)
        ruler.rows(top + random.uniform(1.0, 1.25) * height, step, random.random() < 0.25)
        if random.random() < 0.4:
            margin = random.uniform(5, 0.6 * SIDE)
            ruler.line(margin, 0, margin, SIDE)
    return height


def write_boxes(sheet: Sheet, models: Models) -> float:
    """Fill in a form with a box for each digit, or with a comb: short strokes between digits."""
    random = sheet.random
    height = choose_height(random, 85)
    writer, ruler = Writer(sheet, choose_hand(random), models), Ruler(sheet, height)
    cell, margin = height * random.uniform(0.85, 1.8), height * random.uniform(0.04, 0.4)
    gap = 0.0 if random.random() < 0.6 else height * random.uniform(0.05, 0.35)
    comb = random.random() < 0.35
    y = random.uniform(0.3, 1.2) * height
    while y < SIDE - 1.4 * height:
        left = random.uniform(MARGIN, 0.4 * SIDE)
        count = max(1, min(int(random.integers(1, 12)), int((SIDE - left) / (cell + gap))))
        writer.write_cells(count, left - gap / 2, y, height, cell + gap)
        bottom = y + height + margin
        teeth = bottom - height * random.uniform(0.2, 0.5)
        if comb:
            ruler.line(left, bottom, left + count * cell, bottom)
        for place in range(count + comb):
            edge = left + place * (cell if comb else cell + gap)
            if comb:
                ruler.line(edge, teeth, edge, bottom)
            else:
                ruler.box(edge, y - margin, edge + cell, bottom)
        y += height * random.uniform(1.5, 3.2)
    return height


def write_table(sheet: Sheet, models: Models) -> float:
    """Write a table of short numbers, whole or cut out of a larger one."""
    random = sheet.random
    height = choose_height(random, 80)
    writer, ruler = Writer(sheet, choose_hand(random), models), Ruler(sheet, height)
    count = int(random.integers(1, 5))
    step_x = height * (0.75 * count + random.uniform(0.4, 1.4))
    step_y = height * random.uniform(1.2, 2.2)
    left, top = random.uniform(-0.5 * step_x, 30), random.uniform(-0.5 * step_y, 30)
    columns, rows = int((SIDE - left) / step_x), int((SIDE - top) / step_y)
    for row in range(rows):
        for column in range(columns):
            if random.random() < 0.85:
                x = left + column * step_x + random.uniform(0.12, 0.5) * height
                y = top + row * step_y + (step_y - height) * random.uniform(0.25, 0.75)
                text = make_text(int(random.integers(1, count + 1)), random, 0.03, 0.0)
                writer.write(text, x, y, height)
    for row in range(rows + 1):
        ruler.line(left, top + row * step_y, left + columns * step_x, top + row * step_y)
    for column in range(columns + 1):
        ruler.line(left + column * step_x, top, left + column * step_x, top + rows * step_y)
    return height
