"""Runs of pieces that may be digits -> the most probable numbers.

Every way to take a line's pieces as digits is a path through a lattice, whose
steps the classifier scores, after LeCun et al., "Gradient-Based Learning
Applied to Document Recognition" (1998), section VII.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

PATHS_KEPT = 12  # At each place.
CLASSES_KEPT = 3  # Of each span.


class Span(NamedTuple):
    """Pieces of a line, taken as one digit.

    Attributes:
        start: place of the first.
        end: place after the last.
        scores: float `(10,)`, for each digit the logarithm of how probable it is.
    """

    start: int
    end: int
    scores: np.ndarray


class Path(NamedTuple):
    """One way to read a line.

    Attributes:
        digits: the class of each.
        spans: the pieces of each.
        score: logarithm of how probable these digits are, taken from whatever pieces.
    """

    digits: tuple[int, ...] = ()
    spans: tuple[Span, ...] = ()
    score: float = 0.0


class _Place:
    """What leads to one place, with one number of digits."""

    def __init__(self) -> None:
        self.paths: dict[tuple[int, ...], Path] = {}
        self.total = -math.inf

    def pass_on(self, total: float) -> None:
        self.total = float(np.logaddexp(self.total, total))

    def add(self, path: Path) -> None:
        known = self.paths.get(path.digits)
        if known:
            better, other = (path, known) if path.score > known.score else (known, path)
            score = better.score + math.log1p(math.exp(other.score - better.score))
            path = Path(path.digits, better.spans, score)
        self.paths[path.digits] = path

    def best(self) -> list[Path]:
        return sorted(self.paths.values(), key=lambda path: -path.score)[:PATHS_KEPT]


def best_paths(
    spans: Sequence[Span], left_out: Sequence[float], digits: int | None = None
) -> list[Path]:
    """Find the most probable ways to read a line.

    Args:
        spans: whatever may be a digit.
        left_out: for each piece, the logarithm of how probable it is that it is
            part of none.
        digits: how many there are; None if that is not known.

    Returns:
        Paths, each of other digits, the most probable first. The scores of all
        that there are sum to 1, as probabilities. Empty where no path has so many digits.
    """
    places: list[dict[int, _Place]] = [{} for _ in range(len(left_out) + 1)]
    start = places[0][0] = _Place()
    start.add(Path())
    start.pass_on(0.0)
    for number, cost in enumerate(left_out):
        for count, here in places[number].items():
            paths = here.best()
            there = places[number + 1].setdefault(count, _Place())
            there.pass_on(here.total + cost)
            for path in paths:
                there.add(path._replace(score=path.score + cost))
            if count == digits:
                continue
            for span in (span for span in spans if span.start == number):
                after = 0 if digits is None else count + 1
                there = places[span.end].setdefault(after, _Place())
                there.pass_on(here.total + float(np.logaddexp.reduce(span.scores)))
                for digit in np.argsort(-span.scores)[:CLASSES_KEPT].tolist():
                    for path in paths:
                        score = path.score + float(span.scores[digit])
                        there.add(Path((*path.digits, digit), (*path.spans, span), score))
    last = places[-1].get(digits or 0, _Place())
    return [path._replace(score=path.score - last.total) for path in last.best()]
