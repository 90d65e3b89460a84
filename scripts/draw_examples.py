"""Draw the examples on the web page: python -m scripts.draw_examples."""

import io
import json
from pathlib import Path

import numpy as np
from PIL import Image

from digit_model.training.pages import photograph_pages
from digit_model.training.strokes import draw_style
from digit_model.training.styles import STYLES

FOLDER = Path(__file__).parents[1] / "digit_model" / "page"
PAPER_SIZE = np.array([480, 320])  # Width and height of the sketchpad, in pixels.
SEED = 4
PHOTO_SEED = 21  # Gives a page in uneven light.
PHOTO_SIDE = 900  # Pixels; longest side of the photo.
# The key of a drawing's name, its digits each with a style, and the pen's width.
DRAWINGS = [
    ("example_digit", [(3, 1)], 14),
    ("example_barred", [(7, 1)], 14),
    ("example_thin", [(4, 0)], 3),
    ("example_number", [(2, 0), (0, 0), (2, 7), (6, 0)], 10),
]
HEART = "50,100 5,50 0,20 25,0 50,25! 75,0 100,20 95,50 50,100"
PAGE_NUMBERS = ["1947", "306", "58"]


def write(styles: list[str], random: np.random.Generator) -> list[np.ndarray]:
    """Place digits side by side; each stroke is float `(n, 2)`, in heights of a digit."""
    strokes, left = [], 0.0
    for style in styles:
        digit = draw_style(style, random)
        points = np.concatenate(digit)
        shift = np.array([left - points[:, 0].min(), 0])
        strokes += [path + shift for path in digit]
        left += np.ptp(points[:, 0]) + 0.3
    return strokes


def main() -> None:
    """Write the strokes of the drawings, and the photo of a page."""
    random = np.random.default_rng(SEED)
    drawn = [(name, [STYLES[d][s] for d, s in digits], pen) for name, digits, pen in DRAWINGS]
    examples = []
    for name, styles, pen in [*drawn, ("example_none", [HEART], 14)]:
        strokes = write(styles, random)
        points = np.concatenate(strokes)
        low, high = points.min(axis=0), points.max(axis=0)
        scale = (0.7 * PAPER_SIZE / (high - low)).min()
        start = (PAPER_SIZE - scale * (high - low)) / 2
        paths = [((path - low) * scale + start).round(1).tolist() for path in strokes]
        examples.append({"name": name, "pen": pen, "strokes": paths})
    (FOLDER / "examples.json").write_text(json.dumps(examples) + "\n", encoding="utf-8")

    written = []
    for number in PAGE_NUMBERS:
        styles = [random.choice(STYLES[int(digit)][:3]) for digit in number]
        strokes = [(100 * path).tolist() for path in write(styles, random)]
        written.append({"label": number, "strokes": strokes})
    *_, (photo, labels) = photograph_pages(written, 2, PHOTO_SEED)
    picture = Image.open(io.BytesIO(photo))
    picture.thumbnail((PHOTO_SIDE, PHOTO_SIDE))
    picture.save(FOLDER / "example.jpg", quality=70)
    print(f"Wrote {len(examples)} drawings, and a page with {', '.join(labels)}.")


if __name__ == "__main__":
    main()
