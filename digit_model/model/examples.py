"""Digits from the training set, to show beside a digit that was read."""

from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

from digit_model.errors import ArtefactError, excerpt
from digit_model.model.artefact import DIGITS, EXAMPLES_FILE
from digit_model.picture.files import DECODER_ERRORS

MAX_SHEET_PIXELS = 5_000_000  # Pixels of all examples together: ours have 940,800.
BLUR_SIGMA = 1.0  # Pixels; with blur, strokes about a pixel apart still count as similar.


class ExampleDigits:
    """Some digits of each class.

    Attributes:
        frames: uint8 `(10, n, side, side)`, from 0 (paper) to 255 (full ink).
    """

    def __init__(self, frames: np.ndarray) -> None:
        self.frames = frames

    @cached_property
    def _blurred(self) -> np.ndarray:
        return _blur(self.frames)

    def nearest(self, frame: np.ndarray, digit: int) -> np.ndarray:
        """Return the example of a digit most similar to a frame; both uint8 `(side, side)`."""
        distances = ((self._blurred[digit] - _blur(frame)) ** 2).sum(axis=(1, 2))
        nearest: np.ndarray = self.frames[digit, distances.argmin()]
        return nearest


def _blur(frames: np.ndarray) -> np.ndarray:
    blurred: np.ndarray = ndimage.gaussian_filter(
        frames.astype(np.float32), BLUR_SIGMA, axes=(frames.ndim - 2, frames.ndim - 1)
    )
    return blurred


def save_examples(frames: np.ndarray, folder: Path) -> None:
    """Write examples, uint8 `(10, n, side, side)`, as one PNG with a row for each digit."""
    side = frames.shape[-1]
    sheet = frames.transpose(0, 2, 1, 3).reshape(len(DIGITS) * side, -1)
    Image.fromarray(sheet).save(folder / EXAMPLES_FILE, optimize=True)


def open_examples(folder: Path, side: int) -> ExampleDigits:
    """Open what `save_examples` wrote.

    Raises:
        ArtefactError: if the PNG does not hold ten rows of frames of that side.
    """
    try:
        with Image.open(folder / EXAMPLES_FILE, formats=["PNG"]) as sheet:
            width, height = sheet.size
            if height != len(DIGITS) * side or width % side or width * height > MAX_SHEET_PIXELS:
                raise ValueError(f"{width}x{height} pixels")
            frames = np.asarray(sheet.convert("L")).reshape(len(DIGITS), side, -1, side)
    except (*DECODER_ERRORS, Image.DecompressionBombError) as error:
        raise ArtefactError(
            f"Expected {EXAMPLES_FILE} in {folder} to hold ten rows of {side}x{side} frames, of at "
            f"most {MAX_SHEET_PIXELS:,} pixels. Received: {excerpt(error)}. Train again."
        ) from error
    return ExampleDigits(frames.transpose(0, 2, 1, 3))
