"""A picture in pieces, and the class probabilities of each run of pieces."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from digit_model.explain.advice import advise
from digit_model.limits import MAX_RUN_MEGAPIXELS, MAX_RUNS, MAX_STROKES
from digit_model.lines.cut import cut_piece
from digit_model.lines.kinds import MIN_KIND
from digit_model.lines.lattice import Path, Span, best_paths
from digit_model.lines.segment import LOW_TO_HEIGHT, Line, Writing
from digit_model.model.artefact import DIGITS, NOT_A_DIGIT, SEVERAL_DIGITS
from digit_model.model.classifier import PROBABILITY_FLOOR

MAX_PIECES = 6  # Pieces in one digit.

Run = tuple[int, ...]  # The numbers of adjacent pieces.
Box = tuple[int, int, int, int]  # Left, top, width, height, in the picture's pixels.
Locate = Callable[[tuple[int, int, int, int]], Box]  # From top, left, bottom, right in the ink.


@dataclass(frozen=True)
class DraftSettings:
    """What can be tuned on the way from pieces to numbers."""

    max_width_to_height: float = 1.3  # Width of a digit of several pieces, divided by its height.
    max_gap_to_height: float = 0.35  # Gap between a digit's pieces, divided by the line's height.
    usual_to_height: float = 0.8  # Share of the line's height; digits lower than this are rare.
    log_height_std: float = 0.2  # Standard deviation of the logarithm of lower heights.
    min_cut_to_height: float = 0.5  # Width from which a piece is cut, as a share of the height.
    trusted_log: float = math.log(0.8)  # Log probability of a digit whose pieces are not cut.
    touching_log: float = math.log(0.3)  # Log prior of a digit that was cut from its neighbour.
    stranger_log: float = math.log(5e-4)  # Log prior of a piece that is not a digit, beside digits.
    scrap_log: float = math.log(1e-4)  # Log prior of a scrap that a cut left over.
    dot_log: float = math.log(0.3)  # Log prior of a dot or a dash.
    max_whole_digits: int = 3  # Digits of a line up to which the whole line is judged too.
    piece_weight: float = 0.25  # Weight of the pieces' log-odds beside those of the whole line.
    seen_twice_log: float = 8.0  # Subtracted from log-odds per mark: its networks saw the same ink.


def scale_box(scale: float, bounds: tuple[int, int, int, int]) -> Box:
    """Scale bounds to a box in the picture; with its scale bound, it is a `Locate`."""
    top, left, bottom, right = (round(side * scale) for side in bounds)
    return left, top, right - left, bottom - top


class Draft:
    """A picture in pieces, and the class probabilities of each run of pieces.

    Args:
        writing: the pieces.
        lines: the numbers, from top to bottom and from left to right.
        digits: the number of digits; None if it is not known.
        locate: converts bounds in the writing to a box in the picture.
        marks: float `(pieces + 1, KINDS)`, the probability of each kind for each piece, which
            spotter and judge gave together; None for strokes. See `digit_model.lines.kinds`.
        settings: limits and priors.

    Attributes:
        digits: the number of digits; None if it is not known, as on several lines.
        lines: the numbers, from top to bottom and from left to right.
        seen: run of pieces -> the frame that the network saw, uint8 `(28, 28)`, and the
            class probabilities that it gave, float32 `(classes,)`.
    """

    def __init__(
        self,
        writing: Writing,
        lines: list[Line],
        digits: int | None,
        locate: Locate,
        marks: np.ndarray | None = None,
        settings: DraftSettings = DraftSettings(),
    ) -> None:
        self.writing, self.lines, self.marks = writing, lines, marks
        self.digits = None if len(lines) > 1 else digits  # Unknown for each single line.
        self.locate = locate
        self._settings = settings
        self.seen: dict[Run, tuple[np.ndarray, np.ndarray]] = {}

    def unseen(self) -> Iterator[tuple[Run, np.ndarray]]:
        """Yield the runs that may be a digit, and whole lines, not yet seen, with their ink."""
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
        if self.marks is not None and self._is_mark(run):
            kinds = self.marks[run[0]].clip(MIN_KIND)
            probabilities = probabilities.copy()
            probabilities[: len(DIGITS)] *= kinds[: len(DIGITS)]
            probabilities[len(DIGITS) :] *= kinds[len(DIGITS) :].sum()
            probabilities /= probabilities.sum()
        self.seen[run] = frame, probabilities

    def box(self, run: Run) -> Box:
        """Return `(left, top, width, height)` of a run in the picture's pixels."""
        return self.locate(self.writing.bounds(run))

    def cut_doubtful(self) -> None:
        """Cut the pieces that may be several digits."""
        uncut = self.writing, [*self.lines]
        for number, line in enumerate(self.lines):
            is_wide = [self._is_wide(piece, line) for piece in line.pieces]
            if not any(is_wide):
                continue
            best = self.paths(line)[0]
            trusted = {
                place
                for span in best.spans
                if span.scores.max() >= self._settings.trusted_log and self.digits is None
                for place in range(span.start, span.end)
            }
            pieces: list[int] = []
            cut: set[int] = set()
            for place, piece in enumerate(line.pieces):
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
            self.lines[number] = line._replace(pieces=pieces, cut=frozenset(cut))
        if self.is_texture():
            self.writing, self.lines = uncut

    def paths(self, line: Line) -> list[Path]:
        """Find the ways to read a line, the most probable first; at least one."""
        spans, settings = [], self._settings
        for start, end in self._spans(line):
            run = tuple(line.pieces[start:end])
            _, probabilities = self.seen[run]
            top, _, bottom, _ = self.writing.bounds(run)
            height = (bottom - top) / line.height
            # The spotter's marks may be of any height.
            log_height = 0.0
            if not self._is_mark(run):
                log_height = min(0, math.log(height / settings.usual_to_height))
            penalty = (log_height / settings.log_height_std) ** 2 / 2
            was_cut = start > 0 and {line.pieces[start - 1], line.pieces[start]} <= line.cut
            scores = (
                np.log(probabilities[: len(DIGITS)].clip(PROBABILITY_FLOOR))
                - penalty
                + settings.touching_log * was_cut
            )
            spans.append(Span(start, end, scores))
        left_out = [self._log_left_out(piece, line) for piece in line.pieces]
        return best_paths(spans, left_out, self.digits) or best_paths(spans, left_out)

    def log_odds(self, line: Line, path: Path) -> float:
        """Return the log-odds of a path's digits against no piece of the line being a digit.

        Marks: the networks that named them saw the same ink, so their evidence would count twice;
        a constant per digit is subtracted. A few strokes: mostly what the network says of the line
        as a whole counts, as each piece of a doodle may look like a digit. Else: the pieces' sum.
        """
        log_odds = 0.0
        left_out = set(line.pieces)
        for digit, span in zip(path.digits, path.spans, strict=True):
            run = line.pieces[span.start : span.end]
            log_odds += float(span.scores[digit]) - self._log_not_digit(run)
            left_out.difference_update(run)
        for piece in left_out:
            log_odds += self._log_left_out(piece, line) - self._log_not_digit([piece])
        if self.marks is not None:
            return log_odds - self._settings.seen_twice_log * len(path.digits)
        if self.digits is not None or len(path.digits) > self._settings.max_whole_digits:
            return log_odds
        _, probabilities = self.seen[tuple(line.pieces)]
        none = max(float(probabilities[NOT_A_DIGIT:].sum()), PROBABILITY_FLOOR)
        weighed = self._settings.piece_weight * log_odds
        return weighed + math.log1p(-none + PROBABILITY_FLOOR) - math.log(none)

    def write(self, line: Line, path: Path) -> str:
        """Write a path's digits and the line's signs, from left to right."""
        characters = list(line.signs)
        for digit, span in zip(path.digits, path.spans, strict=True):
            _, left, _, right = self.writing.bounds(line.pieces[span.start : span.end])
            characters.append(((left + right) / 2, DIGITS[digit]))
        return "".join(written for _, written in sorted(characters))

    def advise(self) -> str:
        """Say in a sentence what may have made it hard to read; "" if nothing is found."""
        pieces = [piece for line in self.lines for piece in line.pieces]
        # Several lines, or digits that do not touch, need no advice to leave more room.
        may_touch = len(self.lines) == 1 and (len(pieces) == 1 or bool(self.lines[0].cut))
        several = 0.0
        if may_touch and tuple(pieces) in self.seen:
            several = several_digits(self.seen[tuple(pieces)][1])
        height = max(line.height for line in self.lines)
        return advise(self.writing.ink, self.writing.bounds(pieces), height, several)

    def _is_mark(self, run: Run) -> bool:
        """Whether a run is a single mark with kinds from the spotter."""
        return self.marks is not None and len(run) == 1 and run[0] < len(self.marks)

    def _log_left_out(self, piece: int, line: Line) -> float:
        if self._is_mark((piece,)):
            return self._log_not_digit([piece])
        top, _, bottom, _ = self.writing.boxes[piece]
        if piece in line.cut:
            return self._settings.scrap_log
        if bottom - top < LOW_TO_HEIGHT * line.height:
            return self._settings.dot_log
        return self._settings.stranger_log + self._log_not_digit([piece])

    def _log_not_digit(self, pieces: Sequence[int]) -> float:
        """Return the log probability that a run of pieces is not one digit."""
        _, probabilities = self.seen[tuple(pieces)]
        probability = probabilities[len(DIGITS) :].sum()  # 0 if there is no such class.
        return math.log(max(probability, PROBABILITY_FLOOR))

    def _is_wide(self, piece: int, line: Line) -> bool:
        """Whether a piece is wide enough for several digits."""
        top, left, bottom, right = self.writing.boxes[piece].tolist()
        height = bottom - top
        is_wide = right - left > self._settings.min_cut_to_height * max(height, line.height)
        return bool(is_wide and height >= LOW_TO_HEIGHT * line.height)

    def is_texture(self) -> bool:
        """Whether there are more runs, or larger ones, than on any sheet of numbers."""
        runs = dict.fromkeys([*self.seen, *self._runs()])
        if len(runs) > MAX_RUNS:
            return True
        boxes = np.array([self.writing.bounds(run) for run in runs]).reshape(-1, 4)
        area = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1).sum()
        return bool(area > MAX_RUN_MEGAPIXELS * 1_000_000)

    def _runs(self) -> Iterator[Run]:
        """Yield the runs that may be a digit, and whole lines, each once."""
        for line in self.lines:
            spans = [*self._spans(line)]
            if self.digits is None and self.marks is None:
                spans.append((0, len(line.pieces)))
            yield from dict.fromkeys(tuple(line.pieces[slice(*span)]) for span in spans)

    def _spans(self, line: Line) -> Iterator[tuple[int, int]]:
        """Yield the start and the end of each run of pieces that may be one digit."""
        boxes = self.writing.boxes[line.pieces].tolist()
        for start, (top, left, bottom, right) in enumerate(boxes):
            yield start, start + 1
            for end, box in enumerate(boxes[start + 1 : start + MAX_PIECES], start + 2):
                if box[1] - right > self._settings.max_gap_to_height * line.height:
                    break
                top, left = min(top, box[0]), min(left, box[1])
                bottom, right = max(bottom, box[2]), max(right, box[3])
                height = max(bottom - top, line.height)
                if right - left <= self._settings.max_width_to_height * height:
                    yield start, end


def several_digits(probabilities: np.ndarray) -> float:
    """Return the probability that a frame shows several digits, from `(classes,)`."""
    if len(probabilities) > SEVERAL_DIGITS:
        return float(probabilities[SEVERAL_DIGITS])
    return 1 - float(probabilities.max())  # The network has only digit classes.
