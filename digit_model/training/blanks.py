"""Pictures without writing: photos of blank paper, blank canvases, and canvases with one dot."""

from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

IMAGE_SIZE = 640, 480  # Width and height in pixels.
SHEET_KINDS = ("plain", "ruled", "squared", "dotted")


def photograph_blanks(count: int, seed: int) -> Iterator[Image.Image]:
    """Yield photos of blank sheets in uneven light, mode "RGB", 640x480 pixels."""
    random = np.random.default_rng(seed)
    for number in range(count):
        yield _photograph_sheet(SHEET_KINDS[number % len(SHEET_KINDS)], random)


def draw_blanks() -> Iterator[Image.Image]:
    """Yield a blank canvas, then canvases with one dot, of six sizes in three places; mode "L"."""
    yield Image.new("L", IMAGE_SIZE, "white")
    for radius in (1, 2, 4, 7, 10, 13):
        for x, y in ((320, 240), (40, 60), (600, 440)):
            canvas = Image.new("L", IMAGE_SIZE, "white")
            ImageDraw.Draw(canvas).ellipse((x - radius, y - radius, x + radius, y + radius), 0)
            yield canvas


def cast_light(size: tuple[int, int], random: np.random.Generator) -> np.ndarray:
    """Make light that falls off to one side, and in half of the cases a shadow with a soft edge.

    Args:
        size: width and height in pixels.
        random: draws the directions, the strengths and the softness.

    Returns:
        float `(height, width)`, the share of the light that arrives, up to 1.
    """
    y, x = np.mgrid[0 : size[1], 0 : size[0]] / size[0]
    angle = random.uniform(0, 2 * np.pi)
    light: np.ndarray = 1 - random.uniform(0, 0.5) * (x * np.cos(angle) + y * np.sin(angle)).clip(0)
    if random.random() < 0.5:
        angle = random.uniform(0, 2 * np.pi)
        across = (x - 0.5) * np.cos(angle) + (y - 0.4) * np.sin(angle)
        light *= 1 - random.uniform(0.2, 0.5) / (1 + np.exp(-across * random.uniform(15, 150)))
    return light


def _photograph_sheet(kind: str, random: np.random.Generator) -> Image.Image:
    paper = Image.new("RGB", IMAGE_SIZE, (255, 255, int(random.integers(225, 256))))
    pencil = ImageDraw.Draw(paper)
    step, slope = random.uniform(24, 60), random.uniform(-0.05, 0.05)
    colour = tuple(random.integers((120, 140, 180), (190, 200, 230)).tolist())
    width = int(random.integers(1, 4))
    places = np.arange(-IMAGE_SIZE[0], 2 * IMAGE_SIZE[0], step)
    for place in places if kind in ("ruled", "squared") else []:
        pencil.line((0, place, IMAGE_SIZE[0], place + slope * IMAGE_SIZE[0]), colour, width)
        if kind == "squared":
            pencil.line((place, 0, place - slope * IMAGE_SIZE[1], IMAGE_SIZE[1]), colour, width)
    if kind == "dotted":
        for x in np.arange(step / 2, IMAGE_SIZE[0], step):
            for y in np.arange(step / 2, IMAGE_SIZE[1], step):
                pencil.ellipse((x - width / 2, y - width / 2, x + width, y + width), colour)
    light = cast_light(IMAGE_SIZE, random)
    photo = np.asarray(paper.filter(ImageFilter.GaussianBlur(random.uniform(0.3, 1.2))), float)
    photo = photo * light[..., None] * random.uniform(0.6, 0.95, 3) ** random.uniform(0, 1)
    photo += random.normal(0, random.uniform(0.5, 6), photo.shape)
    return Image.fromarray(photo.clip(0, 255).astype(np.uint8))
