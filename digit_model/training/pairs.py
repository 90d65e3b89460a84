"""Two readers on the same pictures: how much better the second is, and whether that is noise."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import binomtest, norm

from digit_model.reader import Reader
from digit_model.training.data import Samples
from digit_model.training.evaluation import Labelled, evaluate

NOISE = 0.05  # A difference that chance makes at least as often as this is taken for none.


def compare_readers(
    first: Reader, second: Reader, mnist: Samples, dev: Path | None, extra: Labelled | None = None
) -> list[dict[str, Any]]:
    """Let two readers read every set of single digits.

    Args:
        first: what there is.
        second: what may take its place.
        mnist: MNIST's test part.
        dev: the folder of the development sets; None leaves them out.
        extra: one more set.

    Returns:
        A row for each set, as `pair_row` has it.
    """
    results = [evaluate(reader, mnist, dev, extra=extra) for reader in (first, second)]
    return [pair_row(a.name, a.right(), b.right()) for a, b in zip(*results, strict=True)]


def pair_row(name: str, first: np.ndarray, second: np.ndarray) -> dict[str, Any]:
    """Both accuracies, and the second less the first in points with its 95 % interval.

    Args:
        name: of the set.
        first: which pictures the first reads right, bool `(n,)`.
        second: the same of the second.

    Returns:
        `set`, `n`, `first` and `second` in percent, how many pictures only one reads right,
        `lost` and `won`, the `difference` with `low` and `high`, and McNemar's exact `p`.
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
    """How often chance makes two equally good readers differ at least as much; exact, two-sided."""
    return float(binomtest(won, won + lost).pvalue) if won + lost else 1.0


def difference_interval(won: int, lost: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a difference of paired shares (adjusted Wald; Bonett and Price, 2012).

    Args:
        won: pictures that only the second reads right.
        lost: pictures that only the first reads right.
        count: all pictures.
    """
    gain, loss = (won + 1) / (count + 2), (lost + 1) / (count + 2)
    middle = gain - loss
    half = float(norm.ppf(0.975)) * ((gain + loss - middle**2) / (count + 2)) ** 0.5
    return max(-1.0, middle - half), min(1.0, middle + half)


def worse_sets(rows: Sequence[dict[str, Any]]) -> list[str]:
    """The sets that the second reads worse, beyond noise."""
    return [row["set"] for row in rows if row["lost"] > row["won"] and row["p"] < NOISE]


def pair_table(rows: Sequence[dict[str, Any]], first: str, second: str) -> str:
    """Two readers side by side as Markdown, a row for each set.

    Args:
        rows: what `pair_row` gave.
        first: the heading of the first reader.
        second: the heading of the second.
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
