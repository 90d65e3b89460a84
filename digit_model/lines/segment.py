"""Ink -> the pieces of its numbers (segmentation)."""

from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy import ndimage

from digit_model.limits import MAX_STROKES
from digit_model.lines.writing import (
    LOW_TO_HEIGHT,
    NUMBER_GAP_TO_HEIGHT,
    Number,
    Writing,
    join_boxes,
    usual_height,
)
from digit_model.picture.image import border_of
from digit_model.picture.ink import SMALL_PICTURE


@dataclass(frozen=True)
class SegmentSettings:
    """What can be tuned on the way from the ink to its pieces."""

    min_lone_size: float = 0.04  # Length of a lone digit, divided by the picture's longer side.
    min_part_to_side: float = 0.012  # Share of the picture's longer side; less is dust.
    min_cropped: float = 0.4  # Share of the shorter side that a digit at the edge has.
    min_edge_share: float = 0.7  # Share of a stroke's length along the edge: more is no writing.
    rim_to_side: float = 0.03  # Share of the longer side; printed lines lie in the rim.
    cut_off_weight: float = 0.3  # Weight of a stroke that the picture's edge cuts; others weigh 1.
    min_part_to_digit: float = 0.12  # Share of the digit's longer side; a shorter part is dust.
    reach_to_digit: float = 0.4  # Distance of a digit's parts, divided by its longer side.
    max_to_height: float = 3.0  # Times the digits' height; what is higher is an edge.
    line_step_to_height: float = 0.6  # Vertical step to the next line, by the digits' height.
    max_slope: float = 0.5  # Rows per column: lines of writing are no steeper.
    min_overlap: float = 0.6  # Share of the narrower width that a stroke and a part of it share.


def label_strokes(ink: np.ndarray) -> Writing:
    """Make each connected component of the ink one piece.

    Args:
        ink: uint8 `(height, width)`, from 0 (paper) to 255 (full ink).
    """
    labels, _ = ndimage.label(ink > 0, np.ones((3, 3)))
    slices = ndimage.find_objects(labels)
    boxes = [(y.start, x.start, y.stop, x.stop) for y, x in slices]
    return Writing(ink, labels, np.array([(0, 0, 0, 0), *boxes]))


def take_all(ink: np.ndarray) -> tuple[Writing, list[Number]]:
    """Take all ink as one digit, as in an icon or a data set's frame; returns as `find_digit`.

    Args:
        ink: uint8 `(height, width)`, from 0 (paper) to 255 (full ink).
    """
    left, top, right, bottom = Image.fromarray(ink).getbbox() or (0, 0, 0, 0)
    boxes = np.array([(0, 0, 0, 0), (top, left, bottom, right)])
    writing = Writing(ink, (ink > 0).astype(np.int32), boxes)
    return writing, [Number([1], bottom - top)] if bottom else []


def find_digit(
    strokes: Writing, settings: SegmentSettings = SegmentSettings()
) -> tuple[Writing, list[Number]]:
    """Find the one digit: the longest connected stroke, and the parts that belong to it.

    Args:
        strokes: the writing, with one piece for each connected stroke.
        settings: thresholds and distances.

    Returns:
        The writing, with the digit as its only piece, in its only number; no
        number if there is no digit.
    """
    ink, boxes = strokes.ink, strokes.boxes[1:]
    if not len(boxes):
        return strokes, []
    lengths = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
    at_edge = _touches_edge(boxes, ink.shape)
    weights = np.where(at_edge, settings.cut_off_weight, 1) * ~_lies_on_rim(strokes, settings)
    weighed = lengths * weights
    main = int(weighed.argmax())
    if weighed[main] == 0 or lengths[main] < settings.min_lone_size * max(ink.shape):
        return strokes, []
    large = lengths >= settings.min_part_to_digit * lengths[main]
    reach = settings.reach_to_digit * lengths[main]
    parts = np.arange(len(boxes)) == main
    while True:
        bounds = join_boxes(boxes[parts])
        near = (boxes[:, :2] < bounds[2:] + reach) & (boxes[:, 2:] > bounds[:2] - reach)
        grown = parts | (near.all(axis=1) & large & (~at_edge | at_edge[main]))
        if (grown == parts).all():
            return _join(strokes, [[np.flatnonzero(parts).tolist()]])
        parts = grown


def find_stroke_numbers(
    strokes: Writing, settings: SegmentSettings = SegmentSettings()
) -> tuple[Writing, list[Number]]:
    """Find the numbers, row by row, and the connected strokes in them.

    Args:
        strokes: the writing, with one piece for each connected stroke.
        settings: thresholds and distances.

    Returns:
        The writing, in which parts above or below a stroke are joined to its piece, and
        its numbers from top to bottom. No number if nothing is written; a single piece if
        there are more strokes than on a page of numbers.
    """
    ink, boxes = strokes.ink, strokes.boxes[1:]
    small = max(ink.shape) <= SMALL_PICTURE
    heights = boxes[:, 2] - boxes[:, 0]
    lengths = np.maximum(heights, boxes[:, 3] - boxes[:, 1])
    seen = lengths >= settings.min_part_to_side * max(ink.shape)
    if not small:
        seen &= ~_lies_on_rim(strokes, settings)
        is_cropped = lengths >= settings.min_cropped * min(ink.shape)
        seen &= ~_touches_edge(boxes, ink.shape) | is_cropped
    if not seen.any() or lengths[seen].max() < 2 * settings.min_part_to_side * max(ink.shape):
        return strokes, []
    # The usual height: half of the strokes' area is in strokes no higher than this.
    order = np.flatnonzero(seen)[np.argsort(heights[seen])]
    area = (heights * (boxes[:, 3] - boxes[:, 1]))[order]
    height = float(heights[order[np.searchsorted(area.cumsum(), area.sum() / 2)]])

    fits = seen & (lengths >= settings.min_part_to_digit * height)
    fits &= heights <= settings.max_to_height * height
    if np.count_nonzero(fits) > MAX_STROKES:
        # A page of text or a texture: it is taken as one piece, which is no digit.
        return _join(strokes, [[np.flatnonzero(fits).tolist()]])
    tall = fits & (heights >= LOW_TO_HEIGHT * height)
    lone_size = settings.min_lone_size * max(ink.shape)
    if np.count_nonzero(tall) < 2 and lengths[tall].max(initial=0) < lone_size:
        return strokes, []  # The digits of a number may be shorter.
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    slope = _estimate_slope(centres[tall], height, settings.max_slope)
    level = centres[:, 0] - slope * centres[:, 1]
    order = np.flatnonzero(tall)[np.argsort(level[tall])]
    breaks = np.flatnonzero(np.diff(level[order]) > settings.line_step_to_height * height) + 1
    rows = [row.tolist() for row in np.split(order, [] if small else breaks)]
    for part in np.flatnonzero(fits & ~tall).tolist():
        distances = [abs(level[row] - level[part]).min() for row in rows]
        if min(distances) < height:
            rows[int(np.argmin(distances))].append(part)
    reach, min_overlap = settings.reach_to_digit * height, settings.min_overlap
    return _join(strokes, [_group(row, boxes, tall, reach, min_overlap) for row in rows])


def _touches_edge(boxes: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Find the boxes that touch the picture's edge, bool `(n,)`."""
    touches: np.ndarray = (boxes[:, :2] == 0).any(axis=1) | (boxes[:, 2:] == shape).any(axis=1)
    return touches


def _lies_on_rim(strokes: Writing, settings: SegmentSettings) -> np.ndarray:
    """Find the strokes that run along an edge of the picture or lie near one, bool `(n,)`."""
    boxes, labels, shape = strokes.boxes[1:], strokes.labels, strokes.labels.shape
    along = np.bincount(border_of(labels), minlength=len(strokes.boxes))[1:]
    rim = settings.rim_to_side * max(shape)
    far = np.array([shape[0] - rim, shape[1] - rim])
    near = np.any((boxes[:, 2:] < rim) | (boxes[:, :2] > far), axis=1)
    lengths = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
    on_rim: np.ndarray = near | (along >= settings.min_edge_share * lengths)
    # If nothing else is written, strokes that reach all four edges are a tightly cropped digit.
    if on_rim.any() and not (lengths[~on_rim] >= settings.min_lone_size * max(shape)).any():
        is_large = lengths >= settings.min_cropped * min(shape)
        on_rim &= ~((join_boxes(boxes) == (0, 0, *shape)).all() & is_large)
    return on_rim


def _estimate_slope(centres: np.ndarray, height: float, max_slope: float) -> float:
    """Estimate the slope of the writing, in rows a column, from strokes and their neighbours."""
    offsets = centres[None] - centres[:, None]  # (n, n, 2), between all pairs.
    down, right = offsets[..., 0], offsets[..., 1]
    ahead = (right > height / 4) & (abs(down) < max_slope * right)
    nearest = np.where(ahead, right + 2 * abs(down), np.inf).argmin(axis=1)
    rows = np.flatnonzero(ahead.any(axis=1))
    if not len(rows):
        return 0.0
    return float(np.median(down[rows, nearest[rows]] / right[rows, nearest[rows]]))


def _group(
    row: list[int], boxes: np.ndarray, tall: np.ndarray, reach: float, min_overlap: float
) -> list[list[int]]:
    """Group a row's boxes from left to right, low parts with the strokes above or below."""
    groups = [[box] for box in row if tall[box]]
    bounds = [tuple(boxes[box].tolist()) for box in row if tall[box]]
    parts = [box for box in row if not tall[box]]
    for part in sorted(parts, key=lambda box: boxes[box, 1] - boxes[box, 3]):
        top, left, bottom, right = boxes[part].tolist()
        for index, (highest, first, lowest, last) in enumerate(bounds):
            shared = min(right, last) - max(left, first)
            gap = max(top, highest) - min(bottom, lowest)
            if shared >= min_overlap * min(right - left, last - first) and gap < reach:
                groups[index].append(part)
                bounds[index] = (
                    min(top, highest),
                    min(left, first),
                    max(bottom, lowest),
                    max(right, last),
                )
                break
        else:
            groups.append([part])
            bounds.append((top, left, bottom, right))
    return sorted(groups, key=lambda group: int(join_boxes(boxes[group])[1::2].sum()))


def _join(strokes: Writing, rows: list[list[list[int]]]) -> tuple[Writing, list[Number]]:
    """Join each group of boxes into one piece, and split each row into its numbers."""
    piece = np.zeros(len(strokes.boxes), np.int32)
    boxes = [strokes.boxes[0]]
    numbers = []
    for row, groups in enumerate(rows):
        first = len(boxes)
        for group in groups:
            members = np.array(group) + 1
            piece[members] = len(boxes)
            boxes.append(join_boxes(strokes.boxes[members]))
        height = usual_height([bottom - top for top, _, bottom, _ in boxes[first:]])
        start = first
        for place in range(first + 1, len(boxes) + 1):
            last = place == len(boxes)
            if last or boxes[place][1] - boxes[place - 1][3] > NUMBER_GAP_TO_HEIGHT * height:
                numbers.append(Number([*range(start, place)], height, row=row))
                start = place
    return Writing(strokes.ink, piece.take(strokes.labels), np.array(boxes)), numbers
