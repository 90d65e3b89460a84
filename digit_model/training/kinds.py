"""How often a reader is right on kinds of paper and writing, such as forms, tables and notes."""

import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from digit_model.reader import Reader
from digit_model.training.evaluation import Labelled, Result

ALL_KINDS = "kinds of paper, all"


def kind_sets(dev: Path) -> Iterator[Labelled]:
    """Pictures of each kind, and then of all: name, pictures, labels.

    Args:
        dev: the folder of the development sets.

    Yields:
        Labels are digits, lines parted by a newline; spaces do not count.
    """
    folder = dev / "kinds"
    labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    for kind, files in groupby(sorted(labels), key=lambda file: file.rpartition("_")[0]):
        named = list(files)
        yield kind.replace("_", " "), [folder / file for file in named], [labels[f] for f in named]
    yield ALL_KINDS, [folder / file for file in labels], [*labels.values()]


def read_kinds(reader: Reader, dev: Path) -> list[Result]:
    """Read the kinds; right is what is right in every digit and line, spaces aside.

    Args:
        reader: the whole pipeline.
        dev: the folder of the development sets.
    """
    return [
        Result(
            name,
            labels,
            [
                reading._replace(text=without_spaces(reading.text))
                for reading in reader.read_many(pictures)
            ],
        )
        for name, pictures, labels in kind_sets(dev)
    ]


def without_spaces(text: str) -> str:
    """A reading in which the numbers of a line are one."""
    return text.replace(" ", "")
