"""Photos of paper that somebody wrote on, or nobody."""

import numpy as np
from PIL import Image, ImageDraw


def take_photo(drawing: Image.Image | None, seed: int = 0) -> np.ndarray:
    """A drawing, or none, on grainy paper with light from one side and a dark corner."""
    random = np.random.default_rng(seed)
    height, width = 750, 1000
    y, x = np.indices((height, width))
    light = 120 + 0.1 * x - 70 * np.exp(-((x - width) ** 2 + (y - height) ** 2) / 2e5)
    left = np.ones((height, width))
    if drawing is not None:
        left[100:650, 225:775] = np.asarray(drawing.resize((550, 550))) / 255
    noise = random.normal(0, 3, (height, width))
    photo: np.ndarray = (light * left + noise).clip(0, 255).astype(np.uint8)
    return photo


def print_rules(image: np.ndarray, pitch: int = 90, upright: bool = False) -> np.ndarray:
    """The picture with rules across it, and down it as well if upright."""
    picture = Image.fromarray(image).convert("RGB")
    pencil = ImageDraw.Draw(picture)
    for start in range(30, 1000, pitch):
        pencil.line((0, start, 1000, start + 25), fill=(90, 110, 150), width=3)
        if upright:
            pencil.line((start, 0, start - 20, 750), fill=(90, 110, 150), width=3)
    return np.asarray(picture)
