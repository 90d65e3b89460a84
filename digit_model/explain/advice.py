"""What a writer may do better, in one plain sentence."""

import numpy as np
from scipy import ndimage

EDGE = 0.004  # Of the picture's longer side: so near its edge, a stroke may go on beyond it.
TWO_DIGITS = 0.25  # Probability from which several digits are worth a word.
THIN = 0.012  # Of the digits' height: a thinner line may vanish as it is made smaller.
SMALL = 0.1  # Of the picture's shorter side: what is smaller loses its details.


def advise(ink: np.ndarray, box: tuple[int, int, int, int], height: float, several: float) -> str:
    """Say what may have made a picture hard to read; "" where nothing is found.

    Args:
        ink: uint8 `(height, width)`, from 0 (paper) to 255 (full ink).
        box: top, left, bottom, right of what was taken for writing.
        height: of its digits, in pixels.
        several: probability, 0 to 1, that what was taken for one digit is several.
    """
    top, left, bottom, right = box
    if min(top, left, ink.shape[0] - bottom, ink.shape[1] - right) <= EDGE * max(ink.shape):
        return "The stroke is cut off at the edge: leave some room around it."
    if several >= TWO_DIGITS:
        return "This looks like two digits: leave some room between them."
    written = ink[top:bottom, left:right] > 0
    # A line's area is its length times its width, and its outline is twice its length.
    outline = written & ~ndimage.binary_erosion(written)
    if 2 * written.sum() < THIN * height * outline.sum():
        return "Very thin line: try a thicker pen."
    if max(bottom - top, right - left) < SMALL * min(ink.shape):
        return "Very small: write larger, or come closer."
    return ""
