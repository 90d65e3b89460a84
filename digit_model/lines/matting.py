"""Coarse marks on a page -> their ink, as sharp as the page shows it."""

import numpy as np
from scipy import ndimage

EDGE_PIXELS = 2  # Pixels around a mark in which its edge may lie.
PAPER_PIXELS = 4  # Pixels beyond the edge that are the paper around the mark.
SURE_INK = 0.5  # Probability of ink from which a pixel's grey level counts as the ink's.
MIN_INK_SHARE = 0.02  # Share of ink below which a pixel is paper.
MIN_CLEAR_CONTRAST = 4.0  # Grey levels between ink and paper; with less, the network's ink is used.


def find_ink(
    page: np.ndarray, labels: np.ndarray, likely: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Separate each mark's ink from the paper around it, by their grey levels.

    The network finds a mark, but draws it coarsely. A pixel is taken as a mixture of ink and
    paper, after Porter and Duff, "Compositing Digital Images" (1984). An outlined digit is as
    light inside as its paper, so it keeps the ink that the network saw.

    Args:
        page: uint8 `(height, width)`, grey.
        labels: int32 `(height, width)`, the number of each pixel's mark, from 1; 0 for none.
        likely: float32 `(height, width)`, the probability of ink in the pixels of marks.

    Returns:
        The ink, uint8 `(height, width)`, 0 paper .. 255 ink, and its labels, int32 of that shape.
    """
    count = int(labels.max(initial=0)) + 1
    grown = _grow(labels, EDGE_PIXELS)
    background = np.where(grown == 0, _grow(grown, PAPER_PIXELS), 0)
    sure = np.where(likely >= SURE_INK, labels, 0)
    ink, paper = (_find_medians(page, owner, count) for owner in (sure, background))
    contrast = paper - ink
    is_clear = abs(contrast) >= MIN_CLEAR_CONTRAST  # False for NaN: no ink or no paper.
    inside = grown > 0
    owner = grown[inside]
    with np.errstate(invalid="ignore", divide="ignore"):
        mixture = ((paper[owner] - page[inside]) / contrast[owner]).clip(0, 1)
    network_ink = np.where(labels[inside] > 0, likely[inside], 0)
    share = np.zeros(page.shape, np.float32)
    share[inside] = np.where(is_clear[owner], mixture, network_ink)
    inked = share >= MIN_INK_SHARE
    return np.rint(255 * share * inked).astype(np.uint8), grown * inked


def _grow(labels: np.ndarray, reach: int) -> np.ndarray:
    """Grow labels by `reach` pixels into where there is none."""
    return np.where(labels > 0, labels, ndimage.maximum_filter(labels, 2 * reach + 1))


def _find_medians(page: np.ndarray, labels: np.ndarray, count: int) -> np.ndarray:
    """Find the median grey level of each label, float `(count,)`; NaN for one with no pixel."""
    inside = labels > 0
    owner, levels = labels[inside], page[inside]
    order = np.lexsort((levels, owner))
    sizes = np.bincount(owner, minlength=count)
    starts = np.cumsum(sizes) - sizes
    medians = np.full(count, np.nan)
    is_present = sizes > 0
    medians[is_present] = levels[order][(starts + sizes // 2)[is_present]]
    return medians
