"""Marks -> those of them that are the paper's printed rules or squares."""

import numpy as np
from scipy import ndimage

BLOCKS = 150  # In the picture's longer side, in which lines are looked for, if one then
PIXELS = (2, 4)  # is so many pixels wide, at least and at most.
SLOPES = np.linspace(-0.3, 0.3, 121)  # Paper is rarely photographed more askew.
SHORTEST = 80  # Pixels, and
STRIP = 0.6  # of the other side: a shorter way from side to side may be a stroke's.
COVER = 0.6  # Share of its way that a line must be marked, because of dots and faint stretches.
WHOLE = 0.95  # Of the longest way as steep over the sheet: shorter ones leave at top or bottom,
PARTIAL = 0.25  # or cut off but a corner, shorter than so much of the picture's width.
END = 0.02  # Share of its way at either end that it must reach into: strokes rarely do.
BORDER = 0.03  # Of the picture: a line this near its edge may be a digit that fills it.
REACH = 2  # Blocks to either side of a line that its thickness and the paper's bend take up.
LOW = 0.5  # Of its width: so low a picture holds a number, so that a lone level line is a rule.
BARE = 0.5  # Of its way: for so much of it, in so low a picture, a rule has no stroke near.
THICKER = 1.7  # Times a rule's median thickness, and a pixel for rounding: more is a stroke.
DARKER = 1.6  # Times a rule's median darkness: more is a stroke.
STROKE = 5  # Pixels along a rule: shorter thick or dark stretches are its own dots and grain.


def find_ruled_lines(marks: np.ndarray, density: np.ndarray, sheet: np.ndarray) -> np.ndarray:
    """Find the lines that run from one side of the sheet to the other.

    They come from a Hough transform (Duda and Hart, 1972). Where a stroke
    crosses a line, or is darker or thicker than it, the stroke keeps its pixels.

    Args:
        marks: bool `(height, width)`, what is not paper.
        density: `(height, width)`, how dark the marks are, on any scale.
        sheet: bool `(height, width)`, where the paper lies; in one piece.

    Returns:
        bool `(height, width)`, true where there is nothing but a rule.
    """
    block = int(np.clip(max(marks.shape) // BLOCKS, *PIXELS))
    level = _find_level_lines(marks, sheet, block)
    upright = _find_level_lines(marks.T, sheet.T, block)
    ruled = _are_many(level, marks.shape, block)
    columned = _are_many(upright, marks.T.shape, block)
    low = marks.shape[0] <= LOW * marks.shape[1]
    rules = np.zeros_like(marks)
    # A lone line is a stroke, for paper has many, but across many others it is their margin.
    if ruled or columned or low:
        _mark_level_rules(rules, level, marks, density, block, bare=low)
    if ruled or columned:
        _mark_level_rules(rules.T, upright, marks.T, density.T, block, bare=False)
    return rules


def _are_many(lines: list[tuple[float, float]], shape: tuple[int, ...], block: int) -> bool:
    """Whether lines lie apart, inside marks of that shape."""
    height, width = shape
    middles = [start + slope * width / 2 for start, slope in lines]
    inner = [row for row in middles if BORDER * height < row < (1 - BORDER) * height]
    return bool(inner) and float(np.ptp(inner)) > 2 * REACH * block


def _mark_level_rules(
    rules: np.ndarray,
    lines: list[tuple[float, float]],
    marks: np.ndarray,
    density: np.ndarray,
    block: int,
    bare: bool,
) -> None:
    """Set `rules` where there is nothing but one of these lines."""
    height, width = marks.shape
    reach = REACH * block
    columns = np.arange(width)
    for start, slope in lines:
        centre = np.rint(start + slope * columns).astype(int)
        rows = centre + np.arange(-reach, reach + 1)[:, None]
        inside = (rows >= 0) & (rows < height)
        rows = rows.clip(0, height - 1)
        strip = marks[rows, columns] & inside  # (2 * reach + 1, width)
        thickness = strip.sum(axis=0)
        darkness = np.where(strip, density[rows, columns], 0).max(axis=0)
        crossed = strip[0] | strip[-1]
        plain = (thickness > 0) & ~crossed
        if not plain.any() or (bare and plain.mean() < BARE):
            continue
        stroke = (
            crossed
            | (thickness > THICKER * np.median(thickness[plain]) + 1)
            | (darkness > DARKER * np.median(darkness[plain]))
        )
        strip &= ~ndimage.binary_opening(stroke, np.ones(STROKE))
        across, along = np.nonzero(strip)
        rules[rows[across, along], along] = True


def _find_level_lines(
    marks: np.ndarray, sheet: np.ndarray, block: int
) -> list[tuple[float, float]]:
    """Lines that are nearly level, each as its row at column 0 and its slope.

    They run from side to side; beside several such, one as askew may end or leave sooner.
    """
    if marks.shape[1] < max(SHORTEST, STRIP * marks.shape[0]):
        return []
    height, width = (side // block for side in marks.shape)
    marks = marks[: height * block, : width * block]
    if not marks.any():
        return []
    parts = [marks[top::block, left::block] for top, left in np.ndindex(block, block)]
    y, x = np.nonzero(np.logical_or.reduce(parts))
    sheet = sheet[block // 2 :: block, block // 2 :: block][:height, :width]
    edges = _reach(sheet.T)
    left, right = _reach(sheet)
    end = max(2, round(END * width))
    at_left, at_right = x < left[y] + end, x >= right[y] - end
    if not (at_left.any() and at_right.any()):
        return []
    margin = round(SLOPES.max() * width) + 1
    size = height + 2 * margin
    # Of each slope and start: its way, marked blocks on it, and at either end of it enough of them.
    way, count = np.zeros((2, len(SLOPES), size), int)
    first, last = np.zeros((2, len(SLOPES), size), bool)
    columns = np.arange(width)
    for row, slope in enumerate(SLOPES):
        # Each column is on the way of the lines from here to there.
        here, there = (np.rint(edge - slope * columns).astype(int) + margin for edge in edges)
        way[row] = np.cumsum(np.bincount(here, minlength=size) - np.bincount(there, minlength=size))
        start = np.rint(y - slope * x).astype(int) + margin
        count[row] = np.bincount(start, minlength=size)
        first[row] = np.bincount(start[at_left], minlength=size) >= end / 2
        last[row] = np.bincount(start[at_right], minlength=size) >= end / 2
    cover = count / way.clip(1)
    whole = way >= WHOLE * way.max(axis=1, keepdims=True)
    rows, starts = _summits(cover * (first & last & whole))
    if len(rows) > 1:
        middle = int(np.median(rows))
        alike = np.arange(max(0, middle - 1), min(len(SLOPES), middle + 2))
        more, places = _summits((cover * (way >= PARTIAL * width))[alike])
        rows, starts = np.append(rows, alike[more]), np.append(starts, places)
    # Some are found both ways.
    found = dict.fromkeys(zip(rows.tolist(), starts.tolist(), strict=True))
    return [((start - margin + 0.5) * block, float(SLOPES[row])) for row, start in found]


def _reach(sheet: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where in each row the sheet begins, and where it is over."""
    bare = ~sheet.any(axis=1)
    first, last = sheet.argmax(axis=1), sheet.shape[1] - sheet[:, ::-1].argmax(axis=1)
    last[bare] = 0
    return first, last


def _summits(cover: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The slopes and starts of lines that are covered, of each strip the best."""
    strip = 2 * REACH + 1
    summits = cover == ndimage.maximum_filter(cover, (len(SLOPES), strip))
    rows, starts = np.nonzero(summits & (cover >= COVER))
    return rows, starts
