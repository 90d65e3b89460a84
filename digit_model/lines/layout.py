"""The marks on a page -> its lines, from top to bottom, and the numbers in each."""

import numpy as np

from digit_model.lines.spots import Spots

# Of the height of the digits:
WIDEST = 2.0  # a wider gap parts two numbers,
APART = 0.45  # centres so much higher or lower are on another line,
LEVEL = 0.6  # and lines no farther apart stand beside each other.
SHARED = 0.6  # Of the lower of two: marks that share so many rows are on one line.
LOW, BROAD = 0.5, 0.6  # A mark counts as so high, of the usual height or its own width, at least.

Number = list[int]  # Marks, from left to right.


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
            fits = gap < WIDEST * height and same and ahead
            costs.append(step / height + 0.2 * max(0, gap / height) if fits else np.inf)
        if costs and min(costs) < np.inf:
            chains[int(np.argmin(costs))].append(place)
        else:
            chains.append([place])
    rows: list[list[list[int]]] = []
    for chain in sorted(chains, key=lambda chain: float(level[chain].mean())):
        for row in rows:
            if abs(level[row[0]].mean() - level[chain].mean()) < LEVEL * high[chain].mean():
                row.append(chain)
                break
        else:
            rows.append([chain])
    return [
        [chosen[chain].tolist() for chain in sorted(row, key=lambda chain: int(left[chain[0]]))]
        for row in rows
    ]
