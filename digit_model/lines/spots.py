"""What the network says of a page -> the marks on it, each with its own ink."""

from typing import NamedTuple

import numpy as np
from PIL import Image
from scipy import ndimage
from scipy.spatial import cKDTree
from scipy.special import expit, logit

from digit_model.limits import MAX_STROKES
from digit_model.lines.kinds import DIGIT_KINDS, OTHER
from digit_model.lines.matting import find_ink
from digit_model.lines.segment import Writing
from digit_model.lines.spotter import FINE, Maps

LIKELY_INK = 0.4  # Probability: where there is less, no pixel is looked at.
LIKELY_CENTRE = 0.25  # Probability of a centre that is taken for one.
LIKELY_DIGIT = 0.5  # Probability: what is less probably a digit is none.
MOST = 2 * MAX_STROKES  # Centres: each pair of neighbours is looked at.
FEWEST = 4  # Fine parts that a mark has, at least.
ASTRAY = 0.35  # Of a mark's longer side: ink that votes for a centre so far away is of no mark.
LEAST_ASTRAY = 6.0  # Pixels: and at least so far.
SAME = 0.3  # Of a mark's longer side: centres closer than this are one mark's.
UPRIGHT = 8.0  # Degrees: writing that runs no steeper is not turned.


class Spots(NamedTuple):
    """The marks on a page, numbered from 1.

    Attributes:
        page: uint8 `(height, width)`, grey, on which they are.
        ink: uint8 `(height, width)`, 0 paper .. 255 ink, of the marks alone.
        labels: int32 `(height, width)`, the mark that a pixel belongs to, 0 for none.
        boxes: int `(marks + 1, 4)`: top, left, bottom, right of each; row 0 stands for none.
        kinds: float32 `(marks + 1, KINDS)`, the probability of each kind.
        directions: float32 `(marks + 1, 2)`, which way the writing runs there, x and y; the
            shorter, the less sure.
        margin: pixels of `ink` before the page's own.
    """

    page: np.ndarray
    ink: np.ndarray
    labels: np.ndarray
    boxes: np.ndarray
    kinds: np.ndarray
    directions: np.ndarray
    margin: int

    @property
    def writing(self) -> Writing:
        """The marks as pieces of writing, of the same numbers."""
        return Writing(self.ink, self.labels, self.boxes)

    @property
    def digit(self) -> np.ndarray:
        """How probably each is a digit, float32 `(marks + 1,)`."""
        return np.asarray(self.kinds[:, :DIGIT_KINDS].sum(axis=1))

    def digits(self, least: float = LIKELY_DIGIT) -> np.ndarray:
        """Numbers of those that are so probably digits, at least."""
        return np.flatnonzero(self.digit >= least)

    def signs(self) -> np.ndarray:
        """Numbers of those that are most probably a sign that has a name."""
        best = self.kinds.argmax(axis=1)
        return np.flatnonzero((best >= DIGIT_KINDS) & (best < OTHER))

    def heights(self, numbers: np.ndarray) -> np.ndarray:
        """Longer sides of some marks, which tell their size whichever way they lie, in pixels."""
        sides = self.boxes[numbers, 2:] - self.boxes[numbers, :2]
        return np.asarray(sides.max(axis=1))

    def turn(self) -> float:
        """Degrees, counterclockwise, by which the digits' writing runs from left to right."""
        numbers = self.digits()
        x, y = (self.heights(numbers)[:, None] * self.directions[numbers]).sum(axis=0)
        return float(np.rad2deg(np.arctan2(-y, x)))

    def turned(self, degrees: float) -> "Spots":
        """The marks as they stand on the page when it is turned clockwise."""
        turn = nearest_turn(degrees)
        if turn % 90 == 0:
            quarters = -round(turn / 90)
            page, ink, labels = (
                np.rot90(layer, quarters) for layer in (self.page, self.ink, self.labels)
            )
        else:
            page, ink, labels = (
                np.asarray(Image.fromarray(layer).rotate(-turn, way, expand=True, fillcolor=empty))
                for layer, way, empty in (
                    (self.page, Image.Resampling.BILINEAR, int(np.median(self.page))),
                    (self.ink, Image.Resampling.BILINEAR, 0),
                    (self.labels, Image.Resampling.NEAREST, 0),
                )
            )
        boxes = _boxes(labels, len(self.boxes))
        return self._replace(page=page, ink=ink * (labels > 0), labels=labels, boxes=boxes)


def nearest_turn(degrees: float) -> float:
    """A turn, or the quarters of a whole one that it nearly is."""
    quarters = round(degrees / 90)
    return 90.0 * quarters if abs(degrees - 90 * quarters) < UPRIGHT else degrees


def find_spots(maps: Maps) -> Spots:
    """Let every pixel of ink vote for its mark's centre, and gather each centre's voters.

    After Cheng et al., "Panoptic-DeepLab" (2020): marks that touch part where their votes do.
    """
    heat, ink = maps.centre(), maps.ink()
    peaks = _peaks(heat)
    rows, columns = np.nonzero(_most(ink) > logit(LIKELY_INK))
    fine = np.zeros(heat.shape, np.int32)
    if len(peaks) and len(rows):
        votes = maps.votes(rows, columns)
        centres = (peaks[:, ::-1] + 0.5) * FINE
        _, chosen = cKDTree(centres).query(votes)
        fine[rows, columns] = chosen + 1
        strengths = heat[peaks[:, 0], peaks[:, 1]]
        centres = _strongest(centres, strengths, _longer_sides(fine, len(centres)))
        away, chosen = cKDTree(centres).query(votes)
        fine[rows, columns] = chosen + 1
        limits = ASTRAY * _longer_sides(fine, len(centres))
        near = away < np.maximum(limits, LEAST_ASTRAY)[chosen]
        counts = np.bincount(chosen[near], minlength=len(centres))
        near &= counts[chosen] >= FEWEST
        # Numbers without gaps, of those that are left.
        _, numbers = np.unique(chosen[near], return_inverse=True)
        fine[:] = 0
        rows, columns = rows[near], columns[near]
        fine[rows, columns] = numbers + 1
    else:
        rows = columns = np.zeros(0, int)
    labels = fine.repeat(FINE, axis=0).repeat(FINE, axis=1)
    inside = labels > 0
    likely = np.zeros(labels.shape, np.float32)
    likely[inside] = expit(ink[inside])
    written, labels = find_ink(maps.page, labels, likely)
    count = int(fine.max(initial=0)) + 1
    mine = fine[rows, columns]
    kinds = _means(maps.kinds(rows, columns), mine, count)
    directions = _means(maps.directions(rows, columns), mine, count)
    boxes = _boxes(labels, count)
    return Spots(maps.page, written, labels, boxes, kinds, directions, maps.margin)


def _peaks(heat: np.ndarray) -> np.ndarray:
    """Rows and columns of the fine parts that are likely centres, more than those around them."""
    likely = np.argwhere(heat > logit(LIKELY_CENTRE))
    padded = np.pad(heat, 1, constant_values=-np.inf)
    around = [padded[tuple((likely + step).T)] for step in np.ndindex(3, 3)]
    peaks: np.ndarray = likely[heat[tuple(likely.T)] >= np.max(around, axis=0, initial=-np.inf)]
    strongest = np.argsort(-heat[tuple(peaks.T)], kind="stable")[:MOST]
    return peaks[np.sort(strongest)]


def _strongest(centres: np.ndarray, strengths: np.ndarray, sides: np.ndarray) -> np.ndarray:
    """Of centres so close that they are the same mark's, the strongest.

    Args:
        centres: float `(n, 2)`, x and y, in pixels.
        strengths: float `(n,)`.
        sides: float `(n,)`, the longer side of the ink that votes for each, in pixels.

    Returns:
        float `(m, 2)`.
    """
    kept = np.ones(len(centres), bool)
    for first, second in sorted(cKDTree(centres).query_pairs(SAME * float(sides.max()))):
        apart = np.hypot(*(centres[first] - centres[second]))
        if kept[first] and kept[second] and apart < SAME * max(sides[first], sides[second]):
            kept[second if strengths[first] >= strengths[second] else first] = False
    return centres[kept]


def _longer_sides(fine: np.ndarray, count: int) -> np.ndarray:
    """The longer side of each of so many marks, in pixels, float `(count,)`."""
    boxes = _boxes(fine, count + 1)[1:] * FINE
    return np.asarray((boxes[:, 2:] - boxes[:, :2]).max(axis=1), float)


def _means(values: np.ndarray, numbers: np.ndarray, count: int) -> np.ndarray:
    """The mean of values `(n, channels)` for each number, float32 `(count, channels)`."""
    totals = [np.bincount(numbers, channel, minlength=count) for channel in values.T]
    voters = np.maximum(np.bincount(numbers, minlength=count), 1)
    means: np.ndarray = (np.array(totals) / voters).T.astype(np.float32)
    return means


def _boxes(labels: np.ndarray, count: int) -> np.ndarray:
    """Top, left, bottom, right of each number, int `(count, 4)`; zeros where it has no pixel."""
    boxes = np.zeros((count, 4), int)
    for number, window in enumerate(ndimage.find_objects(labels), start=1):
        if window:
            rows, columns = window
            boxes[number] = rows.start, columns.start, rows.stop, columns.stop
    return boxes


def _most(ink: np.ndarray) -> np.ndarray:
    """The most ink in each fine part."""
    rows = np.maximum(ink[::FINE], ink[1::FINE])
    most: np.ndarray = np.maximum(rows[:, ::FINE], rows[:, 1::FINE])
    return most
