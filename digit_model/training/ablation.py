"""What each ingredient of the reader buys: leave it out, and read the same pictures again."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from digit_model.lines.segment import SegmentSettings
from digit_model.lines.settings import Settings
from digit_model.model.frame import FrameSpec, frame_digit
from digit_model.picture.ink import InkSettings
from digit_model.reader import Reader
from digit_model.training.comparison import choose_some, compared_sets
from digit_model.training.data import Samples
from digit_model.training.evaluation import Labelled, Result, without_spaces
from digit_model.training.pairs import SIGNIFICANCE, mcnemar, pair_row
from digit_model.training.rejection import non_digit_sets, read_others

MNIST_DIGITS = 1000  # Images of MNIST's validation part, the first ones.
# Each set of digits and numbers -> the number of its pictures, always the same; None for all.
WRITTEN = {
    "photos": None,
    "freehand digits": 200,
    "freehand numbers": 150,
    "cheques": 100,
    "kinds of paper, all": None,
}
# The same for each set of what is no digit.
OTHERS = {"doodles": 200, "freehand_letters": 200, "blank paper, photographed": 100}


def stretch_digit(ink: np.ndarray, spec: FrameSpec) -> np.ndarray:
    """Resize a digit's box to the whole frame, as most demonstrations do; see `frame_digit`."""
    frame = Image.fromarray(ink).resize((spec.side, spec.side), Image.Resampling.BILINEAR)
    return np.asarray(frame)


NOTHING, PAGE_NETWORKS = "nothing", "the spotter and the judge"
# Each other ingredient -> the settings without it.
LEFT_OUT: dict[str, Settings] = {
    "framing as MNIST's": Settings(frame=stretch_digit),
    "widening hairlines": Settings(frame=partial(frame_digit, pen=0.0)),
    "joining a digit's parts": Settings(segment=SegmentSettings(reach_to_digit=-1.0)),
    "flattening the light": Settings(ink=InkSettings(flatten_light=False)),
    "finding the sheet": Settings(ink=InkSettings(find_sheet=False)),
    "removing ruled lines": Settings(ink=InkSettings(remove_ruled_lines=False)),
    "removing shadows' edges": Settings(ink=InkSettings(remove_shadows=False)),
    "hysteresis": Settings(
        ink=InkSettings(
            strong_to_noise=InkSettings.weak_to_noise, strong_to_peak=InkSettings.weak_to_peak
        )
    ),
    "five views of an unsure frame": Settings(views=False),
}


class Sets(NamedTuple):
    """The pictures of an ablation.

    Attributes:
        mnist: digits that are read with a count of 1.
        written: digits and numbers that are read without a count.
        others: what is no digit.
    """

    mnist: Labelled
    written: list[Labelled]
    others: list[Labelled]


def load_sets(mnist: Samples, dev: Path) -> Sets:
    """Load the pictures of an ablation.

    Args:
        mnist: the validation part of MNIST.
        dev: the folder of the development sets.
    """
    labels = [str(label) for label in mnist.labels[:MNIST_DIGITS]]
    return Sets(
        ("MNIST validation", list(mnist.frames[:MNIST_DIGITS]), labels),
        _sample(compared_sets(dev), WRITTEN),
        _sample(non_digit_sets(dev), OTHERS),
    )


def read_sets(reader: Reader, sets: Sets) -> list[Result]:
    """Read all sets. Of what is no digit, a refusal is right."""
    name, pictures, labels = sets.mnist
    results = [Result(name, labels, reader.read_many(pictures, 1))]
    for name, pictures, labels in sets.written:
        results.append(Result(name, labels, without_spaces(reader.read_many(pictures))))
    for name, pictures, shown in sets.others:
        results.append(read_others(reader, f"{name}, refused", pictures, shown))
    return results


def ablate(whole: Reader, sets: Sets) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Leave out one ingredient after the other.

    Args:
        whole: a reader that has all of them.
        sets: what is read.

    Yields:
        The ingredient, first `NOTHING`, and a row for each set: what `share_row` returns; `lost`
        and `won`, how many pictures only the whole reader and only the one without the ingredient
        reads right; `p`, see `mcnemar`.
    """
    usual = read_sets(whole, sets)
    yield NOTHING, [_pair(result, result) for result in usual]
    readers = {
        name: Reader(whole.classifier, whole.folder, whole.spotter, whole.judge, settings)
        for name, settings in LEFT_OUT.items()
    }
    readers[PAGE_NETWORKS] = Reader(whole.classifier, whole.folder)
    for name, reader in readers.items():
        yield name, list(map(_pair, usual, read_sets(reader, sets)))


def reader_ablation_table(rows: dict[str, list[dict[str, Any]]]) -> str:
    """Format what `ablate` yields as Markdown: percent right, and how many pictures changed.

    What McNemar's test finds to be significantly different from `NOTHING` is bold.
    """
    sets = [f"{row['set']} ({row['n']:,})" for row in rows[NOTHING]]
    lines = [
        "| without | " + " | ".join(sets) + " | lost, won |",
        "|---|" + "---:|" * (len(sets) + 1),
    ]
    for ingredient, results in rows.items():
        cells = [_mark(f"{row['accuracy']:.1f}", row["p"]) for row in results]
        lost, won = (sum(row[key] for row in results) for key in ("lost", "won"))
        cells.append(_mark(f"−{lost} +{won}", mcnemar(won, lost)))
        lines.append(f"| {ingredient} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _sample(sets: Iterable[Labelled], counts: Mapping[str, int | None]) -> list[Labelled]:
    """Choose pictures of the sets that are named, in the order of their names."""
    sampled = {}
    for name, pictures, labels in sets:
        if name in counts:
            places = choose_some(range(len(labels)), counts[name])
            chosen = [pictures[place] for place in places], [labels[place] for place in places]
            sampled[name] = name, *chosen
    return [sampled[name] for name in counts]


def _pair(usual: Result, result: Result) -> dict[str, Any]:
    """Make the row of a set that is read without an ingredient."""
    pair = pair_row(result.name, usual.right(), result.right())
    return result.row() | {key: pair[key] for key in ("lost", "won", "p")}


def _mark(text: str, p: float) -> str:
    """Make a text bold if its p-value is significant."""
    return f"**{text}**" if p < SIGNIFICANCE else text
