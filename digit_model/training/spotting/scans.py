"""Scans a number as if it stood on a cheque."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

MIN_INK = 100  # Ink level from which a pixel belongs to the number.
DASH_SHARE = 0.4  # Share of numbers with a dash or two behind them, which close a sum of money.
DASH_LEVELS = 0.4, 0.5, 0.6  # Heights of dashes, as shares of the number's height, from its top.
# Shares of numbers with a printed line below, above, at the left and at the right.
RULE_SHARES = 0.5, 0.2, 0.12, 0.12


def scan_string(string: np.ndarray, random: np.random.Generator) -> Image.Image:
    """Scan a number on grainy paper with printed lines.

    Args:
        string: uint8 `(height, width)`, 0 (paper) to 255 (full ink).
        random: draws the size, the lines, the light and the grain.

    Returns:
        Mode "L", 1.5 to 4 times as large, with a margin.
    """
    ink = Image.fromarray(np.pad(string, random.integers(2, 26, (2, 2))))
    scale = random.uniform(1.5, 4)
    size = round(scale * ink.width), round(scale * ink.height)
    ink = ink.resize(size, Image.Resampling.BICUBIC)
    box = ink.point(lambda level: 255 * (level > MIN_INK)).getbbox() or (0, 0, 0, 0)
    _write_dashes(ink, box, max(1, round(scale * random.uniform(0.6, 2.2))), random)
    rules = _print_rules(size, box, random)
    seen = np.maximum(random.uniform(0.6, 1) * np.asarray(ink), np.asarray(rules)) / 255
    light = random.normal(0, 15) * np.linspace(-1, 1, size[0])
    grain = random.normal(0, random.uniform(0, 8), seen.shape)
    paper = random.uniform(150, 245) + light + grain
    picture = paper + (random.uniform(10, 90) - paper) * seen
    scan = Image.fromarray(picture.clip(0, 255).astype(np.uint8))
    return scan.filter(ImageFilter.GaussianBlur(random.uniform(0.2, 1)))


def _write_dashes(
    ink: Image.Image, box: tuple[int, int, int, int], pen: int, random: np.random.Generator
) -> None:
    """Write dashes behind some numbers, whose left, top, right, bottom is the box."""
    _, top, right, bottom = box
    height = bottom - top
    if random.random() < DASH_SHARE:
        for level in random.choice(DASH_LEVELS, random.integers(1, 3), replace=False):
            y = top + level * height
            ends = right + 0.1 * height, y, right + 0.4 * height, y + random.normal(0, 2)
            ImageDraw.Draw(ink).line(ends, fill=255, width=pen)


def _print_rules(
    size: tuple[int, int], box: tuple[int, int, int, int], random: np.random.Generator
) -> Image.Image:
    """Print lines around a number, white on black."""
    rules = Image.new("L", size)
    left, top, right, bottom = box
    height = bottom - top
    rows = bottom + height * random.uniform(-0.12, 0.3), top - height * random.uniform(0, 0.3)
    columns = left - 0.25 * height, right + 0.3 * height
    lines = [(0.0, y, float(size[0]), y + random.normal(0, 2)) for y in rows]
    lines += [(x, 0.0, x, float(size[1])) for x in columns]
    for line, share in zip(lines, RULE_SHARES, strict=True):
        if random.random() < share:
            level, width = random.integers((80, 1), (256, 4)).tolist()
            ImageDraw.Draw(rules).line(line, fill=level, width=width)
    return rules
