"""Ink -> the pieces that its digits are made of, line by line."""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

import numpy as np
from PIL import Image
from scipy import ndimage

from digit_model.limits import MAX_STROKES
from digit_model.picture.image import border_of
from digit_model.picture.ink import SMALL_PICTURE

SMALLEST = 0.04  # Of the picture's longer side: a lone digit is no shorter.
DUST = 0.012  # Of the picture's longer side: what is shorter is no part of any digit.
CROPPED = 0.4  # Of the picture's shorter side: what the edge cuts off is no digit if shorter.
ALONG = 0.7  # Of its own longer side: what runs along the picture's edge so far is the paper's.
RIM = 0.03  # Of the picture's longer side: what lies wholly so near an edge is a rule's.
CUT_OFF = 0.3  # How much a stroke that the picture's edge cuts counts beside one that lies inside.
SPECK = 0.12  # Of the digit's longer side: shorter parts are specks.
REACH = 0.4  # Of the digit's longer side: parts no farther off belong to it.
# Of the height of a line's digits:
LOW = 0.4  # what is lower is a part of a digit, a dot or a dash;
HIGH = 3.0  # what is higher is an edge or a frame;
LINE_STEP = 0.6  # and what stands so much lower than the next is in another line.
STEEPEST = 0.5  # Rows a column: lines of writing are no steeper.
PARTED = 2.0  # A wider gap parts two numbers.
ABOVE = 0.6  # Of its width: a part so far above or below another belongs to it.


class Writing(NamedTuple):
    """Ink, taken apart.

    Attributes:
        ink: uint8 `(height, width)`, from 0 (paper) to 255 (full ink).
        labels: int32 `(height, width)`, the piece that each pixel belongs to, 0 for none.
        boxes: int `(pieces + 1, 4)`: top, left, bottom, right of each; row 0 stands for none.
    """

    ink: np.ndarray
    labels: np.ndarray
    boxes: np.ndarray

    def bounds(self, pieces: Sequence[int]) -> tuple[int, int, int, int]:
        """Top, left, bottom, right of some pieces together."""
        boxes = self.boxes[list(pieces)]
        top, left, bottom, right = (boxes[0] if len(boxes) == 1 else _bounds(boxes)).tolist()
        return top, left, bottom, right

    def crop(self, pieces: Sequence[int]) -> np.ndarray:
        """Some pieces, from which everything else is erased: uint8, as large as their bounds."""
        top, left, bottom, right = self.bounds(pieces)
        belongs = np.zeros(len(self.boxes), bool)
        belongs[list(pieces)] = True
        window = np.s_[top:bottom, left:right]
        ink: np.ndarray = self.ink[window] * belongs[self.labels[window]]
        return ink


class Line(NamedTuple):
    """One line of writing.

    Attributes:
        pieces: the numbers of its pieces, from left to right.
        height: of its digits, in pixels of the ink.
        cut: those pieces that touched the next, and were cut.
        row: its place from the top; of lines that stand beside each other, the same.
        signs: that stand among its digits: the column of each one's middle, and how it is written.
    """

    pieces: list[int]
    height: float
    cut: frozenset[int] = frozenset()
    row: int = 0
    signs: tuple[tuple[float, str], ...] = ()


def usual_height(heights: Sequence[float]) -> float:
    """The height of a line's digits, of the heights of all that stands in it."""
    highest = max(heights)
    return float(median(height for height in heights if height >= LOW * highest))


def label_strokes(ink: np.ndarray) -> Writing:
    """Make one piece of each connected stroke.

    Args:
        ink: uint8 `(height, width)`, from 0 (paper) to 255 (full ink).
    """
    labels, _ = ndimage.label(ink > 0, np.ones((3, 3)))
    slices = ndimage.find_objects(labels)
    boxes = [(y.start, x.start, y.stop, x.stop) for y, x in slices]
    return Writing(ink, labels, np.array([(0, 0, 0, 0), *boxes]))


def take_all(ink: np.ndarray) -> tuple[Writing, list[Line]]:
    """Take all ink for one digit, as in an icon or a data set's frame; see `find_digit`.

    Args:
        ink: uint8 `(height, width)`, from 0 (paper) to 255 (full ink).
    """
    left, top, right, bottom = Image.fromarray(ink).getbbox() or (0, 0, 0, 0)
    boxes = np.array([(0, 0, 0, 0), (top, left, bottom, right)])
    writing = Writing(ink, (ink > 0).astype(np.int32), boxes)
    return writing, [Line([1], bottom - top)] if bottom else []


def find_digit(strokes: Writing) -> tuple[Writing, list[Line]]:
    """Find the one digit: the longest connected stroke, and the parts that belong to it.

    Args:
        strokes: a piece each.

    Returns:
        The writing, with the digit as its only piece, in its only line; no line
        where no digit is.
    """
    ink, boxes = strokes.ink, strokes.boxes[1:]
    if not len(boxes):
        return strokes, []
    lengths = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
    cut = _cut_off(boxes, ink.shape)
    weighed = lengths * np.where(cut, CUT_OFF, 1) * ~_on_rim(strokes)
    main = int(weighed.argmax())
    if weighed[main] == 0 or lengths[main] < SMALLEST * max(ink.shape):
        return strokes, []
    large = lengths >= SPECK * lengths[main]
    reach = REACH * lengths[main]
    parts = np.arange(len(boxes)) == main
    while True:
        bounds = _bounds(boxes[parts])
        near = (boxes[:, :2] < bounds[2:] + reach) & (boxes[:, 2:] > bounds[:2] - reach)
        grown = parts | (near.all(axis=1) & large & (~cut | cut[main]))
        if (grown == parts).all():
            return _join(strokes, [[np.flatnonzero(parts).tolist()]])
        parts = grown


def find_lines(strokes: Writing) -> tuple[Writing, list[Line]]:
    """Find the lines of writing and the connected strokes in them.

    Args:
        strokes: a piece each.

    Returns:
        The writing, where a part above or below a stroke is one piece with it, and
        its lines from top to bottom; no line where nothing is written, and one piece
        where more is than a page of numbers holds.
    """
    ink, boxes = strokes.ink, strokes.boxes[1:]
    small = max(ink.shape) <= SMALL_PICTURE
    heights = boxes[:, 2] - boxes[:, 0]
    lengths = np.maximum(heights, boxes[:, 3] - boxes[:, 1])
    seen = lengths >= DUST * max(ink.shape)
    if not small:
        seen &= ~_on_rim(strokes)
        seen &= ~_cut_off(boxes, ink.shape) | (lengths >= CROPPED * min(ink.shape))
    if not seen.any() or lengths[seen].max() < 2 * DUST * max(ink.shape):
        return strokes, []
    # Half of what is written, by area, is no higher than this.
    order = np.flatnonzero(seen)[np.argsort(heights[seen])]
    area = (heights * (boxes[:, 3] - boxes[:, 1]))[order]
    height = float(heights[order[np.searchsorted(area.cumsum(), area.sum() / 2)]])

    fits = seen & (lengths >= SPECK * height) & (heights <= HIGH * height)
    if np.count_nonzero(fits) > MAX_STROKES:
        # A page of text or a texture: all of it together is one thing, and no digit.
        return _join(strokes, [[np.flatnonzero(fits).tolist()]])
    tall = fits & (heights >= LOW * height)
    if np.count_nonzero(tall) < 2 and lengths[tall].max(initial=0) < SMALLEST * max(ink.shape):
        return strokes, []  # A lone digit is no shorter, a number's digits may be.
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    level = centres[:, 0] - _slope(centres[tall], height) * centres[:, 1]
    order = np.flatnonzero(tall)[np.argsort(level[tall])]
    breaks = np.flatnonzero(np.diff(level[order]) > LINE_STEP * height) + 1
    rows = [row.tolist() for row in np.split(order, [] if small else breaks)]
    for part in np.flatnonzero(fits & ~tall).tolist():
        away = [abs(level[row] - level[part]).min() for row in rows]
        if min(away) < height:
            rows[int(np.argmin(away))].append(part)
    return _join(strokes, [_groups(row, boxes, tall, REACH * height) for row in rows])


def _bounds(boxes: np.ndarray) -> np.ndarray:
    """The box round boxes `(n, 4)`."""
    return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])


def _cut_off(boxes: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Which boxes touch the picture's edge, bool `(n,)`."""
    cut: np.ndarray = (boxes[:, :2] == 0).any(axis=1) | (boxes[:, 2:] == shape).any(axis=1)
    return cut


def _on_rim(strokes: Writing) -> np.ndarray:
    """Which strokes run along an edge of the picture, or lie wholly near one, bool `(n,)`."""
    boxes, labels, shape = strokes.boxes[1:], strokes.labels, strokes.labels.shape
    along = np.bincount(border_of(labels), minlength=len(strokes.boxes))[1:]
    rim = RIM * max(shape)
    far = np.array([shape[0] - rim, shape[1] - rim])
    near = np.any((boxes[:, 2:] < rim) | (boxes[:, :2] > far), axis=1)
    lengths = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
    on_rim: np.ndarray = near | (along >= ALONG * lengths)
    # Where nothing else is written, what reaches all four edges is a tightly cut digit.
    if on_rim.any() and not (lengths[~on_rim] >= SMALLEST * max(shape)).any():
        tight = (_bounds(boxes) == (0, 0, *shape)).all() & (lengths >= CROPPED * min(shape))
        on_rim &= ~tight
    return on_rim


def _slope(centres: np.ndarray, height: float) -> float:
    """How steeply lines run, in rows a column: as most strokes stand to the next on the right."""
    apart = centres[None] - centres[:, None]  # (n, n, 2), from each to each.
    down, right = apart[..., 0], apart[..., 1]
    ahead = (right > height / 4) & (abs(down) < STEEPEST * right)
    nearest = np.where(ahead, right + 2 * abs(down), np.inf).argmin(axis=1)
    rows = np.flatnonzero(ahead.any(axis=1))
    if not len(rows):
        return 0.0
    return float(np.median(down[rows, nearest[rows]] / right[rows, nearest[rows]]))


def _groups(row: list[int], boxes: np.ndarray, tall: np.ndarray, reach: float) -> list[list[int]]:
    """The boxes of a line, from left to right, those of low parts with what they lie above."""
    groups = [[box] for box in row if tall[box]]
    bounds = [tuple(boxes[box].tolist()) for box in row if tall[box]]
    parts = [box for box in row if not tall[box]]
    for part in sorted(parts, key=lambda box: boxes[box, 1] - boxes[box, 3]):
        top, left, bottom, right = boxes[part].tolist()
        for number, (highest, first, lowest, last) in enumerate(bounds):
            shared = min(right, last) - max(left, first)
            gap = max(top, highest) - min(bottom, lowest)
            if shared >= ABOVE * min(right - left, last - first) and gap < reach:
                groups[number].append(part)
                bounds[number] = (
                    min(top, highest),
                    min(left, first),
                    max(bottom, lowest),
                    max(right, last),
                )
                break
        else:
            groups.append([part])
            bounds.append((top, left, bottom, right))
    return sorted(groups, key=lambda group: int(_bounds(boxes[group])[1::2].sum()))


def _join(strokes: Writing, lines: list[list[list[int]]]) -> tuple[Writing, list[Line]]:
    """Make one piece of each group of boxes, and of each line one or several numbers."""
    piece = np.zeros(len(strokes.boxes), np.int32)
    boxes = [strokes.boxes[0]]
    joined = []
    for row, groups in enumerate(lines):
        first = len(boxes)
        for group in groups:
            members = np.array(group) + 1
            piece[members] = len(boxes)
            boxes.append(_bounds(strokes.boxes[members]))
        height = usual_height([bottom - top for top, _, bottom, _ in boxes[first:]])
        start = first
        for place in range(first + 1, len(boxes) + 1):
            last = place == len(boxes)
            if last or boxes[place][1] - boxes[place - 1][3] > PARTED * height:
                joined.append(Line([*range(start, place)], height, row=row))
                start = place
    return Writing(strokes.ink, piece.take(strokes.labels), np.array(boxes)), joined
