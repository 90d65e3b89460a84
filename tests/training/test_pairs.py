"""The statistics of two readers on the same pictures."""

import numpy as np
import pytest

from digit_model.training.pairs import difference_interval, mcnemar, pair_row, worse_sets


def outcomes(both: int, lost: int, won: int, neither: int) -> tuple[np.ndarray, np.ndarray]:
    """Which pictures each of two readers reads right, from how often each case came."""
    first = np.repeat([True, True, False, False], [both, lost, won, neither])
    second = np.repeat([True, False, True, False], [both, lost, won, neither])
    return first, second


def test_the_interval_is_that_of_the_paper() -> None:
    """Otherwise the intervals are of another method than is said."""
    # By hand from p12 = (f12 + 1) / (n + 2) and p21 likewise, for f12 = 9, f21 = 2, n = 50.
    gain, loss = 10 / 52, 3 / 52
    half = 1.959964 * ((gain + loss - (gain - loss) ** 2) / 52) ** 0.5

    assert difference_interval(9, 2, 50) == pytest.approx((7 / 52 - half, 7 / 52 + half), abs=1e-6)


@pytest.mark.parametrize(
    ("won", "lost", "p"), [(0, 0, 1.0), (5, 5, 1.0), (0, 5, 2 / 32), (0, 6, 2 / 64), (6, 0, 2 / 64)]
)
def test_p_is_exact(won: int, lost: int, p: float) -> None:
    """Otherwise few differences pass for many, or none stops the comparison."""
    assert mcnemar(won, lost) == pytest.approx(p)


def test_only_what_is_worse_beyond_noise_is_named() -> None:
    """Otherwise a worse model is served, or a better one, or one as good, never."""
    rows = [
        pair_row("worse", *outcomes(90, 6, 0, 4)),
        pair_row("noise", *outcomes(90, 5, 0, 5)),
        pair_row("better", *outcomes(90, 0, 6, 4)),
        pair_row("same", *outcomes(90, 0, 0, 10)),
    ]

    assert worse_sets(rows) == ["worse"]
    assert [row["difference"] for row in rows] == [-6.0, -5.0, 6.0, 0.0]
    assert all(row["low"] <= row["difference"] <= row["high"] for row in rows)


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """Otherwise 95 % is a word."""
    random = np.random.default_rng(0)
    counts = random.multinomial(200, [0.9, 0.03, 0.06, 0.01], 2000)

    intervals = [difference_interval(won, lost, 200) for _, lost, won, _ in counts]

    held = np.mean([low <= 0.03 <= high for low, high in intervals])
    assert 0.93 < held < 0.99
