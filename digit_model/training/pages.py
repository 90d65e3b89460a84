"""Pages of numbers that people wrote, as a scanner or a camera sees them."""

import io
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from digit_model.training.blanks import cast_light
from digit_model.training.strokes import draw_stroke

SIZES = (1200, 1600), (1600, 1200)  # Pixels.
LINES = 2, 8  # Of numbers, at least and at most, one each.
HEIGHTS = 0.3, 0.6  # Of the digits, of a line's share of the page,
HIGHEST = 150  # and at most so many pixels.
MARGIN = 0.07  # Of the page's width, before the lines, and as much after the longest.
PENS = 3, 8  # Pixels.
INKS = (20, 20, 25), (25, 40, 140), (90, 90, 95), (160, 30, 30)
SCANNER_WHITE = (255, 255, 255)  # Fills the corners of what it straightened.


def photograph_pages(
    written: Sequence[dict[str, Any]], count: int, seed: int
) -> Iterator[tuple[bytes, list[str]]]:
    """Pages, scanned and photographed by turns.

    Args:
        written: numbers, each with its `label` and its pen `strokes`, lists of `[x, y]`.
        count: how many pages.
        seed: of the layout, the pens and the light.

    Yields:
        A page as a JPEG file, and its numbers from top to bottom.
    """
    random = np.random.default_rng(seed)
    for page in range(count):
        width, height = SIZES[random.integers(len(SIZES))]
        chosen = random.choice(len(written), random.integers(*LINES, endpoint=True))
        numbers = [written[number] for number in chosen]
        paper = (*random.integers(235, 256, 2).tolist(), 235)
        image = Image.new("RGB", (width, height), paper)
        _write(image, [number["strokes"] for number in numbers], random)
        image = image.rotate(
            random.normal(0, 1.5), Image.Resampling.BICUBIC, fillcolor=SCANNER_WHITE
        ).filter(ImageFilter.GaussianBlur(random.uniform(0.4, 1.4)))
        if page % 2:
            light = cast_light(image.size, random)[..., None] * random.uniform(0.7, 1, 3)
            photo = np.asarray(image) * light + random.normal(0, 3, (height, width, 1))
            image = Image.fromarray(photo.clip(0, 255).astype(np.uint8))
        file = io.BytesIO()
        image.save(file, "JPEG", quality=int(random.integers(50, 95)))
        yield file.getvalue(), [number["label"] for number in numbers]


def _write(
    page: Image.Image, numbers: list[list[list[list[float]]]], random: np.random.Generator
) -> None:
    """Write numbers on a page, one a line."""
    pencil = ImageDraw.Draw(page)
    line = page.height / (len(numbers) + 1)
    usual = min(HIGHEST, line * random.uniform(*HEIGHTS))
    pen, ink = float(random.integers(*PENS, endpoint=True)), INKS[random.integers(len(INKS))]
    for place, strokes in enumerate(numbers, start=1):
        points = np.concatenate([np.array(stroke, float) for stroke in strokes])
        low = points.min(axis=0)
        wide, high = np.maximum(points.max(axis=0) - low, 1)
        scale = min(usual * random.uniform(0.85, 1.15) / high, (1 - 2 * MARGIN) * page.width / wide)
        left = MARGIN * page.width * random.uniform(0.5, 1)
        start = np.array([left, line * place - scale * high / 2])
        for stroke in strokes:
            draw_stroke(pencil, (np.array(stroke, float) - low) * scale + start, pen, ink)
