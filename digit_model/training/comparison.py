"""Compares the accuracy and the speed of several readers on the same pictures."""

import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from digit_model.picture.image import Picture
from digit_model.training.evaluation import (
    BRUSHES,
    Labelled,
    draw_strokes,
    read_drawings,
    share_row,
)
from digit_model.training.kinds import all_kinds
from digit_model.training.numbers import FREEHAND_FILE, draw_number
from digit_model.training.peers import Read

MAX_FREEHAND_DIGITS = 500  # Pictures from the set of freehand digits, always the same ones.
MAX_CHEQUES = 200  # Pictures from the set of cheques, always the same ones.


def compared_sets(dev: Path) -> Iterator[Labelled]:
    """Yield each set: its name, its pictures and their labels, with a newline between lines.

    Args:
        dev: the folder of the development sets.
    """
    yield all_kinds(dev)
    numbers = read_drawings(dev / FREEHAND_FILE)
    drawn: list[Picture] = [draw_number(item["strokes"]) for item in numbers]
    yield "freehand numbers", drawn, [item["label"] for item in numbers]
    cheques = json.loads((dev / "cheques" / "labels.json").read_text(encoding="utf-8"))
    chosen = choose_some(sorted(cheques), MAX_CHEQUES)
    yield "cheques", [dev / "cheques" / file for file in chosen], [cheques[file] for file in chosen]
    pages = json.loads((dev / "number_pages" / "labels.json").read_text(encoding="utf-8"))
    files: list[Picture] = [dev / "number_pages" / file for file in pages]
    yield "pages of numbers", files, ["\n".join(numbers) for numbers in pages.values()]
    photos = sorted((dev / "photos").glob("*.jpg"))
    yield "photos", [*photos], [photo.name[0] for photo in photos]
    digits = choose_some(read_drawings(dev / "freehand_digits.jsonl.gz"), MAX_FREEHAND_DIGITS)
    sketches: list[Picture] = [draw_strokes(item["strokes"], BRUSHES["middle"]) for item in digits]
    yield "freehand digits", sketches, [item["label"] for item in digits]


def compare(ways: dict[str, Read], dev: Path) -> Iterator[dict[str, Any]]:
    """Read every set in every way.

    Args:
        ways: the name of each way to read -> a function from a picture to the text in it.
        dev: the folder of the development sets.

    Yields:
        A row for each set and way: what `share_row` returns, the name of the `way`, the median
        time of a reading in milliseconds as `ms`, and `misread`, a list of `(index, label, text)`.
    """
    for name, pictures, labels in compared_sets(dev):
        for way, read in ways.items():
            texts, seconds = [], []
            for picture in pictures:
                start = time.perf_counter()
                texts.append(read(picture).replace(" ", ""))
                seconds.append(time.perf_counter() - start)
            right = [text == label for text, label in zip(texts, labels, strict=True)]
            misread = [
                (index, label, text)
                for index, (label, text) in enumerate(zip(labels, texts, strict=True))
                if text != label
            ]
            row = share_row(name, right)
            yield row | {"way": way, "ms": 1000 * float(np.median(seconds)), "misread": misread}


def comparison_table(rows: Sequence[dict[str, Any]]) -> str:
    """Format accuracy in percent with its interval, and median time in ms, as Markdown."""
    ways = list(dict.fromkeys(row["way"] for row in rows))
    lines = [
        "| set | n | " + " | ".join(f"{way}, % | ms" for way in ways) + " |",
        "|---|---:|" + "---:|---:|" * len(ways),
    ]
    for name in dict.fromkeys(row["set"] for row in rows):
        set_rows = [row for row in rows if row["set"] == name]
        cells = [
            f"{row['accuracy']:.1f} ({row['low']:.0f} – {row['high']:.0f}) | {row['ms']:.0f}"
            for row in set_rows
        ]
        lines.append(f"| {name} | {set_rows[0]['n']} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def choose_some(items: Sequence[Any], count: int | None) -> list[Any]:
    """Choose `count` of the items or all, always the same ones, and keep their order."""
    order = np.random.default_rng(0).permutation(len(items))[:count]
    return [items[place] for place in np.sort(order)]
