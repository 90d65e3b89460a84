"""A page -> the spotter's maps: ink, centres, offsets, directions and kinds."""

from itertools import accumulate, pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.special import softmax

from digit_model.lines.kinds import KINDS
from digit_model.lines.litert import run

CELL = 4  # Pixels, side of a cell: the network's output has one vector for each.
FINE = 2  # Pixels, side of a fine part; each has its own centre logit and offset.
OFFSET_UNIT = 32  # Pixels in one unit of the network's offsets.
STRIDE = 32  # Pixels: the sides of the network's input are multiples of it.
THREADS = 2  # Threads for one page.
MARGIN = 8  # Pixels of paper added around a page, at least.
# Output heads and their channels for each cell. "ink": a logit for each pixel. "centre": for each
# fine part, a logit of being a mark's centre. "offset": from the middle of each fine part to its
# mark's centre, x and y, in `OFFSET_UNIT`. "direction": that of the writing, x and y, of length 1.
# "kind": a logit for each of `digit_model.lines.kinds`.
HEADS = {
    "ink": CELL**2,
    "centre": (CELL // FINE) ** 2,
    "offset": 2 * (CELL // FINE) ** 2,
    "direction": 2,
    "kind": KINDS,
}
_ENDS = [0, *accumulate(HEADS.values())]
SLICES = {name: slice(*ends) for name, ends in zip(HEADS, pairwise(_ENDS), strict=True)}


class Maps(NamedTuple):
    """The network's output for a page.

    Attributes:
        cells: float32 `(height / 4, width / 4, channels)`, for the padded page; see `HEADS`.
        margin: pixels added above and to the left of the page.
        page: uint8 `(height, width)`, the padded page.
    """

    cells: np.ndarray
    margin: int
    page: np.ndarray

    def ink(self) -> np.ndarray:
        """Return the logit of ink for each pixel, float32 `(height, width)`."""
        return _from_cells(self.cells[..., SLICES["ink"]], CELL)

    def centre(self) -> np.ndarray:
        """Return the logit of a centre for each fine part, float32 `(height / 2, width / 2)`."""
        return _from_cells(self.cells[..., SLICES["centre"]], CELL // FINE)

    def votes(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Return the centres that fine parts, rows and columns int `(n,)`, vote for.

        Returns:
            float32 `(n, 2)`, x and y, in pixels.
        """
        parts = CELL // FINE
        offsets = self.cells[rows // parts, columns // parts, SLICES["offset"]]
        part = rows % parts * parts + columns % parts
        offsets = offsets.reshape(len(rows), parts**2, 2)[np.arange(len(rows)), part]
        middles: np.ndarray = (np.stack([columns, rows], axis=1) + 0.5) * FINE
        votes: np.ndarray = middles + OFFSET_UNIT * offsets
        return votes

    def directions(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Return the direction of the writing at fine parts, float32 `(n, 2)`, x and y."""
        parts = CELL // FINE
        directions: np.ndarray = self.cells[rows // parts, columns // parts, SLICES["direction"]]
        return directions

    def kinds(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Return the probability of each kind at fine parts, float32 `(n, KINDS)`."""
        parts = CELL // FINE
        kinds: np.ndarray = self.cells[rows // parts, columns // parts, SLICES["kind"]]
        return np.asarray(softmax(kinds, axis=1))


class Spotter:
    """The network that finds the digits of a page, run by LiteRT.

    Args:
        path: a LiteRT file that `training.spotting.export` wrote.
    """

    def __init__(self, path: Path) -> None:
        self._model = path.read_bytes()

    def __call__(self, page: np.ndarray) -> Maps:
        """Pad a page and run the network on it.

        Args:
            page: uint8 `(height, width)`, grey.
        """
        height, width = page.shape
        margins = [(MARGIN, MARGIN + -(side + 2 * MARGIN) % STRIDE) for side in (height, width)]
        padded = np.pad(page, margins, mode="edge")
        return Maps(self.cells(padded), MARGIN, padded)

    def cells(self, page: np.ndarray) -> np.ndarray:
        """Run the network on a page whose sides are multiples of `STRIDE`; see `HEADS`."""
        pixels = to_cells(page.astype(np.float32), CELL)[None]
        maps: np.ndarray = run(self._model, pixels, THREADS)[0]
        return maps


def to_cells(fine: np.ndarray, parts: int) -> np.ndarray:
    """Reshape `(height, width, ...)` to `(height / parts, width / parts, ... * parts ** 2)`."""
    height, width = fine.shape[:2]
    cells = fine.reshape(height // parts, parts, width // parts, parts, -1).swapaxes(1, 2)
    return cells.reshape(height // parts, width // parts, -1)


def _from_cells(cells: np.ndarray, parts: int) -> np.ndarray:
    """Reshape `(height, width, parts ** 2)` to `(height * parts, width * parts)`."""
    height, width, _ = cells.shape
    fine = cells.reshape(height, width, parts, parts).swapaxes(1, 2)
    return fine.reshape(height * parts, width * parts)
