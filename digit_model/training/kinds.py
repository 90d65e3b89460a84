"""Accuracy of a reader on kinds of paper and writing, such as forms, tables and notes."""

import json
from pathlib import Path

from digit_model.reader import Reader
from digit_model.training.evaluation import Labelled, Result, without_spaces


def all_kinds(dev: Path) -> Labelled:
    """Open the pictures of all kinds of paper as one set.

    Args:
        dev: the folder of the development sets.

    Returns:
        Name, pictures sorted by file name, and labels: digits, with a newline between lines.
    """
    folder = dev / "kinds"
    labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    files = sorted(labels)
    return "kinds of paper, all", [folder / file for file in files], [labels[f] for f in files]


def read_kinds(reader: Reader, dev: Path) -> list[Result]:
    """Read each kind of paper. A reading is right if every digit is; spaces do not count.

    Args:
        reader: the whole pipeline.
        dev: the folder of the development sets.

    Returns:
        A result for each kind, and one for all of them together.
    """
    name, pictures, labels = all_kinds(dev)
    readings = without_spaces(reader.read_many(pictures))
    kinds: dict[str, list[int]] = {}
    for place, picture in enumerate(pictures):
        kind = Path(str(picture)).stem.rpartition("_")[0].replace("_", " ")
        kinds.setdefault(kind, []).append(place)
    parts = [
        Result(kind, [labels[place] for place in places], [readings[place] for place in places])
        for kind, places in kinds.items()
    ]
    return [*parts, Result(name, labels, readings)]
