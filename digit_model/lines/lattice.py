"""Runs of pieces that may be digits -> the most probable numbers.

Each way to divide a number's pieces into digits is a path through a lattice. The
classifier scores its steps, after LeCun et al., "Gradient-Based Learning
Applied to Document Recognition" (1998), section VII.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

PATHS_KEPT = 12  # Most probable paths kept at each place.
CLASSES_KEPT = 3  # Most probable classes kept of each span.


class Span(NamedTuple):
    """Pieces of a number, taken as one digit.

    Attributes:
        start: place of the first piece.
        end: place after the last piece.
        scores: float `(10,)`, the log probability of each digit.
    """

    start: int
    end: int
    scores: np.ndarray


class LatticePath(NamedTuple):
    """One way to read a number.

    Attributes:
        digits: the class of each digit.
        spans: the pieces of each digit.
        score: log probability of these digits, summed over all spans that give them.
    """

    digits: tuple[int, ...] = ()
    spans: tuple[Span, ...] = ()
    score: float = 0.0


class _Place:
    """The paths to one place, with one count of digits."""

    def __init__(self) -> None:
        self.paths: dict[tuple[int, ...], LatticePath] = {}
        self.total = -math.inf

    def add_total(self, total: float) -> None:
        self.total = float(np.logaddexp(self.total, total))

    def add(self, path: LatticePath) -> None:
        known = self.paths.get(path.digits)
        if known:
            better, other = (path, known) if path.score > known.score else (known, path)
            score = better.score + math.log1p(math.exp(other.score - better.score))
            path = LatticePath(path.digits, better.spans, score)
        self.paths[path.digits] = path

    def best(self) -> list[LatticePath]:
        return sorted(self.paths.values(), key=lambda path: -path.score)[:PATHS_KEPT]


def best_paths(
    spans: Sequence[Span], left_out: Sequence[float], digits: int | None = None
) -> list[LatticePath]:
    """Find the most probable ways to read a number.

    Args:
        spans: all runs that may be a digit.
        left_out: for each piece, the log probability that it is part of no digit.
        digits: how many digits there are; None if it is not known.

    Returns:
        Paths with different digits, the most probable first. The probabilities of all
        possible paths sum to 1. Empty if no path has so many digits.
    """
    places: list[dict[int, _Place]] = [{} for _ in range(len(left_out) + 1)]
    start = places[0][0] = _Place()
    start.add(LatticePath())
    start.add_total(0.0)
    for index, log_left_out in enumerate(left_out):
        for count, place in places[index].items():
            paths = place.best()
            target = places[index + 1].setdefault(count, _Place())
            target.add_total(place.total + log_left_out)
            for path in paths:
                target.add(path._replace(score=path.score + log_left_out))
            if count == digits:
                continue
            for span in (span for span in spans if span.start == index):
                after = 0 if digits is None else count + 1
                target = places[span.end].setdefault(after, _Place())
                target.add_total(place.total + float(np.logaddexp.reduce(span.scores)))
                for digit in np.argsort(-span.scores)[:CLASSES_KEPT].tolist():
                    for path in paths:
                        score = path.score + float(span.scores[digit])
                        target.add(LatticePath((*path.digits, digit), (*path.spans, span), score))
    last = places[-1].get(digits or 0, _Place())
    return [path._replace(score=path.score - last.total) for path in last.best()]
