"""Edges of shadows, which look like strokes to whoever looks for dark beside light."""

import math

import numpy as np
from scipy import ndimage

# Of the picture's longer side:
LONG = 0.08  # marks as long are looked at each for itself,
GAP = 0.035  # shorter ones together with those so near, because rules cut a shadow's edge up,
SHORTEST = 0.04  # and what is then still shorter is left to others;
REACH = 0.01  # so far around a mark is looked at,
NEAR = 0.06  # and compared with the mark in squares so wide, because the light changes.
HATCHED = 3  # Times the picture's area: longer marks' boxes take more together in a texture alone.
LIGHTEST = 90  # Percentile of how much lighter it is than the mark: paper.
STEP = 0.4  # Share of what is around a stroke that is as dark as it, at most.
DARK = 0.25  # Share of paper's lead over a mark that is still as dark as it.


def find_shadow_edges(strokes: np.ndarray, light: np.ndarray) -> np.ndarray:
    """Find what has paper on one side and as dark a shade on the other.

    Args:
        strokes: bool `(height, width)`, marks darker than their paper.
        light: uint8 `(height, width)`, the picture in grey, 0 black.

    Returns:
        bool `(height, width)`: those marks that are edges of shadows.
    """
    edges = np.zeros(strokes.shape, bool)
    labels = _label_marks(strokes)
    side = max(strokes.shape)
    reach = max(3, round(REACH * side))
    near = max(11, round(NEAR * side))
    marks = []
    for label, mark_window in enumerate(ndimage.find_objects(labels), start=1):
        if mark_window is None:
            continue
        size = [part.stop - part.start for part in mark_window]
        if max(size) >= SHORTEST * side:
            marks.append((label, mark_window, math.prod(size)))
    if sum(area for _, _, area in marks) > HATCHED * strokes.size:
        return edges
    for label, mark_window, _ in marks:
        window = tuple(slice(max(0, part.start - reach), part.stop + reach) for part in mark_window)
        mark = labels[window] == label
        around = ndimage.maximum_filter(mark, 2 * reach + 1) & ~strokes[window]
        if not around.any():
            continue
        # What is around is so many times lighter than the mark beside it, in any light.
        marked = mark.astype(np.float32)
        own = ndimage.uniform_filter(light[window] * marked, near)
        own /= ndimage.uniform_filter(marked, near).clip(1e-6)
        lighter = light[window][around] / own[around].clip(1) - 1
        paper = np.percentile(lighter, LIGHTEST)
        if (lighter < DARK * paper).mean() > STEP:
            edges[window] |= mark
    return edges


def _label_marks(strokes: np.ndarray) -> np.ndarray:
    """Number the marks, short ones that lie near each other as one."""
    labels: np.ndarray
    labels, count = ndimage.label(strokes, np.ones((3, 3)))
    side = max(strokes.shape)
    lengths = [max(part.stop - part.start for part in w) for w in ndimage.find_objects(labels)]
    y, x = np.nonzero(strokes)
    short = np.array([0, *lengths])[labels[y, x]] < LONG * side
    y, x = y[short], x[short]
    # Near is what lies in one block or in neighbouring ones.
    block = max(1, round(GAP * side))
    blocks = np.zeros((side // block + 1, side // block + 1), bool)
    blocks[y // block, x // block] = True
    groups, _ = ndimage.label(blocks, np.ones((3, 3)))
    labels[y, x] = count + groups[y // block, x // block]
    return labels
