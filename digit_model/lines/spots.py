"""The spotter's maps of a page -> the marks on it, each with its own ink."""

from typing import NamedTuple

import numpy as np
from PIL import Image
from scipy import ndimage
from scipy.spatial import cKDTree
from scipy.special import expit, logit

from digit_model.limits import MAX_STROKES
from digit_model.lines.kinds import DIGIT_KINDS, OTHER
from digit_model.lines.matting import find_ink
from digit_model.lines.spotter import FINE, Maps
from digit_model.lines.writing import Writing

MIN_INK = 0.4  # Probability of ink from which a pixel votes for a centre.
MIN_CENTRE = 0.25  # Probability from which a fine part is a mark's centre.
MIN_SPOTTED_DIGIT = 0.5  # Probability from which a mark counts as a digit of the page.
MAX_CENTRES = 2 * MAX_STROKES  # Centres kept on a page: each pair of neighbours is compared.
MIN_FINE_PARTS = 4  # Fine parts of a mark; fewer are noise.
MAX_VOTE_TO_SIDE = 0.35  # Distance of a vote from its centre, divided by the mark's longer side.
MIN_VOTE_PIXELS = 6.0  # Pixels that a vote may be off, however small its mark is.
MERGE_GAP = 0.3  # Share of a mark's longer side; centres nearer than this are one mark's.
UPRIGHT_DEGREES = 8.0  # Degrees up to which sloped writing is not turned.


class Spots(NamedTuple):
    """The marks on a page, numbered from 1.

    Attributes:
        page: uint8 `(height, width)`, the page in grey.
        ink: uint8 `(height, width)`, 0 paper .. 255 ink, of the marks only.
        labels: int32 `(height, width)`, the number of each pixel's mark, 0 for none.
        boxes: int `(marks + 1, 4)`: top, left, bottom, right of each; row 0 is unused.
        kinds: float32 `(marks + 1, KINDS)`, the probability of each kind.
        directions: float32 `(marks + 1, 2)`, the direction of the writing, x and y; the
            shorter, the less sure.
        margin: pixels added above and to the left of the page.
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
        """Return the marks as pieces of writing, with the same numbers."""
        return Writing(self.ink, self.labels, self.boxes)

    @property
    def digit(self) -> np.ndarray:
        """Return the probability that each mark is a digit, float32 `(marks + 1,)`."""
        return np.asarray(self.kinds[:, :DIGIT_KINDS].sum(axis=1))

    def digits(self, threshold: float = MIN_SPOTTED_DIGIT) -> np.ndarray:
        """Return the marks that are digits with at least that probability."""
        return np.flatnonzero(self.digit >= threshold)

    def signs(self) -> np.ndarray:
        """Return the marks whose most probable kind is one of `SIGNS`."""
        best = self.kinds.argmax(axis=1)
        return np.flatnonzero((best >= DIGIT_KINDS) & (best < OTHER))

    def longer_sides(self, marks: np.ndarray) -> np.ndarray:
        """Return the longer sides of marks, in pixels: the heights of digits in any orientation."""
        sides = self.boxes[marks, 2:] - self.boxes[marks, :2]
        return np.asarray(sides.max(axis=1))

    def turn(self) -> float:
        """Return the direction of the digits' writing, in degrees counterclockwise."""
        marks = self.digits()
        x, y = (self.longer_sides(marks)[:, None] * self.directions[marks]).sum(axis=0)
        return float(np.rad2deg(np.arctan2(-y, x)))

    def turned(self, degrees: float) -> "Spots":
        """Return the marks on the page after it is turned clockwise."""
        turn = nearest_turn(degrees)
        if turn % 90 == 0:
            quarters = -round(turn / 90)
            page, ink, labels = (
                np.rot90(layer, quarters) for layer in (self.page, self.ink, self.labels)
            )
        else:
            page, ink, labels = (
                np.asarray(Image.fromarray(layer).rotate(-turn, mode, expand=True, fillcolor=fill))
                for layer, mode, fill in (
                    (self.page, Image.Resampling.BILINEAR, int(np.median(self.page))),
                    (self.ink, Image.Resampling.BILINEAR, 0),
                    (self.labels, Image.Resampling.NEAREST, 0),
                )
            )
        boxes = _find_boxes(labels, len(self.boxes))
        return self._replace(page=page, ink=ink * (labels > 0), labels=labels, boxes=boxes)


def nearest_turn(degrees: float) -> float:
    """Round degrees to a multiple of 90 if they are nearly one."""
    quarters = round(degrees / 90)
    return 90.0 * quarters if abs(degrees - 90 * quarters) < UPRIGHT_DEGREES else degrees


def find_spots(maps: Maps) -> Spots:
    """Let every pixel of ink vote for its mark's centre, and group the pixels by centre.

    After Cheng et al., "Panoptic-DeepLab" (2020). Votes also separate marks that touch.
    """
    heat, ink = maps.centre(), maps.ink()
    peaks = _find_peaks(heat)
    rows, columns = np.nonzero(_pool_ink(ink) > logit(MIN_INK))
    fine = np.zeros(heat.shape, np.int32)
    if len(peaks) and len(rows):
        votes = maps.votes(rows, columns)
        centres = (peaks[:, ::-1] + 0.5) * FINE
        _, nearest = cKDTree(centres).query(votes)
        fine[rows, columns] = nearest + 1
        strengths = heat[peaks[:, 0], peaks[:, 1]]
        centres = _keep_strongest(centres, strengths, _measure_sides(fine, len(centres)))
        distances, nearest = cKDTree(centres).query(votes)
        fine[rows, columns] = nearest + 1
        limits = MAX_VOTE_TO_SIDE * _measure_sides(fine, len(centres))
        near = distances < np.maximum(limits, MIN_VOTE_PIXELS)[nearest]
        counts = np.bincount(nearest[near], minlength=len(centres))
        near &= counts[nearest] >= MIN_FINE_PARTS
        # Renumbers the marks that are left, without gaps.
        _, renumbered = np.unique(nearest[near], return_inverse=True)
        fine[:] = 0
        rows, columns = rows[near], columns[near]
        fine[rows, columns] = renumbered + 1
    else:
        rows = columns = np.zeros(0, int)
    labels = fine.repeat(FINE, axis=0).repeat(FINE, axis=1)
    inside = labels > 0
    likely = np.zeros(labels.shape, np.float32)
    likely[inside] = expit(ink[inside])
    sharp_ink, labels = find_ink(maps.page, labels, likely)
    count = int(fine.max(initial=0)) + 1
    owners = fine[rows, columns]
    kinds = _average(maps.kinds(rows, columns), owners, count)
    directions = _average(maps.directions(rows, columns), owners, count)
    boxes = _find_boxes(labels, count)
    return Spots(maps.page, sharp_ink, labels, boxes, kinds, directions, maps.margin)


def _find_peaks(heat: np.ndarray) -> np.ndarray:
    """Find rows and columns of likely centres that are local maxima, int `(n, 2)`."""
    likely = np.argwhere(heat > logit(MIN_CENTRE))
    padded = np.pad(heat, 1, constant_values=-np.inf)
    neighbours = [padded[tuple((likely + step).T)] for step in np.ndindex(3, 3)]
    peaks: np.ndarray = likely[heat[tuple(likely.T)] >= np.max(neighbours, axis=0, initial=-np.inf)]
    order = np.argsort(-heat[tuple(peaks.T)], kind="stable")[:MAX_CENTRES]
    return peaks[np.sort(order)]


def _keep_strongest(centres: np.ndarray, strengths: np.ndarray, sides: np.ndarray) -> np.ndarray:
    """Keep the strongest of centres so close that they belong to the same mark.

    Args:
        centres: float `(n, 2)`, x and y, in pixels.
        strengths: float `(n,)`.
        sides: float `(n,)`, the longer side of the ink that votes for each, in pixels.

    Returns:
        float `(m, 2)`.
    """
    kept = np.ones(len(centres), bool)
    for first, second in sorted(cKDTree(centres).query_pairs(MERGE_GAP * float(sides.max()))):
        distance = np.hypot(*(centres[first] - centres[second]))
        if kept[first] and kept[second] and distance < MERGE_GAP * max(sides[first], sides[second]):
            kept[second if strengths[first] >= strengths[second] else first] = False
    return centres[kept]


def _measure_sides(fine: np.ndarray, count: int) -> np.ndarray:
    """Measure the longer side of each mark in pixels, float `(count,)`."""
    boxes = _find_boxes(fine, count + 1)[1:] * FINE
    return np.asarray((boxes[:, 2:] - boxes[:, :2]).max(axis=1), float)


def _average(values: np.ndarray, owners: np.ndarray, count: int) -> np.ndarray:
    """Average values `(n, channels)` for each owner, float32 `(count, channels)`."""
    totals = [np.bincount(owners, channel, minlength=count) for channel in values.T]
    voters = np.maximum(np.bincount(owners, minlength=count), 1)
    means: np.ndarray = (np.array(totals) / voters).T.astype(np.float32)
    return means


def _find_boxes(labels: np.ndarray, count: int) -> np.ndarray:
    """Find top, left, bottom, right of each label, int `(count, 4)`; zeros if it has no pixel."""
    boxes = np.zeros((count, 4), int)
    for label, window in enumerate(ndimage.find_objects(labels), start=1):
        if window:
            rows, columns = window
            boxes[label] = rows.start, columns.start, rows.stop, columns.stop
    return boxes


def _pool_ink(ink: np.ndarray) -> np.ndarray:
    """Find the highest logit of ink in each fine part."""
    rows = np.maximum(ink[::FINE], ink[1::FINE])
    pooled: np.ndarray = np.maximum(rows[:, ::FINE], rows[:, 1::FINE])
    return pooled
