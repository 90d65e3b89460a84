"""Draw the page's examples: python -m scripts.draw_examples."""

import io
import json
from pathlib import Path

import numpy as np
from PIL import Image

from digit_model.training.pages import photograph_pages
from digit_model.training.strokes import STYLES, draw_style

FOLDER = Path(__file__).parents[1] / "digit_model" / "page"
PAPER = np.array([480, 320])  # Of the sketchpad.
SEED = 4
PHOTO_SEED, PHOTO_SIDE = 21, 900  # Of a page in uneven light.
# The key of its name, the digits with their style, and the pen's width.
DRAWN = [
    ("example_digit", [(3, 1)], 14),
    ("example_barred", [(7, 1)], 14),
    ("example_thin", [(4, 0)], 3),
    ("example_number", [(2, 0), (0, 0), (2, 7), (6, 0)], 10),
]
HEART = "50,100 5,50 0,20 25,0 50,25! 75,0 100,20 95,50 50,100"
NUMBERS = ["1947", "306", "58"]


def write(styles: list[str], random: np.random.Generator) -> list[np.ndarray]:
    """Strokes of digits beside each other, each float `(n, 2)`, a digit's height being 1."""
    strokes, left = [], 0.0
    for style in styles:
        digit = draw_style(style, random)
        points = np.concatenate(digit)
        shift = np.array([left - points[:, 0].min(), 0])
        strokes += [path + shift for path in digit]
        left += np.ptp(points[:, 0]) + 0.3
    return strokes


def main() -> None:
    """Write the drawings' strokes, and the photo of a page."""
    random = np.random.default_rng(SEED)
    drawn = [(name, [STYLES[digit][style] for digit, style in of], pen) for name, of, pen in DRAWN]
    examples = []
    for name, styles, pen in [*drawn, ("example_none", [HEART], 14)]:
        strokes = write(styles, random)
        points = np.concatenate(strokes)
        low, high = points.min(axis=0), points.max(axis=0)
        scale = (0.7 * PAPER / (high - low)).min()
        start = (PAPER - scale * (high - low)) / 2
        paths = [((path - low) * scale + start).round(1).tolist() for path in strokes]
        examples.append({"name": name, "pen": pen, "strokes": paths})
    (FOLDER / "examples.json").write_text(json.dumps(examples) + "\n", encoding="utf-8")

    written = []
    for number in NUMBERS:
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
