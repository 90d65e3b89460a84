"""A photo -> where the sheet of paper is in it."""

import numpy as np
from PIL import Image
from scipy import ndimage

from digit_model.picture.image import border_of

MIN_SHEET_SHARE = 0.15  # Share of the picture that the sheet of paper covers.
MIN_DESK_SHARE = 0.02  # Share of the picture that is not the sheet.
GRAIN_WEIGHT = 4  # Grey levels subtracted for each level that neighbouring pixels differ by.
MAX_TINT_RATIO = 1.15  # Largest to smallest share of light left in a colour; more is a desk.
MAX_EDGE_STEP = 0.6  # Share of light left beyond a sheet's edge, in the colour that loses most.
MAX_SHADE_STEP = 0.4  # The same where it may be a shadow: those mostly fade, edges are sharp.


def find_sheet(colours: np.ndarray, grain: np.ndarray) -> np.ndarray:
    """Find the paper, if it is a bright sheet on something darker.

    Args:
        colours: float32 `(height, width, 3)`, the reduced picture, 0 to 255.
        grain: float32 `(height, width)`, how much neighbouring pixels differ, in grey levels.

    Returns:
        bool `(height, width)`: the sheet, including its part in shade; all true if no sheet is
        found.
    """
    everywhere = np.ones(colours.shape[:2], bool)
    blocks = colours[::2, ::2]
    # Paper is smooth: something as bright but rough all over is a desk.
    rough = ndimage.percentile_filter(grain[::2, ::2], 40, 7)
    smooth = blocks.mean(axis=2) - GRAIN_WEIGHT * rough
    coarse = ndimage.median_filter(smooth, 7).clip(0)
    window = stroke_window(coarse)
    # Without the dark margin, a narrow strip of desk would be taken for strokes.
    coarse = ndimage.grey_closing(np.pad(coarse, window), window)[window:-window, window:-window]
    level = _otsu_threshold(coarse)
    # The median filled the wedges of desk beside a sheet's corners: take them back.
    bright = ~ndimage.binary_propagation(coarse <= level, mask=smooth <= level)
    labels, count = ndimage.label(bright)
    if not count:
        return everywhere
    lit = ndimage.binary_fill_holes(labels == np.bincount(labels.ravel())[1:].argmax() + 1)
    if lit.mean() > 1 - MIN_DESK_SHARE:
        return everywhere
    light = np.dstack([ndimage.median_filter(blocks, (7, 7, 1)), coarse])
    # Five blocks hold a whole edge, even a blurred one.
    low, high = ndimage.minimum_filter(light, (5, 5, 1)), ndimage.maximum_filter(light, (5, 5, 1))
    steps = low / high.clip(1)
    for sheet in (_add_shade(lit, coarse, blocks), lit):
        inside = ndimage.binary_erosion(sheet, border_value=1)
        if _is_sheet(sheet, blocks, steps) and inside.any():
            return np.asarray(Image.fromarray(inside).resize((colours.shape[1], colours.shape[0])))
    return everywhere


def stroke_window(picture: np.ndarray) -> int:
    """Return the odd side, in pixels, of a square that no stroke fills."""
    return int(max(5, max(picture.shape) // 6)) | 1


def _add_shade(lit: np.ndarray, light: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """Add a sheet's part in shade to its lit part: the brighter of the rest, of the same tint."""
    kept = colours / np.median(colours[lit], axis=0).clip(1)
    alike = _dims_alike(kept)
    alike &= light / np.median(light[lit]).clip(1) >= MAX_EDGE_STEP * kept.min(axis=2)  # Smooth.
    is_bright = light > _otsu_threshold(light[~lit])
    # The opening removes paths one block wide that lead to the desk.
    shade = ndimage.binary_opening(~lit & alike & is_bright)
    desk = ~lit & ~is_bright
    if not shade.any() or not desk.any():
        return lit
    darker = np.median(colours[desk], axis=0) / np.median(colours[shade], axis=0).clip(1)
    if darker.min() > MAX_EDGE_STEP:
        return lit
    whole = ndimage.binary_propagation(lit, mask=lit | shade)
    sheet: np.ndarray = ndimage.binary_fill_holes(whole)
    return sheet


def _is_sheet(sheet: np.ndarray, colours: np.ndarray, steps: np.ndarray) -> bool:
    """Whether the mask is as large as a sheet, and the light in some colour drops at its edge."""
    if not MIN_SHEET_SHARE <= sheet.mean() <= 1 - MIN_DESK_SHARE:
        return False
    rim = sheet & ~ndimage.binary_erosion(sheet, border_value=1)
    step = np.median(steps[rim], axis=0).min()
    share_left = np.median(colours[~sheet], axis=0) / np.median(colours[sheet], axis=0).clip(1)
    # Shade nearly always reaches an edge of the picture.
    may_be_shade = _dims_alike(share_left) and border_of(sheet).any()
    return bool(step <= (MAX_SHADE_STEP if may_be_shade else MAX_EDGE_STEP))


def _dims_alike(share_left: np.ndarray) -> np.ndarray:
    """Where the same share of light is left in all colours (the last axis), as in shade."""
    is_alike: np.ndarray = share_left.max(axis=-1) <= MAX_TINT_RATIO * share_left.min(axis=-1)
    return is_alike


def _otsu_threshold(levels: np.ndarray) -> int:
    """Find the level that splits levels into the two classes farthest apart (Otsu, 1979)."""
    counts: np.ndarray = np.bincount(levels.astype(np.uint8).ravel(), minlength=256)
    below, sums = counts.cumsum(), (counts * np.arange(256)).cumsum()
    weights = np.maximum(below * (below[-1] - below), 1)
    spread: np.ndarray = (sums[-1] * (below / below[-1]) - sums) ** 2 / weights
    return int(np.argmax(spread))
