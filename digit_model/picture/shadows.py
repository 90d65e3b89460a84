"""Edges of shadows, which look like strokes: they are darker than the paper beside them."""

import math

import numpy as np
from scipy import ndimage

SINGLE_TO_SIDE = 0.08  # Share of the longer side: strokes of this length are checked one by one.
GROUP_GAP_TO_SIDE = 0.035  # Share of the longer side: shorter ones this near are checked as one.
MIN_LENGTH_TO_SIDE = 0.04  # Share of the longer side: shorter strokes and groups are not checked.
RING_TO_SIDE = 0.01  # Share of the longer side: width of the ring around a stroke that is checked.
WINDOW_TO_SIDE = (
    0.06  # Share of the longer side: side of the square that is compared with a stroke.
)
MAX_BOXES_TO_AREA = 3  # Area of all boxes, divided by the picture's; only a texture has more.
PAPER_PERCENTILE = 90  # Percentile of how much lighter than its stroke the ring is: that of paper.
MAX_DARK_SHARE = 0.4  # Share of a stroke's ring that may be as dark as the stroke.
DARK_TO_PAPER = 0.25  # Share of a stroke's contrast with the paper; a pixel with less is dark.


def find_shadow_edges(strokes: np.ndarray, light: np.ndarray) -> np.ndarray:
    """Find strokes with paper on one side and a shadow as dark as the stroke on the other.

    Args:
        strokes: bool `(height, width)`, ink that is darker than its paper.
        light: uint8 `(height, width)`, the picture in grey, 0 black.

    Returns:
        bool `(height, width)`: the strokes that are edges of shadows.
    """
    edges = np.zeros(strokes.shape, bool)
    labels = _label_strokes(strokes)
    side = max(strokes.shape)
    ring = max(3, round(RING_TO_SIDE * side))
    square = max(11, round(WINDOW_TO_SIDE * side))
    checked = []
    for label, bounds in enumerate(ndimage.find_objects(labels), start=1):
        if bounds is None:
            continue
        size = [part.stop - part.start for part in bounds]
        if max(size) >= MIN_LENGTH_TO_SIDE * side:
            checked.append((label, bounds, math.prod(size)))
    if sum(area for _, _, area in checked) > MAX_BOXES_TO_AREA * strokes.size:
        return edges
    for label, bounds, _ in checked:
        window = tuple(slice(max(0, part.start - ring), part.stop + ring) for part in bounds)
        stroke = labels[window] == label
        is_ring = ndimage.maximum_filter(stroke, 2 * ring + 1) & ~strokes[window]
        if not is_ring.any():
            continue
        # A ratio to the stroke nearby, because the light changes over the picture.
        weights = stroke.astype(np.float32)
        stroke_level = ndimage.uniform_filter(light[window] * weights, square)
        stroke_level /= ndimage.uniform_filter(weights, square).clip(1e-6)
        lighter = light[window][is_ring] / stroke_level[is_ring].clip(1) - 1
        paper = np.percentile(lighter, PAPER_PERCENTILE)
        if (lighter < DARK_TO_PAPER * paper).mean() > MAX_DARK_SHARE:
            edges[window] |= stroke
    return edges


def _label_strokes(strokes: np.ndarray) -> np.ndarray:
    """Number the strokes; nearby short ones as one: printed lines cut a shadow's edge up."""
    labels: np.ndarray
    labels, count = ndimage.label(strokes, np.ones((3, 3)))
    side = max(strokes.shape)
    lengths = [max(part.stop - part.start for part in w) for w in ndimage.find_objects(labels)]
    y, x = np.nonzero(strokes)
    is_short = np.array([0, *lengths])[labels[y, x]] < SINGLE_TO_SIDE * side
    y, x = y[is_short], x[is_short]
    # Strokes are near if they lie in the same block or in neighbouring ones.
    block = max(1, round(GROUP_GAP_TO_SIDE * side))
    blocks = np.zeros((side // block + 1, side // block + 1), bool)
    blocks[y // block, x // block] = True
    groups, _ = ndimage.label(blocks, np.ones((3, 3)))
    labels[y, x] = count + groups[y // block, x // block]
    return labels
