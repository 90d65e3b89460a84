"""Fits the choice between a picture's two readings; see `digit_model.lines.choice`."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from tqdm import tqdm

from digit_model.lines.batches import Batches
from digit_model.lines.choice import CONSTANT, compare
from digit_model.training.data import Samples
from digit_model.training.spotting.trials import TRIALS, Trial

RIDGE = 3.0  # Penalty of the squared weights, each times its value's standard deviation.
REFUSED_COST = 5.0  # Weight of a number that only the strokes show: refusing it is the worst error.
READ_AT_ONCE = 64


def fit_choice(batches: Batches, samples: Samples, seed: int) -> dict[str, Any]:
    """Read pictures in both ways, and learn which reading is right where only one is.

    Args:
        batches: reads pictures.
        samples: digits that trained none of the networks.
        seed: seed of the pictures.

    Returns:
        `weights`: name of what `compare` measures -> its weight in the log-odds that the marks'
        reading is the better one; `pictures`: kind -> how often the marks' reading was the better
        one, and how often that of the strokes; `right`: the share of right choices.
    """
    random = np.random.default_rng(seed)
    rows, better, costs, counts = [], [], [], {}
    for name, (make, count) in TRIALS.items():
        trials = iter(tqdm(make(samples, count, random), name, count, leave=False))
        found = list(_compare_trials(batches, trials))
        marks = sum(is_better for _, is_better in found)
        counts[name] = [marks, len(found) - marks]
        rows += [measured for measured, _ in found]
        better += [is_better for _, is_better in found]
        costs += [_cost(*pair) / len(found) for pair in found]
    names = [*rows[0]]
    values = np.array([[row[name] for name in names] for row in rows])
    fitted = _fit_logistic(values, np.array(better), np.array(costs), names.index(CONSTANT))
    right = float(((values @ fitted > 0) == np.array(better)).mean())
    return {
        "weights": dict(zip(names, fitted.round(4).tolist(), strict=True)),
        "pictures": counts,
        "right": round(right, 4),
    }


def _compare_trials(
    batches: Batches, trials: Iterator[Trial]
) -> Iterator[tuple[dict[str, float], bool]]:
    """Yield what both readings of a picture differ in, and whether the marks' is the better one."""
    while some := list(islice(trials, READ_AT_ONCE)):
        both = batches.read_both([trial.picture for trial in some], None)
        for trial, (strokes, marks) in zip(some, both, strict=True):
            if marks is None:
                continue
            gain = trial.check(marks[1]) - trial.check(strokes[1])
            if gain:
                yield compare(strokes, marks), gain > 0


def _cost(measured: dict[str, float], is_better: bool) -> float:
    """Return how bad it is to choose the wrong reading."""
    is_refused = measured["strokes: found"] and not measured["marks: found"]
    return REFUSED_COST if is_refused and not is_better else 1.0


def _fit_logistic(
    values: np.ndarray, labels: np.ndarray, costs: np.ndarray, constant: int
) -> np.ndarray:
    """Fit a logistic regression with a ridge penalty.

    Args:
        values: float `(n, values)`.
        labels: bool `(n,)`.
        costs: float `(n,)`, how bad it is to get a row wrong.
        constant: column of the constant, which has no penalty.

    Returns:
        float `(values,)`, the weights of the columns.
    """
    scale, middle = values.std(axis=0), values.mean(axis=0)
    scale[np.isclose(scale, 0)], middle[constant] = 1, 0
    scaled = (values - middle) / scale
    signs, costs = np.where(labels, 1, -1), costs / costs.mean()
    penalty = np.full(values.shape[1], RIDGE)
    penalty[constant] = 0

    def loss(fitted: np.ndarray) -> tuple[float, np.ndarray]:
        margins = signs * (scaled @ fitted)
        slopes = -costs * signs * expit(-margins)
        value = costs @ np.logaddexp(0, -margins) + penalty @ fitted**2 / 2
        return float(value), scaled.T @ slopes + penalty * fitted

    fitted: np.ndarray = minimize(loss, np.zeros(values.shape[1]), jac=True).x / scale
    fitted[constant] -= middle @ fitted
    return fitted
