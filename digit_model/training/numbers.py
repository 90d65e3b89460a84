"""Accuracy of a reader on whole numbers and pages."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from digit_model.model.frame import MNIST_FRAME
from digit_model.picture.image import Picture
from digit_model.reader import Reader
from digit_model.reading import Reading
from digit_model.training.data import Samples
from digit_model.training.evaluation import (
    BRUSHES,
    Labelled,
    Result,
    draw_strokes,
    read_drawings,
    without_spaces,
)
from digit_model.training.pages import photograph_pages

CANVAS_WIDTH = 420  # Pixels, as the app's canvas is wide; longer numbers are shrunk to this.
MAX_STRINGS = 1000  # Strings of MNIST's digits of each kind; at most as many as digits.
# The ranges of the number of digits in a string, and of the gaps as a share of the frame's box.
SEPARATE_STRINGS = (2, 8), (0.05, 0.6)
TOUCHING_STRINGS = (2, 4), (-0.1, 0.0)
FREEHAND_FILE = "freehand_numbers.jsonl.gz"
MAX_PAGES = 60  # Pages made of freehand numbers; at most as many as numbers.
MARGIN = 6  # Pixels of paper around a string.


def join_digits(
    samples: Samples, lengths: tuple[int, int], gaps: tuple[float, float], seed: int
) -> Iterator[tuple[np.ndarray, str]]:
    """Yield strings of digits side by side, each with its label.

    Args:
        samples: digits.
        lengths: lowest and highest number of digits in a string.
        gaps: smallest and largest gap, as a share of the frame's box; below 0 digits overlap.
        seed: of the random generator.

    Yields:
        uint8 `(height, width)`, 0 (full ink) to 255 (paper), and the text.
    """
    random = np.random.default_rng(seed)
    for _ in range(min(MAX_STRINGS, len(samples.labels))):
        chosen = random.integers(len(samples.labels), size=random.integers(*lengths, endpoint=True))
        string = np.zeros((MNIST_FRAME.side, 0), np.uint8)
        for number, frame in enumerate(samples.frames[chosen]):
            columns = np.flatnonzero(frame.any(axis=0))
            digit = frame[:, columns[0] : columns[-1] + 1]
            gap = round(random.uniform(*gaps) * MNIST_FRAME.box) if number else 0
            start = max(0, string.shape[1] + gap)
            width = max(string.shape[1], start + digit.shape[1])
            string = np.pad(string, ((0, 0), (0, width - string.shape[1])))
            place = string[:, start : start + digit.shape[1]]
            np.maximum(place, digit, out=place)
        yield 255 - np.pad(string, MARGIN), "".join(map(str, samples.labels[chosen]))


def draw_number(strokes: list[list[list[float]]]) -> Image.Image:
    """Draw pen strokes as high as the canvas allows, and shrink the picture to its width."""
    canvas = draw_strokes(strokes, BRUSHES["middle"], wide=True)
    canvas.thumbnail((CANVAS_WIDTH, canvas.height), reducing_gap=None)
    return canvas


def number_sets(mnist: Samples, name: str, dev: Path | None) -> Iterator[Labelled]:
    """Yield each set of pictures of one number: name, pictures, labels."""
    for kind, (lengths, gaps) in {"apart": SEPARATE_STRINGS, "touching": TOUCHING_STRINGS}.items():
        pictures, labels = zip(*join_digits(mnist, lengths, gaps, seed=0), strict=True)
        yield f"{lengths[0]}–{lengths[1]} digits of {name}, {kind}", list(pictures), list(labels)
    if dev is None:
        return
    written = read_drawings(dev / FREEHAND_FILE)
    drawn: list[Picture] = [draw_number(item["strokes"]) for item in written]
    yield "freehand numbers", drawn, [item["label"] for item in written]
    cheques = json.loads((dev / "cheques" / "labels.json").read_text(encoding="utf-8"))
    paths: list[Picture] = [dev / "cheques" / cheque for cheque in cheques]
    yield "cheques", paths, list(cheques.values())


def read_pages(reader: Reader, name: str, pages: Iterable[tuple[Picture, list[str]]]) -> Result:
    """Read pages of several numbers; a number is right if it is a line of its page's reading."""
    labels: list[str] = []
    readings: list[Reading] = []
    for picture, numbers in pages:
        (page,) = without_spaces([reader.read(picture)])
        lines = page.text.split("\n")
        for number in numbers:
            found = number in lines
            readings.append(page._replace(text=lines.pop(lines.index(number)) if found else ""))
            labels.append(number)
    return Result(name, labels, readings)


def page_sets(dev: Path) -> Iterator[tuple[str, Iterable[tuple[Picture, list[str]]]]]:
    """Yield each set of pages of several numbers: name, and pictures with their numbers."""
    folder = dev / "number_pages"
    pages = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    yield "numbers on pages", [(folder / page, numbers) for page, numbers in pages.items()]
    written = read_drawings(dev / FREEHAND_FILE)
    made = photograph_pages(written, min(MAX_PAGES, len(written)), seed=0)
    yield "freehand numbers on made pages", made


def evaluate_numbers(
    reader: Reader, mnist: Samples, dev: Path | None = None, name: str = "MNIST test"
) -> list[Result]:
    """Read whole numbers; a reading is right if every digit is.

    Args:
        reader: the whole pipeline.
        mnist: digits from which strings are made.
        dev: the folder of the development sets; None leaves them out.
        name: name of the part of MNIST.
    """
    results = [
        Result(kind, labels, without_spaces(reader.read_many(pictures)))
        for kind, pictures, labels in number_sets(mnist, name, dev)
    ]
    return results + ([read_pages(reader, *pages) for pages in page_sets(dev)] if dev else [])
