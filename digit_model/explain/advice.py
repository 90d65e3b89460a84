"""Advice on how to write more clearly, in one plain sentence."""

import numpy as np
from scipy import ndimage

# Distance to the picture's edge, as a share of its longer side: nearer strokes may be cut off.
MIN_MARGIN_TO_SIDE = 0.004
SEVERAL_THRESHOLD = 0.25  # Probability of several digits from which the advice mentions it.
# Line width, as a share of the digits' height: a thinner line may vanish when scaled down.
MIN_LINE_TO_HEIGHT = 0.012
# Size of the writing, as a share of the picture's shorter side: smaller writing loses detail.
MIN_SIZE_TO_SIDE = 0.1


def advise(ink: np.ndarray, box: tuple[int, int, int, int], height: float, several: float) -> str:
    """Say what may have made a picture hard to read; "" if nothing is found.

    Args:
        ink: uint8 `(height, width)`, from 0 (paper) to 255 (full ink).
        box: `(top, left, bottom, right)` of the writing, in pixels.
        height: height of its digits, in pixels.
        several: probability, 0 to 1, that what was read as one digit is several.
    """
    # The page finds translations by these sentences: change them in page/texts.json ("en") too.
    top, left, bottom, right = box
    margin = min(top, left, ink.shape[0] - bottom, ink.shape[1] - right)
    if margin <= MIN_MARGIN_TO_SIDE * max(ink.shape):
        return "The stroke is cut off at the edge: leave some room around it."
    if several >= SEVERAL_THRESHOLD:
        return "This looks like two digits: leave some room between them."
    written = ink[top:bottom, left:right] > 0
    # A line's area is its length times its width, and its outline is twice its length.
    outline = written & ~ndimage.binary_erosion(written)
    if 2 * written.sum() < MIN_LINE_TO_HEIGHT * height * outline.sum():
        return "Very thin line: try a thicker pen."
    if max(bottom - top, right - left) < MIN_SIZE_TO_SIDE * min(ink.shape):
        return "Very small: write larger, or come closer."
    return ""
