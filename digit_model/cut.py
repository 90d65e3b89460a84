"""A piece of writing in which digits touch -> smaller pieces."""

import numpy as np
from scipy import ndimage

from digit_model.segment import Writing

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
    hollow = ndimage.binary_fill_holes(mine) & ~mine
    ink = np.where(mine, writing.ink[window] / 255, HOLLOW * hollow)
    padded = np.pad(ink, ((0, -height % step), (0, -width % step)))
    small = padded.reshape(-(-height // step), step, -(-width // step), step).mean(axis=(1, 3))
    columns = np.repeat(_cheapest_cuts(small) * step, step, axis=1)[:, :height]
    # How many of the cuts lie to a pixel's left: (height, width).
    part = (np.arange(width) >= columns[..., None]).sum(axis=0) * mine
    labels, boxes, pieces = writing.labels.copy(), [*writing.boxes], []
    for number in range(len(columns) + 1):
        belongs = mine & (part == number)
        if belongs.any():
            y, x = np.nonzero(belongs)
            pieces.append(len(boxes))
            labels[window][belongs] = len(boxes)
            boxes.append(np.array([y.min(), x.min(), y.max() + 1, x.max() + 1]) + [top, left] * 2)
    if len(pieces) < 2:
        return writing, [piece]
    return Writing(writing.ink, labels, np.array(boxes)), pieces


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
