"""A picture in pieces, and the class probabilities of each run of pieces."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from digit_model.explain.advice import advise
from digit_model.limits import MAX_RUN_MEGAPIXELS, MAX_RUNS, MAX_STROKES
from digit_model.lines.cut import cut_piece
from digit_model.lines.kinds import MIN_KIND
from digit_model.lines.lattice import LatticePath, Span, best_paths
from digit_model.lines.writing import LOW_TO_HEIGHT, Number, Writing
from digit_model.model.artefact import DIGITS, NOT_A_DIGIT, SEVERAL_DIGITS
from digit_model.model.probabilities import PROBABILITY_FLOOR

MAX_PIECES = 6  # Pieces in one digit.

Run = tuple[int, ...]  # Adjacent pieces of a number.
Box = tuple[int, int, int, int]  # Left, top, width, height, in the picture's pixels.
Locate = Callable[[tuple[int, int, int, int]], Box]  # From top, left, bottom, right in the ink.


@dataclass(frozen=True)
class DraftSettings:
    """What can be tuned on the way from pieces to numbers."""

    max_width_to_height: float = 1.3  # Width of a digit of several pieces, divided by its height.
    max_gap_to_height: float = 0.35  # Gap between a digit's pieces, divided by the number's height.
    usual_to_height: float = 0.8  # Share of the number's height; digits lower than this are rare.
    log_height_std: float = 0.2  # Standard deviation of the logarithm of lower heights.
    min_cut_to_height: float = 0.5  # Width from which a piece is cut, as a share of the height.
    trusted_log: float = math.log(0.8)  # Log probability of a digit whose pieces are not cut.
    touching_log: float = math.log(0.3)  # Log prior of a digit that was cut from its neighbour.
    stranger_log: float = math.log(5e-4)  # Log prior of a piece that is not a digit, beside digits.
    scrap_log: float = math.log(1e-4)  # Log prior of a scrap that a cut left over.
    dot_log: float = math.log(0.3)  # Log prior of a dot or a dash.
    max_whole_digits: int = 3  # Digits of a number up to which the whole number is classified too.
    piece_weight: float = 0.25  # Weight of the pieces' log-odds beside those of the whole number.
    seen_twice_log: float = 8.0  # Subtracted from log-odds per mark: its networks saw the same ink.


def scale_box(scale: float, bounds: tuple[int, int, int, int]) -> Box:
    """Scale bounds to a box in the picture; with its scale bound, it is a `Locate`."""
    top, left, bottom, right = (round(side * scale) for side in bounds)
    return left, top, right - left, bottom - top


class Draft:
    """A picture in pieces, and the class probabilities of each run of pieces.

    Args:
        writing: the pieces.
        numbers: from top to bottom and from left to right.
        digits: how many digits there are; None if it is not known.
        locate: converts bounds in the writing to a box in the picture.
        kinds: float `(pieces + 1, KINDS)`, the probability of each kind for each piece, which
            spotter and judge gave together; None for strokes. See `digit_model.lines.kinds`.
        settings: limits and priors.

    Attributes:
        digits: how many digits there are; None if it is not known, as with several numbers.
        numbers: from top to bottom and from left to right.
        seen: run of pieces -> the frame that the network saw, uint8 `(28, 28)`, and the
            class probabilities that it gave, float32 `(classes,)`.
    """

    def __init__(
        self,
        writing: Writing,
        numbers: list[Number],
        digits: int | None,
        locate: Locate,
        kinds: np.ndarray | None = None,
        settings: DraftSettings = DraftSettings(),
    ) -> None:
        self.writing, self.numbers, self.kinds = writing, numbers, kinds
        self.digits = None if len(numbers) > 1 else digits  # Unknown for each single number.
        self.locate = locate
        self._settings = settings
        self.seen: dict[Run, tuple[np.ndarray, np.ndarray]] = {}

    def unseen(self) -> Iterator[tuple[Run, np.ndarray]]:
        """Yield the runs that may be a digit, and whole numbers, not yet seen, with their ink."""
        for run in self._runs():
            if run not in self.seen:
                yield run, self.writing.crop(run)

    def see(self, run: Run, frame: np.ndarray, probabilities: np.ndarray) -> None:
        """Store the network's probabilities of a run, multiplied by those of its mark if it is one.

        Args:
            run: the pieces.
            frame: uint8 `(28, 28)`, what the network saw.
            probabilities: float32 `(classes,)`.
        """
        if self.kinds is not None and self._is_mark(run):
            mark_kinds = self.kinds[run[0]].clip(MIN_KIND)
            probabilities = probabilities.copy()
            probabilities[: len(DIGITS)] *= mark_kinds[: len(DIGITS)]
            probabilities[len(DIGITS) :] *= mark_kinds[len(DIGITS) :].sum()
            probabilities /= probabilities.sum()
        self.seen[run] = frame, probabilities

    def box(self, run: Run) -> Box:
        """Return `(left, top, width, height)` of a run in the picture's pixels."""
        return self.locate(self.writing.bounds(run))

    def cut_doubtful(self) -> None:
        """Cut the pieces that may be several digits."""
        uncut = self.writing, [*self.numbers]
        for index, number in enumerate(self.numbers):
            is_wide = [self._is_wide(piece, number) for piece in number.pieces]
            if not any(is_wide):
                continue
            best = self.paths(number)[0]
            trusted = {
                place
                for span in best.spans
                if span.scores.max() >= self._settings.trusted_log and self.digits is None
                for place in range(span.start, span.end)
            }
            pieces: list[int] = []
            cut: set[int] = set()
            for place, piece in enumerate(number.pieces):
                parts = [piece]
                if (
                    is_wide[place]
                    and place not in trusted
                    and len(self.writing.boxes) <= MAX_STROKES
                ):
                    self.writing, parts = cut_piece(self.writing, piece)
                pieces += parts
                if len(parts) > 1:
                    cut.update(parts)
            self.numbers[index] = number._replace(pieces=pieces, cut=frozenset(cut))
        if self.is_texture():
            self.writing, self.numbers = uncut

    def paths(self, number: Number) -> list[LatticePath]:
        """Find the ways to read a number, the most probable first; at least one."""
        spans, settings = [], self._settings
        for start, end in self._spans(number):
            run = tuple(number.pieces[start:end])
            _, probabilities = self.seen[run]
            top, _, bottom, _ = self.writing.bounds(run)
            height = (bottom - top) / number.height
            # The spotter's marks may be of any height.
            log_height = 0.0
            if not self._is_mark(run):
                log_height = min(0, math.log(height / settings.usual_to_height))
            penalty = (log_height / settings.log_height_std) ** 2 / 2
            was_cut = start > 0 and {number.pieces[start - 1], number.pieces[start]} <= number.cut
            scores = (
                np.log(probabilities[: len(DIGITS)].clip(PROBABILITY_FLOOR))
                - penalty
                + settings.touching_log * was_cut
            )
            spans.append(Span(start, end, scores))
        left_out = [self._log_left_out(piece, number) for piece in number.pieces]
        return best_paths(spans, left_out, self.digits) or best_paths(spans, left_out)

    def log_odds(self, number: Number, path: LatticePath) -> float:
        """Return the log-odds of a path's digits against no piece of the number being a digit.

        Marks: the networks that named them saw the same ink, so their evidence would count twice;
        a constant per digit is subtracted. A few strokes: mostly what the network says of the whole
        number counts, as each piece of a doodle may look like a digit. Else: the pieces' sum.
        """
        log_odds = 0.0
        left_out = set(number.pieces)
        for digit, span in zip(path.digits, path.spans, strict=True):
            run = number.pieces[span.start : span.end]
            log_odds += float(span.scores[digit]) - self._log_not_digit(run)
            left_out.difference_update(run)
        for piece in left_out:
            log_odds += self._log_left_out(piece, number) - self._log_not_digit([piece])
        if self.kinds is not None:
            return log_odds - self._settings.seen_twice_log * len(path.digits)
        if self.digits is not None or len(path.digits) > self._settings.max_whole_digits:
            return log_odds
        _, probabilities = self.seen[tuple(number.pieces)]
        none = max(float(probabilities[NOT_A_DIGIT:].sum()), PROBABILITY_FLOOR)
        weighed = self._settings.piece_weight * log_odds
        return weighed + math.log1p(-none + PROBABILITY_FLOOR) - math.log(none)

    def write(self, number: Number, path: LatticePath) -> str:
        """Write a path's digits and the number's signs, from left to right."""
        characters = list(number.signs)
        for digit, span in zip(path.digits, path.spans, strict=True):
            _, left, _, right = self.writing.bounds(number.pieces[span.start : span.end])
            characters.append(((left + right) / 2, DIGITS[digit]))
        return "".join(written for _, written in sorted(characters))

    def advise(self) -> str:
        """Say in a sentence what may have made it hard to read; "" if nothing is found."""
        pieces = [piece for number in self.numbers for piece in number.pieces]
        # Several numbers, or digits that do not touch, need no advice to leave more room.
        may_touch = len(self.numbers) == 1 and (len(pieces) == 1 or bool(self.numbers[0].cut))
        several = 0.0
        if may_touch and tuple(pieces) in self.seen:
            several = several_digits(self.seen[tuple(pieces)][1])
        height = max(number.height for number in self.numbers)
        return advise(self.writing.ink, self.writing.bounds(pieces), height, several)

    def _is_mark(self, run: Run) -> bool:
        """Whether a run is a single mark with kinds from the spotter."""
        return self.kinds is not None and len(run) == 1 and run[0] < len(self.kinds)

    def _log_left_out(self, piece: int, number: Number) -> float:
        if self._is_mark((piece,)):
            return self._log_not_digit([piece])
        top, _, bottom, _ = self.writing.boxes[piece]
        if piece in number.cut:
            return self._settings.scrap_log
        if bottom - top < LOW_TO_HEIGHT * number.height:
            return self._settings.dot_log
        return self._settings.stranger_log + self._log_not_digit([piece])

    def _log_not_digit(self, pieces: Sequence[int]) -> float:
        """Return the log probability that a run of pieces is not one digit."""
        _, probabilities = self.seen[tuple(pieces)]
        probability = probabilities[len(DIGITS) :].sum()  # 0 if there is no such class.
        return math.log(max(probability, PROBABILITY_FLOOR))

    def _is_wide(self, piece: int, number: Number) -> bool:
        """Whether a piece is wide enough for several digits."""
        top, left, bottom, right = self.writing.boxes[piece].tolist()
        height = bottom - top
        is_wide = right - left > self._settings.min_cut_to_height * max(height, number.height)
        return bool(is_wide and height >= LOW_TO_HEIGHT * number.height)

    def is_texture(self) -> bool:
        """Whether there are more runs, or larger ones, than on any sheet of numbers."""
        runs = dict.fromkeys([*self.seen, *self._runs()])
        if len(runs) > MAX_RUNS:
            return True
        boxes = np.array([self.writing.bounds(run) for run in runs]).reshape(-1, 4)
        area = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1).sum()
        return bool(area > MAX_RUN_MEGAPIXELS * 1_000_000)

    def _runs(self) -> Iterator[Run]:
        """Yield the runs that may be a digit, and whole numbers, each once."""
        for number in self.numbers:
            spans = [*self._spans(number)]
            if self.digits is None and self.kinds is None:
                spans.append((0, len(number.pieces)))
            yield from dict.fromkeys(tuple(number.pieces[slice(*span)]) for span in spans)

    def _spans(self, number: Number) -> Iterator[tuple[int, int]]:
        """Yield the start and the end of each run of pieces that may be one digit."""
        boxes = self.writing.boxes[number.pieces].tolist()
        for start, (top, left, bottom, right) in enumerate(boxes):
            yield start, start + 1
            for end, box in enumerate(boxes[start + 1 : start + MAX_PIECES], start + 2):
                if box[1] - right > self._settings.max_gap_to_height * number.height:
                    break
                top, left = min(top, box[0]), min(left, box[1])
                bottom, right = max(bottom, box[2]), max(right, box[3])
                height = max(bottom - top, number.height)
                if right - left <= self._settings.max_width_to_height * height:
                    yield start, end


def several_digits(probabilities: np.ndarray) -> float:
    """Return the probability that a frame shows several digits, from `(classes,)`."""
    if len(probabilities) > SEVERAL_DIGITS:
        return float(probabilities[SEVERAL_DIGITS])
    return 1 - float(probabilities.max())  # The network has only digit classes.
