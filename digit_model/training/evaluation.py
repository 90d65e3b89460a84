"""How often a reader is right, on each set of other people's digits."""

import gzip
import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageDraw
from scipy.stats import binomtest

from digit_model.picture import Picture
from digit_model.reader import Reader
from digit_model.training.data import Samples

CANVAS_SIDE = 280  # Pixels, with a margin of a seventh around the digit.
BRUSHES = {"thin": 4, "middle": 14, "thick": 26}  # Diameters, in pixels of the canvas.
BATCH = 256

Labelled = tuple[str, list[Picture], list[str]]


class Result(NamedTuple):
    """How a reader fared on one set.

    Attributes:
        name: of the set.
        labels: what stands in each picture.
        texts: what was read in it.
    """

    name: str
    labels: list[str]
    texts: list[str]

    def row(self) -> dict[str, Any]:
        """Name, n, right, and accuracy with its 95 % Wilson interval, in percent."""
        count = len(self.labels)
        right = sum(text == label for text, label in zip(self.texts, self.labels, strict=True))
        interval = binomtest(right, count).proportion_ci(0.95, method="wilson")
        return {
            "set": self.name,
            "n": count,
            "right": right,
            "accuracy": round(100 * right / count, 2),
            "low": round(100 * float(interval.low), 2),
            "high": round(100 * float(interval.high), 2),
        }


def draw_strokes(strokes: list[list[list[float]]], brush: int) -> Image.Image:
    """Draw pen strokes as on the app's canvas, black on white.

    Args:
        strokes: lists of `[x, y]`, y down, in any unit.
        brush: the pen's diameter, in pixels.

    Returns:
        Mode "L", `CANVAS_SIDE` pixels square, with soft edges.
    """
    points = np.concatenate([np.array(stroke, np.float64) for stroke in strokes])
    low, high = points.min(axis=0), points.max(axis=0)
    soft = 2  # Drawn twice as large and averaged, because Pillow draws hard edges.
    scale = soft * CANVAS_SIDE * 5 / 7 / max(*(high - low), 1)
    offset = soft * CANVAS_SIDE / 2 - scale * (low + high) / 2
    canvas = Image.new("L", (soft * CANVAS_SIDE,) * 2, "white")
    pencil = ImageDraw.Draw(canvas)
    radius = soft * brush / 2
    for stroke in strokes:
        path = [tuple(point) for point in scale * np.array(stroke, np.float64) + offset]
        pencil.line(path, fill=0, width=round(2 * radius), joint="curve")
        for x, y in (path[0], path[-1]):
            pencil.ellipse((x - radius, y - radius, x + radius, y + radius), fill=0)
    return canvas.reduce(soft)


def dev_sets(folder: Path) -> Iterator[Labelled]:
    """The single-digit development sets: name, pictures, labels."""
    with gzip.open(folder / "freehand_digits.jsonl.gz", "rt", encoding="utf-8") as file:
        written = [json.loads(line) for line in file]
    labels = [item["label"] for item in written]
    for name, brush in BRUSHES.items():
        pictures: list[Picture] = [draw_strokes(item["strokes"], brush) for item in written]
        yield f"freehand, {name} brush ({brush} px)", pictures, labels
    photos = sorted((folder / "photos").glob("*.jpg"))
    yield "photos", list(photos), [photo.name[0] for photo in photos]
    for name in ("envelope_digits", "binary_digits", "scanned_digits", "small_drawings"):
        with np.load(folder / f"{name}.npz") as arrays:
            yield name, list(arrays["images"]), [str(label) for label in arrays["labels"]]


def read_all(reader: Reader, pictures: list[Picture]) -> list[str]:
    """Each picture's one digit, as text."""
    return [
        reading.text
        for start in range(0, len(pictures), BATCH)
        for reading in reader.read_many(pictures[start : start + BATCH], digits=1)
    ]


def evaluate(reader: Reader, test: Samples, dev: Path | None = None) -> list[Result]:
    """Read every set, from the pictures as a user gives them.

    Args:
        reader: the whole pipeline.
        test: MNIST's test part.
        dev: the folder of the development sets; None leaves them out.
    """
    mnist: Labelled = ("MNIST test", list(test.frames), [str(label) for label in test.labels])
    return [
        Result(name, labels, read_all(reader, pictures))
        for name, pictures, labels in chain([mnist], dev_sets(dev) if dev else [])
    ]


def markdown_table(rows: list[dict[str, Any]]) -> str:
    """The results as Markdown: accuracy in percent, 95 % Wilson intervals."""
    lines = ["| set | n | right | accuracy, % | 95 % interval |", "|---|---:|---:|---:|---|"]
    lines += [
        f"| {row['set']} | {row['n']:,} | {row['right']:,} | {row['accuracy']:.2f} "
        f"| {row['low']:.2f} – {row['high']:.2f} |"
        for row in rows
    ]
    return "\n".join(lines)
