"""Where marks are on a page -> their ink, as sharp as the page shows it."""

import numpy as np
from scipy import ndimage

GROWN = 2  # Pixels around a mark in which its edge may lie,
AROUND = 4  # and beyond them the paper around it.
FULL = 0.5  # Probability of ink, from which a pixel tells how dark the ink is.
FAINTEST = 0.02  # Share of ink: a pixel with less is paper.
LEAST_CONTRAST = 4.0  # Grey levels between ink and paper; with less, only the network sees it.


def find_ink(
    page: np.ndarray, labels: np.ndarray, likely: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Tell each mark's ink from the paper around it, by how dark both are.

    The network knows where a mark is, but draws it coarsely. Ink is taken for a mixture of two
    grey levels, after Porter and Duff, "Compositing Digital Images" (1984). An outlined digit is
    as light inside as its paper, so its stroke is left as the network sees it.

    Args:
        page: uint8 `(height, width)`, grey.
        labels: int32 `(height, width)`, the mark of each pixel, from 1; 0 for none.
        likely: float32 `(height, width)`, how probably a pixel of a mark is ink.

    Returns:
        uint8 `(height, width)`, 0 paper .. 255 ink, and int32 `(height, width)`, its labels.
    """
    count = int(labels.max(initial=0)) + 1
    grown = _grow(labels, GROWN)
    around = np.where(grown == 0, _grow(grown, AROUND), 0)
    sure = np.where(likely >= FULL, labels, 0)
    ink, paper = (_medians(page, of, count) for of in (sure, around))
    contrast = paper - ink
    plain = abs(contrast) >= LEAST_CONTRAST  # Not where either is unknown.
    mine = grown > 0
    of = grown[mine]
    with np.errstate(invalid="ignore", divide="ignore"):
        mixed = ((paper[of] - page[mine]) / contrast[of]).clip(0, 1)
    seen = np.where(labels[mine] > 0, likely[mine], 0)
    share = np.zeros(page.shape, np.float32)
    share[mine] = np.where(plain[of], mixed, seen)
    inked = share >= FAINTEST
    return np.rint(255 * share * inked).astype(np.uint8), grown * inked


def _grow(labels: np.ndarray, reach: int) -> np.ndarray:
    """Labels, and those so many pixels around where there was none."""
    return np.where(labels > 0, labels, ndimage.maximum_filter(labels, 2 * reach + 1))


def _medians(page: np.ndarray, labels: np.ndarray, count: int) -> np.ndarray:
    """The median grey level of each label's pixels, float `(count,)`; NaN where it has none."""
    inside = labels > 0
    of, levels = labels[inside], page[inside]
    order = np.lexsort((levels, of))
    sizes = np.bincount(of, minlength=count)
    starts = np.cumsum(sizes) - sizes
    medians = np.full(count, np.nan)
    some = sizes > 0
    medians[some] = levels[order][(starts + sizes // 2)[some]]
    return medians
