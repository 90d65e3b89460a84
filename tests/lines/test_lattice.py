"""The most probable ways through the pieces of a number."""

import itertools
import math
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digit_model.lines.lattice import Span, best_paths


def score(probability: float, digit: int) -> np.ndarray:
    """Of a span that is almost certainly this digit."""
    scores = np.full(10, np.log(1e-6))
    scores[digit] = np.log(probability)
    return scores


def all_readings(
    spans: list[Span], left_out: list[float], digits: int | None
) -> dict[tuple[int, ...], float]:
    """Every reading with its probability, by trying every path."""
    probabilities: dict[tuple[int, ...], float] = defaultdict(float)

    def walk(place: int, read: tuple[int, ...], total: float) -> None:
        if place == len(left_out):
            if digits is None or len(read) == digits:
                probabilities[read] += math.exp(total)
            return
        walk(place + 1, read, total + left_out[place])
        for span in spans:
            if span.start == place:
                for digit, one in enumerate(span.scores):
                    walk(span.end, (*read, digit), total + float(one))

    walk(0, (), 0.0)
    return probabilities


@given(
    st.integers(1, 3),
    st.randoms(use_true_random=False),
    st.sampled_from([None, 1, 2]),
)
def test_the_best_paths_are_those_that_trying_all_would_find(
    pieces: int, random: "np.random.Generator", digits: int | None
) -> None:
    """Otherwise a number is misread that the network has read right."""
    spans = [
        Span(start, end, np.log([random.uniform(0.001, 1) ** 4 for _ in range(10)]))
        for start, end in itertools.combinations(range(pieces + 1), 2)
    ]
    left_out = [math.log(random.uniform(0.001, 0.5)) for _ in range(pieces)]
    expected = all_readings(spans, left_out, digits)

    paths = best_paths(spans, left_out, digits)

    best = max(expected, key=lambda read: expected[read], default=None)
    if best is None:
        assert paths == []
    elif expected[best] > 2 * sorted([0, *expected.values()])[-2]:
        assert paths[0].digits == best
    total = sum(expected.values())
    for path in paths:
        # A path that was dropped on the way may lack in a reading's sum.
        assert math.exp(path.score) <= expected[path.digits] / total + 1e-9


def test_a_digit_in_two_pieces_is_one_and_two_digits_are_two() -> None:
    """Otherwise a 5 whose bar stands apart is two digits, or 11 one."""
    whole = [Span(0, 1, score(0.3, 1)), Span(1, 2, score(0.2, 7)), Span(0, 2, score(0.9, 5))]
    parted = [Span(0, 1, score(0.9, 1)), Span(1, 2, score(0.9, 1)), Span(0, 2, score(0.1, 4))]

    assert best_paths(whole, [-9.0, -9.0])[0].digits == (5,)
    assert best_paths(parted, [-9.0, -9.0])[0].digits == (1, 1)


def test_a_long_number_is_no_less_probable_for_its_length() -> None:
    """Otherwise twenty clear digits are "unsure"."""
    spans = [Span(place, place + 1, score(0.5, 3)) for place in range(20)]

    (path, *_) = best_paths(spans, [-20.0] * 20)

    assert path.digits == (3,) * 20
    assert math.exp(path.score) > 0.99


@pytest.mark.parametrize(("digits", "expected"), [(1, (8,)), (2, (3, 8)), (3, None)])
def test_a_known_number_of_digits_is_kept_to(digits: int, expected: tuple[int, ...] | None) -> None:
    """Otherwise what the caller knows is of no use."""
    spans = [Span(0, 1, score(0.9, 3)), Span(1, 2, score(0.9, 8)), Span(0, 2, score(0.2, 8))]

    paths = best_paths(spans, [-1.0, -9.0], digits)

    assert (paths[0].digits if paths else None) == expected
