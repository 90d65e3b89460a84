"""Visitors' corrections, or digits of your own -> training samples, and a held-out set."""

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
from digit_model.picture.files import open_file, suffixes
from digit_model.reader import Reader
from digit_model.training.data import Samples
from digit_model.training.evaluation import Labelled

SHOWS_PER_EPOCH = 10  # So that 200 corrections weigh as much as a thirtieth of MNIST.
HELD_OUT_MODULUS = 5  # A correction is held out if this divides its digest: one in five.
HELD_OUT_SET_NAME = "corrections, held out"


class Corrections(NamedTuple):
    """Corrections of single digits, without unreliable ones.

    Attributes:
        train: the frames that the reader makes of the pictures, with their labels.
        held_out: a set of pictures that are not trained on, the same in every run; None if empty.
        counts: the numbers in `train` and `held_out`, and of those left out as `numbers`,
            `duplicates`, `contradictions` and `damaged`.
    """

    train: Samples
    held_out: Labelled | None
    counts: dict[str, int]

    def __str__(self) -> str:
        """Sum up the counts in two sentences."""
        counts = self.counts
        return (
            f"{counts['train']} digits to learn from, each shown {SHOWS_PER_EPOCH} times an "
            f"epoch, and {counts['held_out']} held out. Left out are {counts['numbers']} numbers, "
            f"{counts['duplicates']} duplicates, {counts['contradictions']} that contradict each "
            f"other, and {counts['damaged']} damaged ones."
        )


def open_corrections(source: str) -> Corrections:
    """Open the corrections that the page kept, or pictures of your own, one digit each.

    Args:
        source: a folder, or a dataset on the Hub as "user/name", in one of two forms: with
            metadata.jsonl, or without it and with pictures in subfolders named 0 to 9.

    Raises:
        HubError: if it is no folder, and no dataset that can be downloaded.
        DigitModelError: if it has neither form.
    """
    folder = Path(source)
    if not folder.is_dir():
        folder = pull_dataset(source)
    known = suffixes()
    lines = [
        (line, file.parent)
        for file in sorted(folder.rglob(METADATA))
        for line in file.read_bytes().splitlines()
    ] or [
        (json.dumps({"file_name": file.name, "label": file.parent.name}).encode(), file.parent)
        for file in sorted(folder.glob("[0-9]/*"))
        if file.suffix.lower() in known
    ]
    if not lines:
        raise DigitModelError(
            "Expected a folder with pictures in subfolders named 0 to 9, as 7/any.png, or with a "
            f"line for each picture in {METADATA}, as "
            '{"file_name": "any.png", "label": "7"}. '
            f"Received: {source}, which has neither. Check the name."
        )
    counts = Counter(dict.fromkeys(("numbers", "duplicates", "contradictions", "damaged"), 0))
    # Digest of the ink -> the pictures with exactly that ink, each with its label.
    labelled: dict[str, list[tuple[Path, str]]] = defaultdict(list)
    for line, parent in lines:
        try:
            label, picture, digest = _parse_row(line, parent)
        except (OSError, ValueError, KeyError, TypeError):
            counts["damaged"] += 1
            continue
        if label in DIGITS:
            labelled[digest].append((picture, label))
        else:
            counts["numbers"] += 1
    kept: dict[bool, list[tuple[Path, str]]] = {False: [], True: []}
    for digest, rows in sorted(labelled.items()):
        if len({label for _, label in rows}) > 1:
            counts["contradictions"] += len(rows)
        else:
            counts["duplicates"] += len(rows) - 1
            kept[int(digest, 16) % HELD_OUT_MODULUS == 0].append(rows[0])
    train = _make_frames(kept[False], counts)
    held_out = kept[True]
    counts.update(train=len(train.labels), held_out=len(held_out))
    held_out_set: Labelled = (
        HELD_OUT_SET_NAME,
        [path for path, _ in held_out],
        [label for _, label in held_out],
    )
    return Corrections(train, held_out_set if held_out else None, dict(counts))


def open_extra(source: str | None) -> Labelled | None:
    """Open only the held-out corrections; None without a source or if there are none."""
    return open_corrections(source).held_out if source else None


def _parse_row(line: bytes, folder: Path) -> tuple[str, Path, str]:
    """Parse a line of the metadata: the label, the path of the picture, and a digest of its ink.

    Raises:
        OSError: if a picture is missing.
        ValueError: if the line or a picture is damaged, or the path leads out of the folder.
        KeyError: if a key is missing.
        TypeError: if a value has a wrong type.
    """
    row: dict[str, Any] = json.loads(line)
    label = str(row["label"])
    if not label.isdecimal():
        raise ValueError(f"Expected a number. Received: {label!r}.")
    picture = _resolve_file(folder, row["file_name"])
    # Only what the page saved has its ink in a file of its own; the same ink is a duplicate.
    image, _ = open_file(picture)
    if "ink_file_name" in row:
        image, _ = open_file(_resolve_file(folder, row["ink_file_name"]))
    pixels = np.asarray(image.convert("L"))
    digest = hashlib.sha256(repr(pixels.shape).encode() + pixels.tobytes())
    return label, picture, digest.hexdigest()


def _resolve_file(folder: Path, name: str) -> Path:
    """Return the path of a file directly in the folder; the name comes from strangers."""
    if Path(name).name != name:
        raise ValueError(f"Expected a file's name. Received: {name!r}.")
    return folder / name


def _make_frames(rows: list[tuple[Path, str]], counts: Counter[str]) -> Samples:
    """Make the reader's frames of pictures of one digit each, with their labels."""
    reader: Reader = digit_model.load()
    readings = reader.read_many([path for path, _ in rows], digits=1)
    found = [
        (reading.digits[0].frame, int(label))
        for reading, (_, label) in zip(readings, rows, strict=True)
        if reading.digits
    ]
    counts["damaged"] += len(rows) - len(found)  # No digit was found in these.
    frames = np.array([frame for frame, _ in found], np.uint8)
    side = MNIST_FRAME.side
    return Samples(
        frames.reshape(-1, side, side), np.array([label for _, label in found], np.int64)
    )
