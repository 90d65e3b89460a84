"""Accuracy of a reader on each set of single digits."""

import gzip
import io
import json
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageDraw
from scipy.stats import binomtest

from digit_model.picture.image import Picture, open_picture
from digit_model.reader import Reader
from digit_model.reading import Reading
from digit_model.training.blanks import cast_light
from digit_model.training.data import Samples
from digit_model.training.strokes import draw_stroke

CANVAS_SIDE = 280  # Pixels of the app's canvas; a digit is drawn with a margin of a seventh.
BRUSHES = {"thin": 4, "middle": 14, "thick": 26}  # Diameters, in pixels of the canvas.

# A set: its name, its pictures, and the label of each picture.
Labelled = tuple[str, list[Picture], list[str]]


class Result(NamedTuple):
    """What a reader read on one set.

    Attributes:
        name: name of the set.
        labels: the true text of each picture.
        readings: the reading of each picture.
    """

    name: str
    labels: list[str]
    readings: list[Reading]

    def row(self) -> dict[str, Any]:
        """Name, n, how many are right, and accuracy in percent; see `share_row`."""
        return share_row(self.name, self.right())

    def right(self) -> np.ndarray:
        """Which readings are right, bool `(n,)`."""
        pairs = zip(self.labels, self.readings, strict=True)
        return np.array([reading.text == label for label, reading in pairs], bool)

    def confidence(self) -> np.ndarray:
        """The probability that each reading gives its own text, 0 to 1, float `(n,)`."""
        return np.array([reading.probabilities.get(reading.text, 0.0) for reading in self.readings])

    def errors(self) -> list[tuple[str, Reading]]:
        """Labels and readings of the pictures that were read wrong, the most confident first."""
        wrong = np.flatnonzero(~self.right())
        order = wrong[np.argsort(-self.confidence()[wrong], kind="stable")]
        return [(self.labels[place], self.readings[place]) for place in order]

    def confusion(self) -> np.ndarray:
        """Confusion matrix, int `(10, 11)`: a row per label; the last column is "not one digit"."""
        counts = np.zeros((10, 11), int)
        for label, reading in zip(self.labels, self.readings, strict=True):
            counts[int(label), int(reading.text) if len(reading.text) == 1 else 10] += 1
        return counts


def without_spaces(readings: Sequence[Reading]) -> list[Reading]:
    """Remove the spaces between the numbers of a line from the texts, as labels have none."""
    return [reading._replace(text=reading.text.replace(" ", "")) for reading in readings]


def share_row(name: str, good: Sequence[bool] | np.ndarray) -> dict[str, Any]:
    """Make a table row of the share of what is good, with its 95 % Wilson interval.

    Args:
        name: name of the set.
        good: bool `(n,)`, not empty.

    Returns:
        `set`, `n`, `right` (how many are good), and in percent `accuracy` (their share), `low` and
        `high`.
    """
    right = int(np.count_nonzero(good))
    interval = binomtest(right, len(good)).proportion_ci(0.95, method="wilson")
    return {
        "set": name,
        "n": len(good),
        "right": right,
        "accuracy": round(100 * right / len(good), 2),
        "low": round(100 * float(interval.low), 2),
        "high": round(100 * float(interval.high), 2),
    }


def draw_strokes(strokes: list[list[list[float]]], brush: int, wide: bool = False) -> Image.Image:
    """Draw pen strokes as the app's canvas shows them, black on white.

    Args:
        strokes: lists of `[x, y]`, y down, in any unit.
        brush: the pen's diameter, in pixels.
        wide: scale the strokes to the canvas's height and let the canvas be as wide as needed.

    Returns:
        Mode "L", `CANVAS_SIDE` pixels high, with soft edges.
    """
    points = np.concatenate([np.array(stroke, np.float64) for stroke in strokes])
    low, high = points.min(axis=0), points.max(axis=0)
    factor = 2  # Drawn enlarged, then averaged, because Pillow draws hard edges.
    width, height = high - low
    side = factor * CANVAS_SIDE
    scale = side * 5 / 7 / max(height if wide else max(width, height), 1)
    size = max(side, round(scale * width + side * 2 / 7)), side
    offset = np.array(size) / 2 - scale * (low + high) / 2
    canvas = Image.new("L", size, "white")
    pencil = ImageDraw.Draw(canvas)
    for stroke in strokes:
        draw_stroke(pencil, scale * np.array(stroke, np.float64) + offset, factor * brush, ink=0)
    return canvas.reduce(factor)


def read_drawings(path: Path) -> list[dict[str, Any]]:
    """Read a development set of drawings, dicts with `label` and pen `strokes`."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def dev_sets(folder: Path) -> Iterator[Labelled]:
    """Yield each development set of single digits: name, pictures, labels."""
    written = read_drawings(folder / "freehand_digits.jsonl.gz")
    labels = [item["label"] for item in written]
    for name, brush in BRUSHES.items():
        pictures: list[Picture] = [draw_strokes(item["strokes"], brush) for item in written]
        yield f"freehand, {name} brush ({brush} px)", pictures, labels
    photos = sorted((folder / "photos").glob("*.jpg"))
    photo_labels = [photo.name[0] for photo in photos]
    yield "photos", list(photos), photo_labels
    for name in ("envelope_digits", "binary_digits", "scanned_digits", "small_drawings"):
        with np.load(folder / f"{name}.npz") as arrays:
            yield name, list(arrays["images"]), [str(label) for label in arrays["labels"]]
    random = np.random.default_rng(0)
    shaded: list[Picture] = [shade_photo(photo, random) for photo in photos]
    yield "photos, in worse light", shaded, photo_labels


def shade_photo(photo: Path, random: np.random.Generator) -> bytes:
    """Put a photo into uneven light (`cast_light`): a JPEG file of the reader's working size."""
    image, _ = open_picture(photo)
    dark = np.asarray(image.convert("RGB")) * cast_light(image.size, random)[..., None]
    file = io.BytesIO()
    Image.fromarray(dark.astype(np.uint8)).save(file, "JPEG", quality=90)
    return file.getvalue()


def evaluate(
    reader: Reader,
    mnist: Samples,
    dev: Path | None = None,
    name: str = "MNIST test",
    digits: int | None = 1,
    extra: Labelled | None = None,
) -> list[Result]:
    """Read every set of single digits, from pictures as a user would give them.

    Args:
        reader: the whole pipeline.
        mnist: the test part of MNIST, or another part.
        dev: the folder of the development sets; None leaves them out.
        name: name of the part of MNIST.
        digits: the count of digits that the reader is given; None lets it find the count.
        extra: one more set.
    """
    part: Labelled = (name, list(mnist.frames), [str(label) for label in mnist.labels])
    return [
        Result(name, labels, reader.read_many(pictures, digits))
        for name, pictures, labels in chain(
            [part], dev_sets(dev) if dev else [], [extra] if extra else []
        )
    ]


def markdown_table(rows: list[dict[str, Any]], good: str = "right", share: str = "accuracy") -> str:
    """Format shares in percent, with 95 % Wilson intervals, as Markdown.

    Args:
        rows: what `share_row` returned.
        good: heading of the column of counts.
        share: heading of the column of shares.
    """
    lines = [f"| set | n | {good} | {share}, % | 95 % interval |", "|---|---:|---:|---:|---|"]
    lines += [
        f"| {row['set']} | {row['n']:,} | {row['right']:,} | {row['accuracy']:.2f} "
        f"| {row['low']:.2f} – {row['high']:.2f} |"
        for row in rows
    ]
    return "\n".join(lines)


def ablation_table(rows: dict[str, list[dict[str, Any]]]) -> str:
    """Format the accuracy without each ingredient, in percent with 95 % intervals, as Markdown."""
    sets = [row["set"] for row in next(iter(rows.values()))]
    lines = ["| without | " + " | ".join(sets) + " |", "|---|" + "---:|" * len(sets)]
    for ingredient, results in rows.items():
        cells = [f"{row['accuracy']:.2f} ({row['low']:.1f} – {row['high']:.1f})" for row in results]
        lines.append(f"| {ingredient} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def confusion_text(result: Result) -> str:
    """Format the confusion matrix as text: a row per label, a column per digit read."""
    header = [result.name, "label  " + " ".join(f"{text:>5}" for text in [*range(10), "none"])]
    return "\n".join(
        header
        + [
            f"{label:>5}  " + " ".join(f"{count or '.':>5}" for count in row)
            for label, row in enumerate(result.confusion())
        ]
    )
