"""The marks on a page -> the numbers on it, line by line, and the signs among them."""

import numpy as np

from digit_model.lines.kinds import DIGIT_KINDS, WRITTEN
from digit_model.lines.segment import PARTED, Line, usual_height
from digit_model.lines.spots import Spots

MAYBE = 0.1  # Probability of a digit: what is less probably one is not read.
# Of the height of the digits:
APART = 0.45  # centres so much higher or lower are on another line,
LEVEL = 0.6  # and lines no farther apart stand beside each other.
SHARED = 0.6  # Of the lower of two: marks that share so many rows are on one line.
LOW, BROAD = 0.5, 0.6  # A mark counts as so high, of the usual height or its own width, at least.
BESIDE = 0.8  # A sign stands no farther above, below or beside a number.

Number = list[int]  # Marks, from left to right.


def find_numbers(spots: Spots) -> list[Line]:
    """Find each number, with the signs in it and beside it.

    Args:
        spots: upright.

    Returns:
        From top to bottom, and from left to right.
    """
    numbers = []
    for row, chains in enumerate(find_rows(spots, spots.digits(MAYBE))):
        for chain in chains:
            heights = [bottom - top for top, _, bottom, _ in spots.boxes[chain].tolist()]
            numbers.append(Line(chain, usual_height(heights), row=row))
    signs: list[list[tuple[float, str]]] = [[] for _ in numbers]
    for sign in spots.signs().tolist():
        away = [_distance(spots, number, sign) for number in numbers]
        if away and min(away) < BESIDE:
            _, left, _, right = spots.boxes[sign].tolist()
            written = WRITTEN[int(spots.kinds[sign].argmax()) - DIGIT_KINDS]
            signs[int(np.argmin(away))].append(((left + right) / 2, written))
    pairs = zip(numbers, signs, strict=True)
    return [number._replace(signs=tuple(sorted(its))) for number, its in pairs]


def _distance(spots: Spots, number: Line, sign: int) -> float:
    """How far a sign stands from a number's nearest digit, of the number's height."""
    top, left, bottom, right = spots.boxes[number.pieces].T
    above, first, below, last = spots.boxes[sign].tolist()
    beside = np.maximum(np.maximum(first - right, left - last), 0)
    off = np.maximum(np.maximum(above - bottom, top - below), 0)
    return float((beside + 2 * off).min()) / number.height


def find_rows(spots: Spots, chosen: np.ndarray) -> list[list[Number]]:
    """Chain marks into numbers, and put numbers beside each other in a row.

    Args:
        spots: upright.
        chosen: numbers of the marks to read.

    Returns:
        Rows from top to bottom, of numbers from left to right.
    """
    if not len(chosen):
        return []
    top, left, bottom, right = spots.boxes[chosen].T
    usual = float(np.median(bottom - top))
    high = np.maximum(bottom - top, np.maximum(BROAD * (right - left), LOW * usual))
    middle, level = (left + right) / 2, (top + bottom) / 2
    chains: list[list[int]] = []
    for place in np.argsort(middle, kind="stable").tolist():
        costs = []
        for chain in chains:
            last = chain[-1]
            height = max(high[last], high[place])
            gap, step = left[place] - right[last], abs(level[place] - level[last])
            shared = min(bottom[place], bottom[last]) - max(top[place], top[last])
            same = step < APART * height or shared > SHARED * min(high[last], high[place])
            ahead = middle[place] > middle[last] + 0.1 * height
            fits = gap < PARTED * height and same and ahead
            costs.append(step / height + 0.2 * max(0, gap / height) if fits else np.inf)
        if costs and min(costs) < np.inf:
            chains[int(np.argmin(costs))].append(place)
        else:
            chains.append([place])
    levels = [float(level[chain].mean()) for chain in chains]
    rows: list[list[list[int]]] = []
    starts: list[float] = []  # The level of each row's first.
    for number in np.argsort(levels, kind="stable").tolist():
        near = LEVEL * float(high[chains[number]].mean())
        for row, start in zip(rows, starts, strict=True):
            if abs(start - levels[number]) < near:
                row.append(chains[number])
                break
        else:
            rows.append([chains[number]])
            starts.append(levels[number])
    return [
        [chosen[chain].tolist() for chain in sorted(row, key=lambda chain: int(left[chain[0]]))]
        for row in rows
    ]
