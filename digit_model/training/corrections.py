"""What visitors said that their pictures really show -> what trains, and what is held out."""

import hashlib
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import digit_model
from digit_model.errors import DigitModelError
from digit_model.model.artefact import DIGITS
from digit_model.model.frame import MNIST_FRAME
from digit_model.model.hub_dataset import METADATA, pull_dataset
from digit_model.picture.files import open_file
from digit_model.reader import Reader
from digit_model.training.data import Samples
from digit_model.training.evaluation import Labelled

SHOWN = 10  # Times an epoch: a few hundred weigh as much as a thirtieth of MNIST.
HELD_OUT = 5  # One of so many is.
NAME = "corrections, held out"


class Corrections(NamedTuple):
    """Corrections of single digits, without those that cannot be relied on.

    Attributes:
        train: their frames, as the reader makes them.
        held_out: a set of pictures, always of the same ones; None where there are none.
        counts: how many are in `train` and `held_out`, and were left out as `numbers`,
            `duplicates`, `contradictions` and `damaged`.
    """

    train: Samples
    held_out: Labelled | None
    counts: dict[str, int]

    def __str__(self) -> str:
        """A sentence of what is used."""
        counts = self.counts
        return (
            f"{counts['train']} corrections to learn from, each shown {SHOWN} times an epoch, and "
            f"{counts['held_out']} held out. Left out are {counts['numbers']} numbers, "
            f"{counts['duplicates']} duplicates, {counts['contradictions']} that contradict each "
            f"other, and {counts['damaged']} damaged ones."
        )


def open_corrections(source: str) -> Corrections:
    """Open the corrections that the page kept.

    Args:
        source: a folder, or a data set on the Hub as "user/name".

    Raises:
        HubError: if it is no folder, and no data set that can be had.
        DigitModelError: if it holds no corrections.
    """
    folder = Path(source)
    if not folder.is_dir():
        folder = pull_dataset(source)
    files = sorted(folder.rglob(METADATA))
    if not files:
        raise DigitModelError(
            f"Expected a folder with {METADATA}, which the page writes where DIGIT_FEEDBACK names "
            f"one. Received: {source}, which has none. Check the name."
        )
    counts = Counter(dict.fromkeys(("numbers", "duplicates", "contradictions", "damaged"), 0))
    # Digest of the ink -> each picture of it, and what it is said to be.
    said: dict[str, list[tuple[Path, str]]] = defaultdict(list)
    for file in files:
        for line in file.read_bytes().splitlines():
            try:
                label, picture, digest = _open_row(line, file.parent)
            except (OSError, ValueError, KeyError, TypeError):
                counts["damaged"] += 1
                continue
            if label in DIGITS:
                said[digest].append((picture, label))
            else:
                counts["numbers"] += 1
    kept: dict[bool, list[tuple[Path, str]]] = {False: [], True: []}
    for digest, rows in sorted(said.items()):
        if len({label for _, label in rows}) > 1:
            counts["contradictions"] += len(rows)
        else:
            counts["duplicates"] += len(rows) - 1
            kept[int(digest, 16) % HELD_OUT == 0].append(rows[0])
    train = _frame(kept[False], counts)
    held_out = kept[True]
    counts.update(train=len(train.labels), held_out=len(held_out))
    named: Labelled = (NAME, [path for path, _ in held_out], [label for _, label in held_out])
    return Corrections(train, named if held_out else None, dict(counts))


def open_extra(source: str | None) -> Labelled | None:
    """The set of corrections that are held out; None if there is none. See `open_corrections`."""
    return open_corrections(source).held_out if source else None


def _open_row(line: bytes, folder: Path) -> tuple[str, Path, str]:
    """The label of a correction, the path of its picture, and a digest of its ink.

    Raises:
        OSError: if a picture is not there.
        ValueError: if the line or a picture is damaged, or another file is named.
        KeyError: if something is missing.
        TypeError: if it is of a wrong type.
    """
    row: dict[str, Any] = json.loads(line)
    label = row["label"]
    if not isinstance(label, str) or not label.isdecimal():
        raise ValueError(f"Expected a number. Received: {label!r}.")
    picture, ink = (_name_file(folder, row[key]) for key in ("file_name", "ink_file_name"))
    open_file(picture)
    pixels = np.asarray(open_file(ink)[0].convert("L"))
    return (
        label,
        picture,
        hashlib.sha256(repr(pixels.shape).encode() + pixels.tobytes()).hexdigest(),
    )


def _name_file(folder: Path, name: str) -> Path:
    """A file in a folder, and in no other: whoever may write to a data set names it."""
    if Path(name).name != name:
        raise ValueError(f"Expected a file's name. Received: {name!r}.")
    return folder / name


def _frame(rows: list[tuple[Path, str]], counts: Counter[str]) -> Samples:
    """The frames in which the reader sees pictures of one digit each, with their labels."""
    reader: Reader = digit_model.load()
    readings = reader.read_many([path for path, _ in rows], digits=1)
    found = [
        (reading.digits[0].frame, int(label))
        for reading, (_, label) in zip(readings, rows, strict=True)
        if reading.digits
    ]
    counts["damaged"] += len(rows) - len(found)  # Blank ones.
    frames = np.array([frame for frame, _ in found], np.uint8)
    side = MNIST_FRAME.side
    return Samples(
        frames.reshape(-1, side, side), np.array([label for _, label in found], np.int64)
    )
