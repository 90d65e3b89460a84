"""How often a reader is right on kinds of paper and writing, such as forms, tables and notes."""

import json
from pathlib import Path

from digit_model.reader import Reader
from digit_model.training.evaluation import Labelled, Result, without_spaces


def all_kinds(dev: Path) -> Labelled:
    """Pictures of all kinds of paper, in order: name, pictures, labels.

    Args:
        dev: the folder of the development sets.

    Returns:
        Labels are digits, lines parted by a newline; spaces do not count.
    """
    folder = dev / "kinds"
    labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    files = sorted(labels)
    return "kinds of paper, all", [folder / file for file in files], [labels[f] for f in files]


def read_kinds(reader: Reader, dev: Path) -> list[Result]:
    """Read each kind, and all together; right is what is so in every digit, spaces aside.

    Args:
        reader: the whole pipeline.
        dev: the folder of the development sets.
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
