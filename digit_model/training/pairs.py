"""Compares two readers on the same pictures: the difference, and whether it is significant."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import binomtest, norm

from digit_model.reader import Reader
from digit_model.training.data import Samples
from digit_model.training.evaluation import Labelled, evaluate

SIGNIFICANCE = 0.05  # A difference with a p-value from this on counts as chance.


def compare_readers(
    first: Reader, second: Reader, mnist: Samples, dev: Path | None, extra: Labelled | None = None
) -> list[dict[str, Any]]:
    """Compare two readers on every set of single digits.

    Args:
        first: the current reader.
        second: the reader that may replace it.
        mnist: the test part of MNIST.
        dev: the folder of the development sets; None leaves them out.
        extra: one more set.

    Returns:
        A row for each set, as `pair_row` returns it.
    """
    results = [evaluate(reader, mnist, dev, extra=extra) for reader in (first, second)]
    return [pair_row(a.name, a.right(), b.right()) for a, b in zip(*results, strict=True)]


def pair_row(name: str, first: np.ndarray, second: np.ndarray) -> dict[str, Any]:
    """Make a table row of both accuracies and their difference.

    Args:
        name: name of the set.
        first: bool `(n,)`, which pictures the first reader reads right.
        second: bool `(n,)`, which pictures the second reader reads right.

    Returns:
        `set`; `n`; the accuracies `first` and `second` in percent; `lost` and `won`, how many
        pictures only the first and only the second reads right; `difference`, second minus first
        in percentage points, with its 95 % interval, `low` and `high`; `p`, see `mcnemar`.
    """
    count = len(first)
    won, lost = int(np.sum(second & ~first)), int(np.sum(first & ~second))
    low, high = difference_interval(won, lost, count)
    return {
        "set": name,
        "n": count,
        "first": round(100 * float(first.mean()), 2),
        "second": round(100 * float(second.mean()), 2),
        "lost": lost,
        "won": won,
        "difference": round(100 * (won - lost) / count, 2),
        "low": round(100 * low, 2),
        "high": round(100 * high, 2),
        "p": mcnemar(won, lost),
    }


def mcnemar(won: int, lost: int) -> float:
    """Return the p-value of McNemar's exact, two-sided test (McNemar, 1947); see `pair_row`."""
    return float(binomtest(won, won + lost).pvalue) if won + lost else 1.0


def difference_interval(won: int, lost: int, count: int) -> tuple[float, float]:
    """Find the 95 % interval of a paired difference (adjusted Wald; Bonett and Price, 2012).

    Args:
        won: how many pictures only the second reader reads right.
        lost: how many pictures only the first reader reads right.
        count: how many pictures there are.

    Returns:
        Both ends, as shares between -1 and 1.
    """
    gain, loss = (won + 1) / (count + 2), (lost + 1) / (count + 2)
    middle = gain - loss
    half = float(norm.ppf(0.975)) * ((gain + loss - middle**2) / (count + 2)) ** 0.5
    return max(-1.0, middle - half), min(1.0, middle + half)


def worse_sets(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Name the sets that the second reader reads significantly worse."""
    return [row["set"] for row in rows if row["lost"] > row["won"] and row["p"] < SIGNIFICANCE]


def pair_table(rows: Sequence[dict[str, Any]], first: str, second: str) -> str:
    """Format the comparison as Markdown, a row for each set.

    Args:
        rows: what `pair_row` returned.
        first: heading of the first reader's accuracy.
        second: heading of the second reader's accuracy.
    """
    lines = [
        f"| set | n | {first}, % | {second}, % | difference, points | 95 % interval | p |",
        "|---|---:|---:|---:|---:|---|---:|",
    ]
    lines += [
        f"| {row['set']} | {row['n']:,} | {row['first']:.2f} | {row['second']:.2f} "
        f"| {row['difference']:+.2f} | {row['low']:+.2f} – {row['high']:+.2f} | {row['p']:.3f} |"
        for row in rows
    ]
    return "\n".join(lines)
