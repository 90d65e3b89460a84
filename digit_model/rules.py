"""Marks -> those of them that are the paper's printed rules or squares."""

import numpy as np
from scipy import ndimage

BLOCKS = 150  # In the picture's longer side, in which lines are looked for, if one then
PIXELS = (2, 4)  # is so many pixels wide, at least and at most.
SLOPES = np.linspace(-0.25, 0.25, 101)  # Paper is rarely photographed more askew.
SHORTEST = 80  # Pixels, and
STRIP = 0.6  # of the other side: a shorter way from side to side may be a stroke's.
COVER = 0.6  # Share of its way that a line must be marked, because of dots and faint stretches.
PARTIAL = 0.25  # Of the picture's width: lines that leave it sooner cut off but a corner.
END = 0.02  # Share of its way at either end that it must reach into: strokes rarely do.
BORDER = 0.03  # Of the picture: a line this near its edge may be a digit that fills it.
REACH = 2  # Blocks to either side of a line that its thickness and the paper's bend take up.
LOW = 0.5  # Of its width: so low a picture holds a number, of which no stroke is as wide,
BARE = 0.5  # but all may cover a line: for such a share of its way, a rule has no stroke near.
THICKER = 1.7  # Times a rule's median thickness, and a pixel for rounding: more is a stroke.
DARKER = 1.6  # Times a rule's median darkness: more is a stroke.
STROKE = 5  # Pixels along a rule: shorter thick or dark stretches are its own dots and grain.


def find_rules(marks: np.ndarray, density: np.ndarray) -> np.ndarray:
    """Find the lines that run from one side of the picture to the other.

    They come from a Hough transform (Duda and Hart, 1972). Where a stroke
    crosses a line, or is darker or thicker than it, the stroke keeps its pixels.

    Args:
        marks: bool `(height, width)`, what is not paper.
        density: `(height, width)`, how dark the marks are, on any scale.

    Returns:
        bool `(height, width)`, true where there is nothing but a rule.
    """
    rules = np.zeros_like(marks)
    block = int(np.clip(max(marks.shape) // BLOCKS, *PIXELS))
    _find_level_rules(marks, density, rules, block)
    _find_level_rules(marks.T, density.T, rules.T, block)
    return rules


def _find_level_rules(
    marks: np.ndarray, density: np.ndarray, rules: np.ndarray, block: int
) -> None:
    height, width = marks.shape
    reach = REACH * block
    if width < max(SHORTEST, STRIP * height):
        return
    lines = _level_lines(marks, block)
    middles = [start + slope * width / 2 for start, slope in lines]
    inner = [row for row in middles if BORDER * height < row < (1 - BORDER) * height]
    low = height <= LOW * width
    if not low and (not inner or np.ptp(inner) <= 2 * reach):
        return  # A lone line is a stroke: paper has many.
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
        if not plain.any() or (low and plain.mean() < BARE):
            continue
        stroke = (
            crossed
            | (thickness > THICKER * np.median(thickness[plain]) + 1)
            | (darkness > DARKER * np.median(darkness[plain]))
        )
        strip &= ~ndimage.binary_opening(stroke, np.ones(STROKE))
        across, along = np.nonzero(strip)
        rules[rows[across, along], along] = True


def _level_lines(marks: np.ndarray, block: int) -> list[tuple[float, float]]:
    """Lines that are nearly level, each as its row at column 0 and its slope.

    They run from side to side; beside several such, one as askew may leave at top or bottom.
    """
    height, width = (side // block for side in marks.shape)
    end = max(2, round(END * width))
    marks = marks[: height * block, : width * block]
    if not (marks[:, : end * block].any() and marks[:, -end * block :].any()):
        return []
    y, x = np.nonzero(marks.reshape(height, block, width, block).any(axis=(1, 3)))
    margin = round(SLOPES.max() * width) + 1
    size = height + 2 * margin
    # Of each slope and start: marked blocks on the way, and at either end of it enough of them.
    count = np.zeros((len(SLOPES), size), int)
    first, last = np.zeros((2, len(SLOPES), size), bool)
    for row, slope in enumerate(SLOPES):
        start = np.rint(y - slope * x).astype(int) + margin
        count[row] = np.bincount(start, minlength=size)
        first[row] = np.bincount(start[x < end], minlength=size) >= end / 2
        last[row] = np.bincount(start[x >= width - end], minlength=size) >= end / 2
    rows, starts = _summits(count / width * (first & last))
    if len(rows) > 1:
        middle = int(np.median(rows))
        alike = np.arange(max(0, middle - 1), min(len(SLOPES), middle + 2))
        way = np.arange(size)[:, None] - margin + SLOPES[alike, None, None] * np.arange(width)
        inside = (way >= 0) & (way < height)  # (slopes, starts, columns)
        long = inside.sum(axis=2)
        reached = (first[alike] | ~inside[..., 0]) & (last[alike] | ~inside[..., -1])
        reached &= (long >= PARTIAL * width) & ~inside.all(axis=2)
        more, places = _summits(count[alike] / long.clip(1) * reached)
        rows, starts = np.append(rows, alike[more]), np.append(starts, places)
    return [
        ((start - margin + 0.5) * block, float(SLOPES[row]))
        for row, start in zip(rows.tolist(), starts.tolist(), strict=True)
    ]


def _summits(cover: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The slopes and starts of lines that are covered, of each strip the best."""
    strip = 2 * REACH + 1
    summits = cover == ndimage.maximum_filter(cover, (len(SLOPES), strip))
    rows, starts = np.nonzero(summits & (cover >= COVER))
    return rows, starts
