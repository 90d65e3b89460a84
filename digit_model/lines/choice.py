"""Two readings of a picture, from its strokes and from the spotter's marks -> the better one.

A logistic regression weighs what tells them apart. `training/spotting/choice.py` fits it to
pictures of which only one reading is right.
"""

import functools
import json
import math
from pathlib import Path

import numpy as np

from digit_model.lines.decision import Decided
from digit_model.lines.kinds import DIGIT_KINDS, OTHER
from digit_model.reading import Reading

WEIGHTS_FILE = Path(__file__).parent / "weights" / "choice.json"
CONSTANT = "constant"  # Name of the value whose weight is the intercept.
MIN_PROBABILITY = 1e-4  # Lower probabilities count as this.
MAX_LOG_ODDS = 40.0  # Log-odds per digit count as at most this, and at least its negative.
MIN_OVERLAP = 0.5  # Share of the smaller of two boxes from which they are of the same digit.
MAX_COUNT = 4  # Higher counts of digits in question count as this.


def choose(strokes: Decided, marks: Decided) -> Decided:
    """Choose the reading that is more probably right.

    Where they are not of the same digits, neither is sure.

    Args:
        strokes: from connected strokes.
        marks: from the spotter's marks.
    """
    measured = compare(strokes, marks)
    log_odds = sum(weight * measured[name] for name, weight in _load_weights().items())
    draft, reading = marks if log_odds > 0 else strokes
    if strokes[1].labels != marks[1].labels and reading.verdict == "sure":
        reading = reading._replace(verdict="unsure", advice=draft.advise())
    return draft, reading


def compare(strokes: Decided, marks: Decided) -> dict[str, float]:
    """Measure what tells which of two readings is right.

    Returns:
        Name -> value: a constant of 1; for each reading, whether it found digits, and if so, the
        logarithm of its probability and its log-odds per digit, and how many digits it has; how
        many digits of the strokes are a sign or another digit among the marks, and how many of
        their 1s are no mark; and how many digits only the marks have.
    """
    values = _measure_reading("strokes", strokes[1]) | _measure_reading("marks", marks[1])
    (draft, second), first = marks, strokes[1]
    kinds = np.zeros((1, OTHER + 1)) if draft.kinds is None else draft.kinds
    places = range(1, len(kinds))
    overlaps = _overlap(_boxes(first), np.array([draft.box((mark,)) for mark in places]))
    signs = others = unseen_ones = 0
    for digit, row in zip(first.labels, overlaps, strict=False):
        if row.max(initial=0) < MIN_OVERLAP:
            unseen_ones += digit == "1"
            continue
        kind = int(kinds[1 + row.argmax()].argmax())
        signs += DIGIT_KINDS <= kind < OTHER
        others += kind < DIGIT_KINDS and kind != int(digit)
    shared = _overlap(_boxes(second), _boxes(first)).max(axis=1, initial=0) >= MIN_OVERLAP
    counts = {
        "strokes that are signs": signs,
        "strokes that are other digits": others,
        "ones that are not marked": unseen_ones,
        "digits only of marks": int((~shared).sum()),
    }
    return (
        {CONSTANT: 1.0}
        | values
        | {name: float(min(count, MAX_COUNT)) for name, count in counts.items()}
    )


def _measure_reading(name: str, reading: Reading) -> dict[str, float]:
    digits = len(reading.labels)
    log_probability = log_odds = 0.0
    if reading.found:
        probability = reading.probabilities.get(reading.text, 0)
        log_probability = math.log(max(probability, MIN_PROBABILITY))
        log_odds = float(np.clip(reading.log_odds / max(digits, 1), -MAX_LOG_ODDS, MAX_LOG_ODDS))
    return {
        f"{name}: found": float(reading.found),
        f"{name}: log probability": log_probability,
        f"{name}: log-odds per digit": log_odds,
        f"{name}: digits": float(digits),
    }


def _boxes(reading: Reading) -> np.ndarray:
    return np.array([digit.box for digit in reading.digits])


def _overlap(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Compute what share of the smaller box each pair shares, float `(boxes, others)`."""
    boxes, others = boxes.reshape(-1, 1, 4), others.reshape(1, -1, 4)
    low = np.maximum(boxes[..., :2], others[..., :2])
    high = np.minimum(boxes[..., :2] + boxes[..., 2:], others[..., :2] + others[..., 2:])
    areas = np.minimum(boxes[..., 2:].prod(axis=2), others[..., 2:].prod(axis=2))
    shares: np.ndarray = (high - low).clip(0).prod(axis=2) / np.maximum(areas, 1)
    return shares


@functools.cache
def _load_weights() -> dict[str, float]:
    weights: dict[str, float] = json.loads(WEIGHTS_FILE.read_text(encoding="utf-8"))["weights"]
    return weights
