"""One digit's ink -> the 28x28 frame that MNIST defines."""

from typing import NamedTuple

import numpy as np
from PIL import Image

from digit_model.errors import EmptyDrawingError


class FrameSpec(NamedTuple):
    """The geometry of a frame, in pixels; it travels in an artefact's `config.json`.

    Attributes:
        side: height and width of the frame.
        box: longer side of the digit inside it.
    """

    side: int = 28
    box: int = 20


MNIST_FRAME = FrameSpec()
PEN = 0.08  # Of a digit's height: the width of a thin stroke in MNIST.


def frame_digit(ink: np.ndarray, spec: FrameSpec = MNIST_FRAME, pen: float = PEN) -> np.ndarray:
    """Fit a digit to a box and centre its mass, as MNIST does.

    The method is that of LeCun et al., "Gradient-Based Learning Applied to
    Document Recognition" (1998), in the details that Yadav and Bottou, "Cold
    Case: the Lost MNIST Digits" (2019), recovered. Strokes thinner than MNIST's
    are widened first.

    Args:
        ink: uint8 `(height, width)`, from 0 (paper) to 255 (full ink).
        spec: the frame's geometry.
        pen: width to which thinner strokes are widened, to the digit's height; 0 widens none.

    Returns:
        uint8 `(spec.side, spec.side)`, on the same scale and with the same
        peak as `ink`.

    Raises:
        EmptyDrawingError: if `ink` has no pixel above 0.
    """
    bounds = Image.fromarray(ink).getbbox()
    if bounds is None:
        raise EmptyDrawingError(f"Expected some ink. Received: blank {ink.shape}.")
    left, top, right, bottom = bounds
    crop = Image.fromarray(_widen(ink[top:bottom, left:right], spec, pen)).convert("F")
    size = [max(1, round(side * spec.box / max(crop.size))) for side in crop.size]
    # Pillow's BILINEAR widens with the reduction, so shrinking averages by area.
    digit = np.asarray(crop.resize((size[0], size[1]), Image.Resampling.BILINEAR))
    digit = digit * (ink.max() / digit.max())  # Shrinking dulls a hair line.
    # The mass goes on pixel 14 of 0..27 (13.5 is not MNIST), ink kept inside.
    top, left = (_place(digit.sum(axis=axis, dtype=float), spec.side) for axis in (1, 0))
    frame = np.zeros((spec.side, spec.side), np.uint8)
    frame[top : top + digit.shape[0], left : left + digit.shape[1]] = np.rint(digit)
    return frame


def _place(masses: np.ndarray, side: int) -> int:
    """Where masses along one axis of a frame start so that their centre is in its middle."""
    centre = float(np.arange(len(masses)) @ masses / masses.sum())
    return min(max(0, side // 2 - round(centre)), side - len(masses))


def _widen(ink: np.ndarray, spec: FrameSpec, pen: float) -> np.ndarray:
    """Give hair lines the width of a thin pen; those who wrote MNIST had no finer one."""
    if len(ink) <= spec.side:
        return ink  # No line is thinner than a pixel.
    black = _pad(ink > ink.max() // 4, 1)
    # A stroke's width is twice its area a length of outline, and that length pi/4 of the times
    # that rows and columns of pixels cross the outline (the Cauchy-Crofton formula).
    crossings = np.count_nonzero(np.diff(black, axis=0)) + np.count_nonzero(np.diff(black))
    width = 8 / np.pi * np.count_nonzero(black) / crossings
    lacking = round((pen * len(ink) - width) / 2)
    if lacking < 1:
        return ink
    return _spread(ink, lacking)


def _spread(ink: np.ndarray, reach: int) -> np.ndarray:
    """The most ink in the square around each pixel, of which those outside are `reach` more a side.

    Squares of twice the width come from two smaller ones, which takes a tenth of the time of
    `ndimage.maximum_filter` where strokes are large.
    """
    side = 2 * reach + 1
    spread = _pad(ink, 2 * reach)
    for _ in range(spread.ndim):
        width = 1
        while width < side:
            step = min(width, side - width)
            spread = np.maximum(spread[:-step], spread[step:])
            width += step
        spread = spread.T
    return spread


def _pad(ink: np.ndarray, width: int) -> np.ndarray:
    """Ink with paper around it; `np.pad` takes ten times as long for a digit."""
    height, length = ink.shape
    padded = np.zeros((height + 2 * width, length + 2 * width), ink.dtype)
    padded[width : width + height, width : width + length] = ink
    return padded
