"""Makes scans and photos of pages from numbers that people wrote."""

import io
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from digit_model.training.blanks import cast_light
from digit_model.training.strokes import draw_stroke

PAGE_SIZES = (1200, 1600), (1600, 1200)  # Width and height in pixels.
LINE_COUNT_RANGE = 2, 8  # Lines on a page; each line is one number.
DIGIT_TO_LINE_RANGE = 0.3, 0.6  # Height of digits, as a share of the distance of lines.
MAX_DIGIT_HEIGHT = 150  # Pixels.
MARGIN_TO_WIDTH = 0.07  # Largest left margin and smallest right margin, as a share of the width.
PEN_WIDTHS = 3, 8  # Pixels.
INKS = (20, 20, 25), (25, 40, 140), (90, 90, 95), (160, 30, 30)
SCANNER_WHITE = (255, 255, 255)  # Fills the corners of a rotated page.


def photograph_pages(
    written: Sequence[dict[str, Any]], count: int, seed: int
) -> Iterator[tuple[bytes, list[str]]]:
    """Yield pages, alternately scanned and photographed.

    Args:
        written: numbers, each with its `label` and its pen `strokes`, lists of `[x, y]`.
        count: how many pages to make.
        seed: of the layout, the pens and the light.

    Yields:
        A page as a JPEG file, and its numbers from top to bottom.
    """
    random = np.random.default_rng(seed)
    for page in range(count):
        width, height = PAGE_SIZES[random.integers(len(PAGE_SIZES))]
        chosen = random.choice(len(written), random.integers(*LINE_COUNT_RANGE, endpoint=True))
        numbers = [written[number] for number in chosen]
        paper = (*random.integers(235, 256, 2).tolist(), 235)
        image = Image.new("RGB", (width, height), paper)
        _write_numbers(image, [number["strokes"] for number in numbers], random)
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


def _write_numbers(
    page: Image.Image, numbers: list[list[list[list[float]]]], random: np.random.Generator
) -> None:
    """Write numbers on a page, one per line."""
    pencil = ImageDraw.Draw(page)
    line_distance = page.height / (len(numbers) + 1)
    usual_height = min(MAX_DIGIT_HEIGHT, line_distance * random.uniform(*DIGIT_TO_LINE_RANGE))
    pen, ink = float(random.integers(*PEN_WIDTHS, endpoint=True)), INKS[random.integers(len(INKS))]
    for place, strokes in enumerate(numbers, start=1):
        points = np.concatenate([np.array(stroke, float) for stroke in strokes])
        low = points.min(axis=0)
        wide, high = np.maximum(points.max(axis=0) - low, 1)
        scale = min(
            usual_height * random.uniform(0.85, 1.15) / high,
            (1 - 2 * MARGIN_TO_WIDTH) * page.width / wide,
        )
        left = MARGIN_TO_WIDTH * page.width * random.uniform(0.5, 1)
        start = np.array([left, line_distance * place - scale * high / 2])
        for stroke in strokes:
            draw_stroke(pencil, (np.array(stroke, float) - low) * scale + start, pen, ink)
