"""The marks on a page -> its numbers, row by row, with their signs."""

import numpy as np

from digit_model.lines.kinds import DIGIT_KINDS, SIGN_TEXTS
from digit_model.lines.spots import Spots
from digit_model.lines.writing import NUMBER_GAP_TO_HEIGHT, Number, usual_height

MIN_READ_DIGIT = 0.1  # Probability from which a mark is read: a lone 1 looks like a line.
MAX_STEP = 0.45  # Vertical distance between neighbours in a number, divided by their height.
MIN_ADVANCE = 0.1  # Horizontal step to a neighbour, divided by their height: it is not above.
GAP_COST = 0.2  # Cost of a gap between neighbours, where as large a step up or down costs 1.
ROW_STEP = 0.6  # Vertical distance of numbers in one row, divided by their height.
MIN_SHARED = 0.6  # Share of the lower mark's rows: marks that share more are in one number.
MIN_TO_USUAL = 0.5  # A lower mark counts as if it had this share of the usual height.
MIN_TO_WIDTH = 0.6  # A wide mark counts as if its height were this share of its width.
MAX_SIGN_DISTANCE = 0.8  # Distance of a sign from its number, divided by the digits' height.

Chain = list[int]  # The marks of a number, from left to right.


def find_mark_numbers(spots: Spots) -> list[Number]:
    """Find each number, with the signs in it and beside it.

    Args:
        spots: the upright marks of a page.

    Returns:
        The numbers, from top to bottom and from left to right.
    """
    numbers = []
    for row, chains in enumerate(find_rows(spots, spots.digits(MIN_READ_DIGIT))):
        for chain in chains:
            heights = [bottom - top for top, _, bottom, _ in spots.boxes[chain].tolist()]
            numbers.append(Number(chain, usual_height(heights), row=row))
    signs: list[list[tuple[float, str]]] = [[] for _ in numbers]
    for sign in spots.signs().tolist():
        distances = [_distance(spots, number, sign) for number in numbers]
        if distances and min(distances) < MAX_SIGN_DISTANCE:
            _, left, _, right = spots.boxes[sign].tolist()
            written = SIGN_TEXTS[int(spots.kinds[sign].argmax()) - DIGIT_KINDS]
            signs[int(np.argmin(distances))].append(((left + right) / 2, written))
    pairs = zip(numbers, signs, strict=True)
    return [number._replace(signs=tuple(sorted(own))) for number, own in pairs]


def _distance(spots: Spots, number: Number, sign: int) -> float:
    """Return a sign's distance from a number's nearest digit, divided by the number's height."""
    top, left, bottom, right = spots.boxes[number.pieces].T
    above, first, below, last = spots.boxes[sign].tolist()
    across = np.maximum(np.maximum(first - right, left - last), 0)
    down = np.maximum(np.maximum(above - bottom, top - below), 0)
    return float((across + 2 * down).min()) / number.height


def find_rows(spots: Spots, chosen: np.ndarray) -> list[list[Chain]]:
    """Chain marks into numbers, and group numbers side by side into rows.

    Args:
        spots: the upright marks of a page.
        chosen: int `(n,)`, the marks to read.

    Returns:
        Rows from top to bottom, of numbers from left to right.
    """
    if not len(chosen):
        return []
    top, left, bottom, right = spots.boxes[chosen].T
    usual = float(np.median(bottom - top))
    size = np.maximum(bottom - top, np.maximum(MIN_TO_WIDTH * (right - left), MIN_TO_USUAL * usual))
    middle, level = (left + right) / 2, (top + bottom) / 2
    chains: list[Chain] = []
    for place in np.argsort(middle, kind="stable").tolist():
        costs = []
        for chain in chains:
            last = chain[-1]
            height = max(size[last], size[place])
            gap, step = left[place] - right[last], abs(level[place] - level[last])
            shared = min(bottom[place], bottom[last]) - max(top[place], top[last])
            aligned = step < MAX_STEP * height or shared > MIN_SHARED * min(size[last], size[place])
            is_right = middle[place] > middle[last] + MIN_ADVANCE * height
            fits = gap < NUMBER_GAP_TO_HEIGHT * height and aligned and is_right
            costs.append(step / height + GAP_COST * max(0, gap / height) if fits else np.inf)
        if costs and min(costs) < np.inf:
            chains[int(np.argmin(costs))].append(place)
        else:
            chains.append([place])
    levels = [float(level[chain].mean()) for chain in chains]
    rows: list[list[Chain]] = []
    row_levels: list[float] = []  # The level of each row's first number.
    for index in np.argsort(levels, kind="stable").tolist():
        near = ROW_STEP * float(size[chains[index]].mean())
        for row, start in zip(rows, row_levels, strict=True):
            if abs(start - levels[index]) < near:
                row.append(chains[index])
                break
        else:
            rows.append([chains[index]])
            row_levels.append(levels[index])
    return [
        [chosen[chain].tolist() for chain in sorted(row, key=lambda chain: int(left[chain[0]]))]
        for row in rows
    ]
