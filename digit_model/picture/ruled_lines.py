"""Ink -> the parts of it that are printed lines or squares of the paper."""

import numpy as np
from scipy import ndimage

BLOCKS_PER_SIDE = 150  # Blocks along the picture's longer side, in which lines are looked for.
BLOCK_RANGE = (2, 4)  # Pixels, the smallest and the largest side of a block.
SLOPES = np.linspace(-0.3, 0.3, 121)  # Rows per column; paper is rarely photographed more askew.
MIN_WIDTH = 80  # Pixels: in a narrower picture, a line from side to side may be a stroke.
MIN_WIDTH_TO_HEIGHT = 0.6  # Width divided by height; in a narrower picture it may be a stroke too.
MIN_COVER = 0.6  # Share of a line's blocks that hold ink; printed lines may be dotted or faint.
MIN_PATH_TO_LONGEST = 0.95  # Share of a slope's longest path; shorter ones leave at top or bottom.
MIN_PATH_TO_WIDTH = 0.25  # Share of the width, for a parallel line; shorter ones cut off a corner.
END_TO_WIDTH = 0.02  # Share of the width: each end of a line lies this near the sheet's side.
BORDER_SHARE = 0.03  # Share of the height: nearer an edge, a line may be a large digit's.
LINE_REACH = 2  # Blocks to either side of a line that its thickness and the paper's bend take.
MAX_LOW_TO_WIDTH = 0.5  # Height divided by width; in a picture as low, a lone line is printed too.
MIN_BARE_SHARE = 0.5  # Share of a line, in so low a picture, that no stroke crosses.
STROKE_TO_THICKNESS = 1.7  # Times the line's median thickness, plus a pixel; a stroke is thicker.
STROKE_TO_DARKNESS = 1.6  # Times the line's median darkness; a stroke is darker.
MIN_STROKE_LENGTH = 5  # Pixels along a line; shorter dark or thick stretches are dots and grain.


def find_ruled_lines(inked: np.ndarray, density: np.ndarray, sheet: np.ndarray) -> np.ndarray:
    """Find the lines that run from one side of the sheet to the other.

    Lines are found by a Hough transform (Duda and Hart, 1972). Where a stroke crosses
    a line, or is darker or thicker than it, the pixels stay the stroke's.

    Args:
        inked: bool `(height, width)`, true where it is not paper.
        density: `(height, width)`, how dark the ink is, on any scale.
        sheet: bool `(height, width)`, where the paper is; one connected component.

    Returns:
        bool `(height, width)`, true where there is only a printed line.
    """
    block = int(np.clip(max(inked.shape) // BLOCKS_PER_SIDE, *BLOCK_RANGE))
    level = _find_level_lines(inked, sheet, block)
    upright = _find_level_lines(inked.T, sheet.T, block)
    ruled = _lie_apart(level, inked.shape, block)
    columned = _lie_apart(upright, inked.T.shape, block)
    low = inked.shape[0] <= MAX_LOW_TO_WIDTH * inked.shape[1]
    rules = np.zeros_like(inked)
    # Paper has many lines, so a lone one is a stroke. Across many others it is their margin.
    if ruled or columned or low:
        _mark_level_rules(rules, level, inked, density, block, bare=low)
    if ruled or columned:
        _mark_level_rules(rules.T, upright, inked.T, density.T, block, bare=False)
    return rules


def _lie_apart(lines: list[tuple[float, float]], shape: tuple[int, ...], block: int) -> bool:
    """Whether several lines lie apart inside a picture of that shape."""
    height, width = shape
    middles = [start + slope * width / 2 for start, slope in lines]
    inner = [row for row in middles if BORDER_SHARE * height < row < (1 - BORDER_SHARE) * height]
    return bool(inner) and float(np.ptp(inner)) > 2 * LINE_REACH * block


def _mark_level_rules(
    rules: np.ndarray,
    lines: list[tuple[float, float]],
    inked: np.ndarray,
    density: np.ndarray,
    block: int,
    bare: bool,
) -> None:
    """Set `rules` to true where there is only one of these lines."""
    height, width = inked.shape
    reach = LINE_REACH * block
    columns = np.arange(width)
    for start, slope in lines:
        centre = np.rint(start + slope * columns).astype(int)
        rows = centre + np.arange(-reach, reach + 1)[:, None]
        inside = (rows >= 0) & (rows < height)
        rows = rows.clip(0, height - 1)
        strip = inked[rows, columns] & inside  # (2 * reach + 1, width)
        thickness = strip.sum(axis=0)
        darkness = np.where(strip, density[rows, columns], 0).max(axis=0)
        crossed = strip[0] | strip[-1]
        plain = (thickness > 0) & ~crossed
        if not plain.any() or (bare and plain.mean() < MIN_BARE_SHARE):
            continue
        stroke = (
            crossed
            | (thickness > STROKE_TO_THICKNESS * np.median(thickness[plain]) + 1)
            | (darkness > STROKE_TO_DARKNESS * np.median(darkness[plain]))
        )
        strip &= ~ndimage.binary_opening(stroke, np.ones(MIN_STROKE_LENGTH))
        across, along = np.nonzero(strip)
        rules[rows[across, along], along] = True


def _find_level_lines(
    inked: np.ndarray, sheet: np.ndarray, block: int
) -> list[tuple[float, float]]:
    """Find nearly level lines, each as its row at column 0 and its slope.

    They run from side to side. Beside several of these, a parallel line may be shorter.
    """
    if inked.shape[1] < max(MIN_WIDTH, MIN_WIDTH_TO_HEIGHT * inked.shape[0]):
        return []
    height, width = (side // block for side in inked.shape)
    inked = inked[: height * block, : width * block]
    if not inked.any():
        return []
    parts = [inked[top::block, left::block] for top, left in np.ndindex(block, block)]
    y, x = np.nonzero(np.logical_or.reduce(parts))
    sheet = sheet[block // 2 :: block, block // 2 :: block][:height, :width]
    edges = _find_extent(sheet.T)
    left, right = _find_extent(sheet)
    end = max(2, round(END_TO_WIDTH * width))
    at_left, at_right = x < left[y] + end, x >= right[y] - end
    if not (at_left.any() and at_right.any()):
        return []
    margin = round(SLOPES.max() * width) + 1
    size = height + 2 * margin
    # For each slope and start: blocks on the sheet, those with ink, and whether both ends have ink.
    path, count = np.zeros((2, len(SLOPES), size), int)
    first, last = np.zeros((2, len(SLOPES), size), bool)
    columns = np.arange(width)
    for row, slope in enumerate(SLOPES):
        # In each column, the sheet holds the lines that start at low or later, before high.
        low, high = (np.rint(edge - slope * columns).astype(int) + margin for edge in edges)
        path[row] = np.cumsum(np.bincount(low, minlength=size) - np.bincount(high, minlength=size))
        start = np.rint(y - slope * x).astype(int) + margin
        count[row] = np.bincount(start, minlength=size)
        first[row] = np.bincount(start[at_left], minlength=size) >= end / 2
        last[row] = np.bincount(start[at_right], minlength=size) >= end / 2
    cover = count / path.clip(1)
    is_whole = path >= MIN_PATH_TO_LONGEST * path.max(axis=1, keepdims=True)
    rows, starts = _find_peaks(cover * (first & last & is_whole))
    if len(rows) > 1:
        middle = int(np.median(rows))
        near = np.arange(max(0, middle - 1), min(len(SLOPES), middle + 2))
        extra, extra_starts = _find_peaks((cover * (path >= MIN_PATH_TO_WIDTH * width))[near])
        rows, starts = np.append(rows, near[extra]), np.append(starts, extra_starts)
    # A dict drops the lines that are found twice.
    found = dict.fromkeys(zip(rows.tolist(), starts.tolist(), strict=True))
    return [((start - margin + 0.5) * block, float(SLOPES[row])) for row, start in found]


def _find_extent(sheet: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find the first column of the sheet in each row, and the column after its last."""
    is_empty = ~sheet.any(axis=1)
    first, last = sheet.argmax(axis=1), sheet.shape[1] - sheet[:, ::-1].argmax(axis=1)
    last[is_empty] = 0
    return first, last


def _find_peaks(cover: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find the slopes and starts of covered lines: the best within each strip of starts."""
    strip = 2 * LINE_REACH + 1
    peaks = cover == ndimage.maximum_filter(cover, (len(SLOPES), strip))
    rows, starts = np.nonzero(peaks & (cover >= MIN_COVER))
    return rows, starts
