"""How often, and how fast, different ways to read are right on the same pictures."""

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
from digit_model.training.numbers import FREEHAND, draw_number
from digit_model.training.peers import Read

DIGITS, CHEQUES = 500, 200  # So many of these sets, always the same ones.


def compared_sets(dev: Path) -> Iterator[Labelled]:
    """What is read by each way: name, pictures, labels; lines are parted by a newline.

    Args:
        dev: the folder of the development sets.
    """
    yield all_kinds(dev)
    numbers = read_drawings(dev / FREEHAND)
    drawn: list[Picture] = [draw_number(item["strokes"]) for item in numbers]
    yield "freehand numbers", drawn, [item["label"] for item in numbers]
    cheques = json.loads((dev / "cheques" / "labels.json").read_text(encoding="utf-8"))
    some = _choose(sorted(cheques), CHEQUES)
    yield "cheques", [dev / "cheques" / file for file in some], [cheques[file] for file in some]
    pages = json.loads((dev / "number_pages" / "labels.json").read_text(encoding="utf-8"))
    files: list[Picture] = [dev / "number_pages" / file for file in pages]
    yield "pages of numbers", files, ["\n".join(numbers) for numbers in pages.values()]
    photos = sorted((dev / "photos").glob("*.jpg"))
    yield "photos", [*photos], [photo.name[0] for photo in photos]
    digits = _choose(read_drawings(dev / "freehand_digits.jsonl.gz"), DIGITS)
    sketches: list[Picture] = [draw_strokes(item["strokes"], BRUSHES["middle"]) for item in digits]
    yield "freehand digits", sketches, [item["label"] for item in digits]


def compare(ways: dict[str, Read], dev: Path) -> Iterator[dict[str, Any]]:
    """Read every set in every way.

    Args:
        ways: name of a way -> what reads a picture, giving the text in it.
        dev: the folder of the development sets.

    Yields:
        A row for each set and way, as `share_row` has it, with the `way`, the middle
        reading's time `ms`, and the `misread` pictures' numbers with their label and text.
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
                (number, label, text)
                for number, (label, text) in enumerate(zip(labels, texts, strict=True))
                if text != label
            ]
            row = share_row(name, right)
            yield row | {"way": way, "ms": 1000 * float(np.median(seconds)), "misread": misread}


def comparison_table(rows: Sequence[dict[str, Any]]) -> str:
    """Accuracy in percent and the middle time of each way, as Markdown, a row for each set."""
    ways = list(dict.fromkeys(row["way"] for row in rows))
    lines = [
        "| set | n | " + " | ".join(f"{way}, % | ms" for way in ways) + " |",
        "|---|---:|" + "---:|---:|" * len(ways),
    ]
    for name in dict.fromkeys(row["set"] for row in rows):
        same = [row for row in rows if row["set"] == name]
        cells = [f"{row['accuracy']:.1f} | {row['ms']:.1f}" for row in same]
        lines.append(f"| {name} | {same[0]['n']} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _choose(items: Sequence[Any], count: int) -> list[Any]:
    """So many of the items, always the same, in their order."""
    order = np.random.default_rng(0).permutation(len(items))[:count]
    return [items[place] for place in np.sort(order)]
