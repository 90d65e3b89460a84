"""How well a reader knows what it does not know: refusals, and probabilities that hold."""

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

BLANKS = 400  # Photos of blank paper.
UNSEEN_FONT = "japanese"  # Its signs are of a kind that neither training nor thresholds saw.
ALSO_ONE = {"minus", "slash", "dot"}  # Symbols that may be read as a 1.
BINS = 15  # Of equal width, as Guo et al. (2017) take them.
RESAMPLES = 200


def non_digit_sets(dev: Path | None) -> Iterator[tuple[str, list[Picture], list[str]]]:
    """Pictures of what is no digit: name of the set, pictures, what each shows."""
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
    photos: list[Picture] = [*photograph_blanks(BLANKS, seed=0)]
    yield "blank paper, photographed", photos, [""] * len(photos)
    canvases: list[Picture] = [*draw_blanks()]
    yield "blank canvas, or one dot", canvases, [""] * len(canvases)


def draw_unseen_signs() -> Iterator[Image.Image]:
    """Kana, drawn as on the app's canvas with each brush."""
    font = HersheyFonts()
    font.load_default_font(UNSEEN_FONT)
    for character in map(chr, range(33, 127)):
        strokes = [list(map(list, stroke)) for stroke in font.strokes_for_text(character)]
        yield from (draw_strokes(strokes, brush) for brush in BRUSHES.values())


def read_non_digits(reader: Reader, dev: Path | None) -> list[Result]:
    """Read what is no digit; right is what is refused, or may be a 1 and is read as one.

    Args:
        reader: the whole pipeline.
        dev: the folder of the development sets; None leaves them out.

    Returns:
        Results whose labels are "", and so are the texts of what is rightly refused.
    """
    results = []
    for name, pictures, shown in non_digit_sets(dev):
        readings = [
            reading
            if reading.found and not (reading.text == "1" and what in ALSO_ONE)
            else reading._replace(text="")
            for reading, what in zip(reader.read_many(pictures), shown, strict=True)
        ]
        results.append(Result(name, [""] * len(readings), readings))
    return results


def rejection_rows(digits: Sequence[Result], others: Sequence[Result]) -> dict[str, Any]:
    """Shares and scores at the one operating point that the artefact states.

    Args:
        digits: sets of single digits, read without being told that there is one.
        others: what `read_non_digits` gave.

    Returns:
        Rows `accepted`, `sure` (right among those) and `refused`, with 95 % Wilson
        intervals, and `scores`: expected calibration errors and areas under the curve
        of digits against others, with 95 % bootstrap intervals.
    """
    accepted, sure, scores = [], [], []
    for result in digits:
        verdicts = np.array([reading.verdict for reading in result.readings])
        accepted.append(share_row(result.name, [r.found for r in result.readings]))
        if (verdicts == "sure").any():
            sure.append(share_row(result.name, result.right()[verdicts == "sure"]))
        data = result.confidence(), result.right()
        scores.append(_score(f"calibration error, {result.name}", calibration_error, data))
    for result in digits[1 : 1 + len(BRUSHES)]:
        for other in others[:2]:
            log_odds = [np.array([r.log_odds for r in part.readings]) for part in (result, other)]
            name = f"AUROC, {result.name} against {other.name}"
            scores.append(_score(name, auroc, tuple(log_odds), paired=False))
    refused = [other.row() for other in others]
    return {"accepted": accepted, "sure": sure, "refused": refused, "scores": scores}


def calibration_error(confidence: np.ndarray, right: np.ndarray) -> float:
    """Mean distance between confidence and accuracy, over bins (Naeini et al., 2015).

    Args:
        confidence: float `(n,)`, the probability of each answer, 0 to 1.
        right: bool `(n,)`, whether it was right.
    """
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = np.bincount(bins, confidence - right, minlength=BINS)
    return float(abs(gaps).sum() / len(confidence))


def auroc(digits: np.ndarray, others: np.ndarray) -> float:
    """The probability that a digit's score is above another thing's, 0 to 1."""
    return float(mannwhitneyu(digits, others).statistic / (len(digits) * len(others)))


def _score(
    name: str, statistic: Any, data: tuple[np.ndarray, ...], paired: bool = True
) -> dict[str, Any]:
    """A score of samples, and its 95 % bootstrap interval."""
    interval = bootstrap(
        data,
        statistic,
        paired=paired,
        vectorized=False,
        n_resamples=RESAMPLES,
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
    """Scores as Markdown, with 95 % bootstrap intervals."""
    lines = ["| score | n | value | 95 % interval |", "|---|---:|---:|---|"]
    lines += [
        f"| {row['score']} | {row['n']:,} | {row['value']:.4f} "
        f"| {row['low']:.4f} – {row['high']:.4f} |"
        for row in rows
    ]
    return "\n".join(lines)
