"""How well a reader refuses what is no digit, and how well its probabilities are calibrated."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from HersheyFonts import HersheyFonts
from PIL import Image
from scipy.stats import bootstrap, mannwhitneyu

from digit_model.picture.image import Picture
from digit_model.reader import Reader
from digit_model.training.blanks import draw_blanks, photograph_blanks
from digit_model.training.evaluation import (
    BRUSHES,
    Result,
    draw_strokes,
    read_drawings,
    share_row,
)

BLANK_PHOTOS = 400  # Photos of blank paper.
UNSEEN_FONT = "japanese"  # Neither the training nor the choice of thresholds used such signs.
ONE_LIKE_SYMBOLS = {"minus", "slash", "dot"}  # Symbols that may be read as a 1.
CALIBRATION_BINS = 15  # Bins of equal width, as in Guo et al. (2017).
BOOTSTRAP_RESAMPLES = 200


def non_digit_sets(dev: Path | None) -> Iterator[tuple[str, list[Picture], list[str]]]:
    """Yield each set of pictures of what is no digit: name, pictures, what each shows."""
    if dev:
        for name in ("doodles", "freehand_letters"):
            items = read_drawings(dev / f"{name}.jsonl.gz")
            drawn: list[Picture] = [draw_strokes(i["strokes"], BRUSHES["middle"]) for i in items]
            yield name, drawn, [item["label"] for item in items]
        with np.load(dev / "scanned_symbols.npz") as arrays:
            images, labels = arrays["images"], arrays["labels"]
        yield "scanned_symbols", [*images], labels.tolist()
        yield "of them, without z", [*images[labels != "z"]], labels[labels != "z"].tolist()
    unseen: list[Picture] = [*draw_unseen_signs()]
    yield "signs of an unseen kind", unseen, [""] * len(unseen)
    photos: list[Picture] = [*photograph_blanks(BLANK_PHOTOS, seed=0)]
    yield "blank paper, photographed", photos, [""] * len(photos)
    canvases: list[Picture] = [*draw_blanks()]
    yield "blank canvas, or one dot", canvases, [""] * len(canvases)


def draw_unseen_signs() -> Iterator[Image.Image]:
    """Yield kana, drawn as on the app's canvas with each brush."""
    font = HersheyFonts()
    font.load_default_font(UNSEEN_FONT)
    for character in map(chr, range(33, 127)):
        strokes = [list(map(list, stroke)) for stroke in font.strokes_for_text(character)]
        yield from (draw_strokes(strokes, brush) for brush in BRUSHES.values())


def read_non_digits(reader: Reader, dev: Path | None) -> list[Result]:
    """Read all sets of what is no digit; see `read_others`.

    Args:
        reader: the whole pipeline.
        dev: the folder of the development sets; None leaves them out.
    """
    return [read_others(reader, *labelled) for labelled in non_digit_sets(dev)]


def read_others(reader: Reader, name: str, pictures: list[Picture], shown: list[str]) -> Result:
    """Read what is no digit. A refusal is right, and so is a 1 for a symbol that looks like one.

    Args:
        reader: the whole pipeline.
        name: name of the set.
        pictures: the pictures of the set.
        shown: what each picture shows.

    Returns:
        A result in which each label is "", and so is the text of each reading that is right.
    """
    readings = [
        reading
        if reading.found and not (reading.text == "1" and what in ONE_LIKE_SYMBOLS)
        else reading._replace(text="")
        for reading, what in zip(reader.read_many(pictures), shown, strict=True)
    ]
    return Result(name, [""] * len(readings), readings)


def rejection_rows(digits: Sequence[Result], others: Sequence[Result]) -> dict[str, Any]:
    """Make the table rows of shares and scores at the artefact's thresholds.

    Args:
        digits: sets of single digits, read with an unknown count of digits.
        others: what `read_non_digits` returned.

    Returns:
        `accepted` (of digits), `sure` (share right among sure readings) and `refused` (of others),
        each with 95 % Wilson intervals; and `scores`: expected calibration errors, and areas under
        the ROC curve of digits against others, with 95 % bootstrap intervals.
    """
    accepted, sure, scores = [], [], []
    for result in digits:
        verdicts = np.array([reading.verdict for reading in result.readings])
        accepted.append(share_row(result.name, [r.found for r in result.readings]))
        if (verdicts == "sure").any():
            sure.append(share_row(result.name, result.right()[verdicts == "sure"]))
        data = result.confidence(), result.right()
        scores.append(_score_row(f"calibration error, {result.name}", calibration_error, data))
    for result in digits[1 : 1 + len(BRUSHES)]:
        for other in others[:2]:
            log_odds = [np.array([r.log_odds for r in part.readings]) for part in (result, other)]
            name = f"AUROC, {result.name} against {other.name}"
            scores.append(_score_row(name, auroc, tuple(log_odds), paired=False))
    refused = [other.row() for other in others]
    return {"accepted": accepted, "sure": sure, "refused": refused, "scores": scores}


def calibration_error(confidence: np.ndarray, right: np.ndarray) -> float:
    """Compute the expected calibration error, 0 to 1 (Naeini et al., 2015).

    Args:
        confidence: float `(n,)`, the probability of each answer, 0 to 1.
        right: bool `(n,)`, whether the answer was right.
    """
    bins = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    gaps = np.bincount(bins, confidence - right, minlength=CALIBRATION_BINS)
    return float(abs(gaps).sum() / len(confidence))


def auroc(digits: np.ndarray, others: np.ndarray) -> float:
    """Compute the area under the ROC curve, 0 to 1, from the scores of digits and of others."""
    return float(mannwhitneyu(digits, others).statistic / (len(digits) * len(others)))


def _score_row(
    name: str, statistic: Any, data: tuple[np.ndarray, ...], paired: bool = True
) -> dict[str, Any]:
    """Make the table row of a score with its 95 % bootstrap interval."""
    interval = bootstrap(
        data,
        statistic,
        paired=paired,
        vectorized=False,
        n_resamples=BOOTSTRAP_RESAMPLES,
        method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval
    return {
        "score": name,
        "n": len(data[0]) if paired else sum(map(len, data)),
        "value": round(float(statistic(*data)), 4),
        "low": round(float(interval.low), 4),
        "high": round(float(interval.high), 4),
    }


def score_table(rows: list[dict[str, Any]]) -> str:
    """Format scores, with 95 % bootstrap intervals, as Markdown."""
    lines = ["| score | n | value | 95 % interval |", "|---|---:|---:|---|"]
    lines += [
        f"| {row['score']} | {row['n']:,} | {row['value']:.4f} "
        f"| {row['low']:.4f} – {row['high']:.4f} |"
        for row in rows
    ]
    return "\n".join(lines)
