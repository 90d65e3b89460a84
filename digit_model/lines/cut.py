"""A piece of writing in which digits touch -> smaller pieces."""

import numpy as np
from scipy import ndimage

from digit_model.lines.writing import Writing
from digit_model.picture.image import border_of

WORKING_HEIGHT = 40  # Pixels, height to which a piece is reduced before it is cut.
MAX_INK_TO_HEIGHT = 0.5  # Ink that a cut crosses, divided by the piece's height.
MIN_GAP_TO_HEIGHT = 0.06  # Distance between cuts, divided by the piece's height.
PAPER_COST = 0.01  # Cost of a pixel of paper, where ink costs 1: keeps cuts straight.
HOLLOW_COST = 0.5  # Cost of a pixel that ink surrounds: loops are rarely places to cut.
SIDESTEP_COST = 0.2  # Cost of moving one column to the side.


def cut_piece(writing: Writing, piece: int) -> tuple[Writing, list[int]]:
    """Cut a piece along the paths from top to bottom that cross the least ink.

    Each path moves at most one column a row, and is found by dynamic
    programming, as in Avidan and Shamir, "Seam Carving for Content-Aware Image
    Resizing" (2007).

    Args:
        writing: the writing that holds the piece.
        piece: the piece's label.

    Returns:
        The writing with the new pieces, and their labels from left to right; the
        same writing and only `piece` if there is nothing to cut.
    """
    top, left, bottom, right = writing.boxes[piece].tolist()
    window = np.s_[top:bottom, left:right]
    own = writing.labels[window] == piece
    height, width = own.shape
    step = -(-height // WORKING_HEIGHT)
    hollow = _find_hollows(own)
    ink = np.where(own, writing.ink[window] / 255, HOLLOW_COST * hollow)
    padded = np.pad(ink, ((0, -height % step), (0, -width % step)))
    small = padded.reshape(-(-height // step), step, -(-width // step), step).mean(axis=(1, 3))
    columns = np.repeat(_find_cuts(small) * step, step, axis=1)[:, :height]
    # How many cuts are to the left of each pixel: (height, width).
    crossed = np.zeros((height, width + 1), np.int32)
    np.add.at(crossed, (np.arange(height), columns.clip(max=width)), 1)
    part = (crossed.cumsum(axis=1)[:, :-1] + 1) * own  # 0 outside this piece.
    labels, boxes = writing.labels.copy(), [*writing.boxes]
    new_labels, pieces = np.zeros(len(columns) + 2, labels.dtype), []
    for label, bounds in enumerate(ndimage.find_objects(part), start=1):
        if bounds is not None:
            y, x = bounds
            pieces.append(len(boxes))
            new_labels[label] = len(boxes)
            boxes.append(np.array([y.start, x.start, y.stop, x.stop]) + [top, left] * 2)
    labels[window][own] = new_labels[part[own]]
    if len(pieces) < 2:
        return writing, [piece]
    return Writing(writing.ink, labels, np.array(boxes)), pieces


def _find_hollows(own: np.ndarray) -> np.ndarray:
    """Find what a piece surrounds but does not cover, bool `(height, width)`."""
    regions, count = ndimage.label(~own)  # Ten times faster than binary_fill_holes.
    is_inside = np.arange(count + 1) > 0
    is_inside[border_of(regions)] = False
    hollow: np.ndarray = is_inside[regions]
    return hollow


def _find_cuts(ink: np.ndarray) -> np.ndarray:
    """Cut ink 0..1 `(height, width)`: int `(cuts, height)`, the column right of each cut."""
    height, width = ink.shape
    min_gap = max(1, round(MIN_GAP_TO_HEIGHT * height))
    down, up = ink + PAPER_COST, ink + PAPER_COST
    for row in range(1, height):
        down[row] += _min_beside(down[row - 1])
        up[-1 - row] += _min_beside(up[-row])
    middle = height // 2
    costs = down[middle] + up[middle] - ink[middle] - PAPER_COST
    is_cut = costs == ndimage.minimum_filter1d(costs, 2 * min_gap + 1)
    is_cut &= costs <= MAX_INK_TO_HEIGHT * height
    is_cut[:min_gap] = is_cut[max(0, width - min_gap) :] = False
    runs, count = ndimage.label(is_cut)
    starts = np.array(ndimage.center_of_mass(is_cut, runs, range(1, count + 1))).reshape(count)
    cuts = np.repeat(np.rint(starts).astype(int)[:, None], height, axis=1)
    for cut in cuts:
        for row in range(middle - 1, -1, -1):
            cut[row] = _argmin_beside(down[row], cut[row + 1])
        for row in range(middle + 1, height):
            cut[row] = _argmin_beside(up[row], cut[row - 1])
    return cuts


def _min_beside(costs: np.ndarray) -> np.ndarray:
    """Find the lowest cost among each column and its neighbours, float `(width,)`."""
    shifted = np.pad(costs, 1, constant_values=np.inf) + SIDESTEP_COST
    lowest: np.ndarray = np.minimum(costs, np.minimum(shifted[:-2], shifted[2:]))
    return lowest


def _argmin_beside(costs: np.ndarray, column: int) -> int:
    """Find the column with the lowest cost among a column and its neighbours."""
    first = max(0, column - 1)
    return first + int(costs[first : column + 2].argmin())
