"""A piece of writing in which digits touch -> smaller pieces."""

import numpy as np
from scipy import ndimage

from digit_model.lines.segment import Writing
from digit_model.picture.image import border_of

WORKING_HEIGHT = 40  # Pixels at which cuts are looked for.
# Of the piece's height:
MOST_INK = 0.5  # the ink that a cut goes through, at most,
APART = 0.06  # and its distance from the next, at least.
PAPER = 0.01  # What a pixel of paper costs beside one of ink, so that cuts are straight,
HOLLOW = 0.5  # one that ink surrounds, because a loop is cut less often than two that touch,
ASIDE = 0.2  # and what a step to the side costs.


def cut_piece(writing: Writing, piece: int) -> tuple[Writing, list[int]]:
    """Cut a piece along the paths from top to bottom that go through least ink.

    Each path moves at most one column a row, and is found by dynamic
    programming, as in Avidan and Shamir, "Seam Carving for Content-Aware Image
    Resizing" (2007).

    Args:
        writing: holds the piece.
        piece: its number.

    Returns:
        The writing, with new pieces, and their numbers from left to right; only
        `piece` itself where there is nothing to cut.
    """
    top, left, bottom, right = writing.boxes[piece].tolist()
    window = np.s_[top:bottom, left:right]
    mine = writing.labels[window] == piece
    height, width = mine.shape
    step = -(-height // WORKING_HEIGHT)
    hollow = _find_hollows(mine)
    ink = np.where(mine, writing.ink[window] / 255, HOLLOW * hollow)
    padded = np.pad(ink, ((0, -height % step), (0, -width % step)))
    small = padded.reshape(-(-height // step), step, -(-width // step), step).mean(axis=(1, 3))
    columns = np.repeat(_cheapest_cuts(small) * step, step, axis=1)[:, :height]
    # How many of the cuts lie to a pixel's left: (height, width).
    passed = np.zeros((height, width + 1), np.int32)
    np.add.at(passed, (np.arange(height), columns.clip(max=width)), 1)
    part = (passed.cumsum(axis=1)[:, :-1] + 1) * mine  # 0 where another piece is, or none.
    labels, boxes = writing.labels.copy(), [*writing.boxes]
    numbers, pieces = np.zeros(len(columns) + 2, labels.dtype), []
    for number, bounds in enumerate(ndimage.find_objects(part), start=1):
        if bounds is not None:
            y, x = bounds
            pieces.append(len(boxes))
            numbers[number] = len(boxes)
            boxes.append(np.array([y.start, x.start, y.stop, x.stop]) + [top, left] * 2)
    labels[window][mine] = numbers[part[mine]]
    if len(pieces) < 2:
        return writing, [piece]
    return Writing(writing.ink, labels, np.array(boxes)), pieces


def _find_hollows(mine: np.ndarray) -> np.ndarray:
    """Where a piece surrounds what is not of it, bool `(height, width)`."""
    grounds, count = ndimage.label(~mine)  # Faster than binary_fill_holes by ten times.
    inside = np.arange(count + 1) > 0
    inside[border_of(grounds)] = False
    hollow: np.ndarray = inside[grounds]
    return hollow


def _cheapest_cuts(ink: np.ndarray) -> np.ndarray:
    """Cuts through ink 0..1 `(height, width)`: int `(cuts, height)`, the first column beyond."""
    height, width = ink.shape
    apart = max(1, round(APART * height))
    down, up = ink + PAPER, ink + PAPER
    for row in range(1, height):
        down[row] += _least_beside(down[row - 1])
        up[-1 - row] += _least_beside(up[-row])
    middle = height // 2
    through = down[middle] + up[middle] - ink[middle] - PAPER
    cheap = through == ndimage.minimum_filter1d(through, 2 * apart + 1)
    cheap &= through <= MOST_INK * height
    cheap[:apart] = cheap[max(0, width - apart) :] = False
    runs, count = ndimage.label(cheap)
    starts = np.array(ndimage.center_of_mass(cheap, runs, range(1, count + 1))).reshape(count)
    cuts = np.repeat(np.rint(starts).astype(int)[:, None], height, axis=1)
    for cut in cuts:
        for row in range(middle - 1, -1, -1):
            cut[row] = _cheapest_beside(down[row], cut[row + 1])
        for row in range(middle + 1, height):
            cut[row] = _cheapest_beside(up[row], cut[row - 1])
    return cuts


def _least_beside(costs: np.ndarray) -> np.ndarray:
    """For each column, the least cost of it and its neighbours, float `(width,)`."""
    aside = np.pad(costs, 1, constant_values=np.inf) + ASIDE
    least: np.ndarray = np.minimum(costs, np.minimum(aside[:-2], aside[2:]))
    return least


def _cheapest_beside(costs: np.ndarray, column: int) -> int:
    """The cheapest of a column and its neighbours."""
    first = max(0, column - 1)
    return first + int(costs[first : column + 2].argmin())
