"""Fit one digit's ink into the 28x28 frame that MNIST defines."""

from typing import NamedTuple

import numpy as np
from PIL import Image

from digit_model.errors import EmptyDrawingError


class FrameSpec(NamedTuple):
    """The geometry of a frame, in pixels; an artefact's `config.json` states it.

    Attributes:
        side: height and width of the frame.
        box: longer side of the digit inside the frame.
    """

    side: int = 28
    box: int = 20


MNIST_FRAME = FrameSpec()
PEN_TO_HEIGHT = 0.08  # Width of a thin stroke in MNIST, as a share of the digit's height.


def frame_digit(
    ink: np.ndarray, spec: FrameSpec = MNIST_FRAME, pen: float = PEN_TO_HEIGHT
) -> np.ndarray:
    """Scale a digit to a box and centre its mass, as MNIST does.

    The method is from LeCun et al., "Gradient-Based Learning Applied to Document
    Recognition" (1998), with the details that Yadav and Bottou recovered in "Cold
    Case: the Lost MNIST Digits" (2019). Strokes thinner than MNIST's are widened first.

    Args:
        ink: uint8 `(height, width)`, from 0 (paper) to 255 (full ink).
        spec: the frame's geometry.
        pen: width to which thinner strokes are widened, as a share of the digit's height.

    Returns:
        uint8 `(spec.side, spec.side)`, with the same scale and maximum as `ink`.

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
    digit = digit * (ink.max() / digit.max())  # Shrinking makes a hairline paler.
    # The centre of mass goes to pixel 14, as in MNIST, unless ink would leave the frame.
    top, left = (_find_start(digit.sum(axis=axis, dtype=float), spec.side) for axis in (1, 0))
    frame = np.zeros((spec.side, spec.side), np.uint8)
    frame[top : top + digit.shape[0], left : left + digit.shape[1]] = np.rint(digit)
    return frame


def _find_start(masses: np.ndarray, side: int) -> int:
    """Find the start along one axis that puts the centre of mass in the frame's middle."""
    centre = float(np.arange(len(masses)) @ masses / masses.sum())
    return min(max(0, side // 2 - round(centre)), side - len(masses))


def _widen(ink: np.ndarray, spec: FrameSpec, pen: float) -> np.ndarray:
    """Widen hairlines to the thinnest strokes in MNIST."""
    if len(ink) <= spec.side:
        return ink  # At this size, a one-pixel line is not too thin.
    black = _pad(ink > ink.max() // 4, 1)
    # Width = 2 * area / outline length. The outline length is pi / 4 times the number of times
    # that rows and columns of pixels cross the outline (the Cauchy-Crofton formula).
    crossings = np.count_nonzero(np.diff(black, axis=0)) + np.count_nonzero(np.diff(black))
    width = 8 / np.pi * np.count_nonzero(black) / crossings
    reach = round((pen * len(ink) - width) / 2)
    if reach < 1:
        return ink
    return _dilate(ink, reach)


def _dilate(ink: np.ndarray, reach: int) -> np.ndarray:
    """Take the maximum in the square of side 2 * `reach` + 1 around each pixel.

    The result is larger than the ink by `reach` pixels on each side. Doubling the window takes
    a tenth of the time of `ndimage.maximum_filter` for thick strokes.
    """
    side = 2 * reach + 1
    dilated = _pad(ink, 2 * reach)
    for _ in range(dilated.ndim):
        width = 1
        while width < side:
            step = min(width, side - width)
            dilated = np.maximum(dilated[:-step], dilated[step:])
            width += step
        dilated = dilated.T
    return dilated


def _pad(ink: np.ndarray, width: int) -> np.ndarray:
    """Add a margin of paper; `np.pad` takes ten times as long for a digit."""
    rows, columns = ink.shape
    padded = np.zeros((rows + 2 * width, columns + 2 * width), ink.dtype)
    padded[width : width + rows, width : width + columns] = ink
    return padded
