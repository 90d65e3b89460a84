"""Where in a photo the paper lies."""

import numpy as np
from PIL import Image
from scipy import ndimage

from digit_model.picture.image import border_of

SHEET_SHARE = 0.15  # Of the picture, at least, is the sheet of paper in it.
DESK_SHARE = 0.02  # Of the picture, at least, is what lies beside the sheet.
GRAIN = 4  # Levels darker counts what is rougher by a level between neighbouring pixels.
TINT = 1.15  # Ratio of the colours' shares of light that tells a desk from shade.
STEP = 0.6  # Of the light of the colour that tells most, at most, is left past a sheet's edge:
SHADE_STEP = 0.4  # less, where it may be a shadow's. Shadows mostly fade, edges jump.


def find_sheet(colours: np.ndarray, grain: np.ndarray) -> np.ndarray:
    """Find where the paper lies, if it is a bright sheet on something darker.

    Args:
        colours: float32 `(height, width, 3)`, the picture made small, 0 to 255.
        grain: float32 `(height, width)`, how far neighbouring pixels differ, in levels.

    Returns:
        bool `(height, width)`: the sheet, some of it in shade perhaps; everywhere where no sheet
        is told from what it lies on.
    """
    everywhere = np.ones(colours.shape[:2], bool)
    blocks = colours[::2, ::2]
    # Paper is smooth: what shines as brightly but is rough all over is a desk.
    rough = ndimage.percentile_filter(grain[::2, ::2], 40, 7)
    smooth = blocks.mean(axis=2) - GRAIN * rough
    coarse = ndimage.median_filter(smooth, 7).clip(0)
    window = stroke_window(coarse)
    # The dark margin keeps a narrow strip of desk from passing for strokes.
    coarse = ndimage.grey_closing(np.pad(coarse, window), window)[window:-window, window:-window]
    level = _otsu_threshold(coarse)
    # The median rounds off the wedges of desk beside a sheet's corners.
    bright = ~ndimage.binary_propagation(coarse <= level, mask=smooth <= level)
    labels, count = ndimage.label(bright)
    if not count:
        return everywhere
    lit = ndimage.binary_fill_holes(labels == np.bincount(labels.ravel())[1:].argmax() + 1)
    if lit.mean() > 1 - DESK_SHARE:
        return everywhere
    light = np.dstack([ndimage.median_filter(blocks, (7, 7, 1)), coarse])
    # Five blocks take in the whole of an edge, even a blurred one.
    least, most = ndimage.minimum_filter(light, (5, 5, 1)), ndimage.maximum_filter(light, (5, 5, 1))
    steps = least / most.clip(1)
    for sheet in (_with_shade(lit, coarse, blocks), lit):
        inside = ndimage.binary_erosion(sheet, border_value=1)
        if _is_sheet(sheet, blocks, steps) and inside.any():
            return np.asarray(Image.fromarray(inside).resize((colours.shape[1], colours.shape[0])))
    return everywhere


def stroke_window(picture: np.ndarray) -> int:
    """The side of a square that no stroke fills, odd, in pixels."""
    return int(max(5, max(picture.shape) // 6)) | 1


def _with_shade(lit: np.ndarray, light: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """A sheet's lit part with what lies in shade: the brighter of the rest, of the same tint."""
    left = colours / np.median(colours[lit], axis=0).clip(1)
    alike = _dims_alike(left)
    alike &= light / np.median(light[lit]).clip(1) >= STEP * left.min(axis=2)  # As smooth, too.
    brighter = light > _otsu_threshold(light[~lit])
    # Opened, lest a way a block wide leads on to the desk.
    shade = ndimage.binary_opening(~lit & alike & brighter)
    desk = ~lit & ~brighter
    if not shade.any() or not desk.any():
        return lit
    darker = np.median(colours[desk], axis=0) / np.median(colours[shade], axis=0).clip(1)
    if darker.min() > STEP:
        return lit
    whole = ndimage.binary_propagation(lit, mask=lit | shade)
    sheet: np.ndarray = ndimage.binary_fill_holes(whole)
    return sheet


def _is_sheet(sheet: np.ndarray, colours: np.ndarray, steps: np.ndarray) -> bool:
    """Whether it is as large as a sheet, and some kind of light jumps at its edge."""
    if not SHEET_SHARE <= sheet.mean() <= 1 - DESK_SHARE:
        return False
    rim = sheet & ~ndimage.binary_erosion(sheet, border_value=1)
    step = np.median(steps[rim], axis=0).min()
    left = np.median(colours[~sheet], axis=0) / np.median(colours[sheet], axis=0).clip(1)
    # Shade reaches an edge of the picture nearly always.
    shade = _dims_alike(left) and border_of(sheet).any()
    return bool(step <= (SHADE_STEP if shade else STEP))


def _dims_alike(left: np.ndarray) -> np.ndarray:
    """Where of all colours, the last axis, so much the same is left as shade leaves."""
    alike: np.ndarray = left.max(axis=-1) <= TINT * left.min(axis=-1)
    return alike


def _otsu_threshold(levels: np.ndarray) -> int:
    """The level that splits others into the two classes farthest apart (Otsu, 1979)."""
    counts: np.ndarray = np.bincount(levels.astype(np.uint8).ravel(), minlength=256)
    below, sums = counts.cumsum(), (counts * np.arange(256)).cumsum()
    weights = np.maximum(below * (below[-1] - below), 1)
    spread: np.ndarray = (sums[-1] * (below / below[-1]) - sums) ** 2 / weights
    return int(np.argmax(spread))
