"""Measure how long the embedded reader takes for one picture, from the file to the answer.

    python scripts/benchmark.py

Prints, for sketches and photos of one digit and of many, the median of the readings, and
between what the middle eight tenths of them lie. Takes about twenty seconds.
"""

import argparse
import io
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from PIL import Image

import digit_model
from digit_model.training.strokes import STYLES, draw_digit

# Width and height in pixels; rows and columns of digits.
PICTURES = {
    "sketch": ((280, 280), (1, 1)),
    "sketch of 5 digits": ((480, 320), (1, 5)),
    "photo": ((1000, 750), (1, 1)),
    "photo of 20 numbers": ((1000, 1400), (20, 5)),
    "photo, 12 megapixels": ((4000, 3000), (1, 1)),
}


def make_picture(name: str, random: np.random.Generator) -> bytes:
    """A PNG of drawn digits, or a JPEG of some on grainy paper in slanting light."""
    size, (rows, columns) = PICTURES[name]
    picture = Image.new("L", size, "white")
    cell = size[0] // columns, size[1] // rows
    height = round(0.6 * min(cell))
    for row, column in np.ndindex(rows, columns):
        style = STYLES[(row + column + 7) % 10][0]
        frame = Image.fromarray(255 - draw_digit(style, random))
        place = (
            column * cell[0] + (cell[0] - height) // 2,
            row * cell[1] + (cell[1] - height) // 2,
        )
        picture.paste(frame.resize((height, height), Image.Resampling.BICUBIC), place)
    file = io.BytesIO()
    if name.startswith("sketch"):
        picture.save(file, "PNG")
    else:
        light = np.linspace(0.5, 0.8, size[0]) * random.normal(1, 0.01, size[::-1])
        Image.fromarray((np.asarray(picture) * light).astype(np.uint8)).save(file, "JPEG")
    return file.getvalue()


def main() -> None:
    """Read each picture over and over, print the times."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", help="artefact folder or Hub repository")
    parser.add_argument("--repeat", type=int, default=30, help="readings of each picture")
    arguments = parser.parse_args()
    reader = digit_model.load(arguments.model)
    random = np.random.default_rng(0)
    print("| one picture | median, ms | 10 % – 90 % |\n|---|---:|---|")
    for name, ((width, height), _) in PICTURES.items():
        picture = make_picture(name, random)
        times = []
        for _ in range(arguments.repeat + 1):
            start = time.perf_counter()
            reader.read(picture)
            times.append(1000 * (time.perf_counter() - start))
        low, median, high = np.percentile(times[1:], (10, 50, 90))  # The first warms up.
        print(f"| {name}, {width}x{height} | {median:.1f} | {low:.1f} – {high:.1f} |")
    frames = np.stack([draw_digit(STYLES[7][0], random)])
    times = []
    for _ in range(1000):
        start = time.perf_counter()
        reader.classifier(frames)
        times.append(1000 * (time.perf_counter() - start))
    low, median, high = np.percentile(times, (10, 50, 90))
    print(f"| the network alone, one frame | {median:.2f} | {low:.2f} – {high:.2f} |")


if __name__ == "__main__":
    main()
