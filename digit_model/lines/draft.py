"""A picture, taken apart into pieces, and what the network says of each run of them."""

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from digit_model.explain.advice import advise
from digit_model.limits import MAX_RUN_MEGAPIXELS, MAX_RUNS, MAX_STROKES
from digit_model.lines.cut import cut_piece
from digit_model.lines.kinds import UNLIKELY
from digit_model.lines.lattice import Path, Span, best_paths
from digit_model.lines.segment import LOW, Line, Writing
from digit_model.model.artefact import DIGITS, NOT_A_DIGIT, SEVERAL_DIGITS
from digit_model.model.classifier import PROBABILITY_FLOOR

MOST_PIECES = 6  # In one digit.
# Of the height of a line's digits:
WIDEST = 1.3  # a digit of several pieces,
WIDEST_GAP = 0.35  # the gap between two of them,
USUAL = 0.8  # the height below which digits are rare,
SPREAD = 0.2  # and the standard deviation of its logarithm there.
NARROWEST = 0.5  # Of the height of its own and of the line's digits: a piece that may be cut.
DOUBT = math.log(0.8)  # A piece less probably a digit may be several.
# Logarithms of how much rarer, among digits, is
TOUCHING = math.log(0.3)  # one that touches the one before,
STRANGER = math.log(5e-4)  # something that is no digit,
SCRAP = math.log(1e-4)  # something that is no digit but touches one,
MARK = math.log(0.3)  # and a dot or a dash.
AT_A_GLANCE = 3  # Digits, at most, of which the network also sees the whole,
PIECES_TELL = 0.25  # and what the pieces' odds count beside it.
SEEN_TWICE = 8.0  # A logarithm: what it adds to a digit's odds, as the same ink misleads both.

Run = tuple[int, ...]  # The numbers of neighbouring pieces.
Box = tuple[int, int, int, int]  # Left, top, width, height, in the picture's pixels.
Locate = Callable[[tuple[int, int, int, int]], Box]  # From top, left, bottom, right of a writing.


def scale_box(scale: float, bounds: tuple[int, int, int, int]) -> Box:
    """A `Locate`, once it has its scale: pixels of the picture for one of the writing."""
    top, left, bottom, right = (round(side * scale) for side in bounds)
    return left, top, right - left, bottom - top


class Draft:
    """A picture, taken apart in one way, and what the network says of the pieces.

    Args:
        writing: its pieces.
        lines: of writing, from top to bottom.
        digits: how many there are; None if that is not known.
        locate: where in the picture a part of the writing is.
        marks: float `(pieces + 1, KINDS)`, how probably each piece is each kind of mark, where a
            spotter told; see `digit_model.lines.kinds`.

    Attributes:
        digits: how many there are; None if that is not known, as on several lines.
        lines: of writing, from top to bottom.
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
    ) -> None:
        self.writing, self.lines, self.marks = writing, lines, marks
        self.digits = None if len(lines) > 1 else digits  # Of which line, nobody knows.
        self.locate = locate
        self.seen: dict[Run, tuple[np.ndarray, np.ndarray]] = {}

    def unseen(self) -> Iterator[tuple[Run, np.ndarray]]:
        """Runs that may be a digit, and whole lines, that are yet to be seen, with their ink."""
        for run in self._runs():
            if run not in self.seen:
                yield run, self.writing.crop(run)

    def see(self, run: Run, frame: np.ndarray, probabilities: np.ndarray) -> None:
        """Note what the network says of a run; of a spotter's mark, the spotter has its say too.

        Args:
            run: of pieces.
            frame: uint8 `(28, 28)`, what it saw.
            probabilities: float32 `(classes,)`.
        """
        if self.marks is not None and self._is_mark(run):
            said = self.marks[run[0]].clip(UNLIKELY)
            probabilities = probabilities.copy()
            probabilities[: len(DIGITS)] *= said[: len(DIGITS)]
            probabilities[len(DIGITS) :] *= said[len(DIGITS) :].sum()
            probabilities /= probabilities.sum()
        self.seen[run] = frame, probabilities

    def box(self, run: Run) -> Box:
        """`(left, top, width, height)` in the picture's pixels."""
        return self.locate(self.writing.bounds(run))

    def cut_doubtful(self) -> None:
        """Cut the pieces that may be several digits."""
        uncut = self.writing, [*self.lines]
        for number, line in enumerate(self.lines):
            wide = [self._is_wide(piece, line) for piece in line.pieces]
            if not any(wide):
                continue
            best = self.paths(line)[0]
            trusted = {
                place
                for span in best.spans
                if span.scores.max() >= DOUBT and self.digits is None
                for place in range(span.start, span.end)
            }
            pieces: list[int] = []
            cut: set[int] = set()
            for place, piece in enumerate(line.pieces):
                parts = [piece]
                if wide[place] and place not in trusted and len(self.writing.boxes) <= MAX_STROKES:
                    self.writing, parts = cut_piece(self.writing, piece)
                pieces += parts
                if len(parts) > 1:
                    cut.update(parts)
            self.lines[number] = line._replace(pieces=pieces, cut=frozenset(cut))
        if self.is_texture():
            self.writing, self.lines = uncut

    def paths(self, line: Line) -> list[Path]:
        """The ways to read a line, the most probable first; at least one."""
        spans = []
        for start, end in self._spans(line):
            run = tuple(line.pieces[start:end])
            _, probabilities = self.seen[run]
            top, _, bottom, _ = self.writing.bounds(run)
            height = (bottom - top) / line.height
            # What a spotter takes for a digit may be as small as it likes.
            low = 0 if self._is_mark(run) else min(0, math.log(height / USUAL))
            rare = (low / SPREAD) ** 2 / 2
            parted = start > 0 and {line.pieces[start - 1], line.pieces[start]} <= line.cut
            scores = (
                np.log(probabilities[: len(DIGITS)].clip(PROBABILITY_FLOOR))
                - rare
                + TOUCHING * parted
            )
            spans.append(Span(start, end, scores))
        left_out = [self._left_out(piece, line) for piece in line.pieces]
        return best_paths(spans, left_out, self.digits) or best_paths(spans, left_out)

    def log_odds(self, line: Line, path: Path) -> float:
        """Logarithm of how much more probable a path's digits are than that all is no digit."""
        log_odds = 0.0
        left_out = set(line.pieces)
        for digit, span in zip(path.digits, path.spans, strict=True):
            run = line.pieces[span.start : span.end]
            log_odds += float(span.scores[digit]) - self._none(run)
            left_out.difference_update(run)
        for piece in left_out:
            log_odds += self._left_out(piece, line) - self._none([piece])
        if self.marks is not None:
            return log_odds - SEEN_TWICE * len(path.digits)
        if self.digits is not None or len(path.digits) > AT_A_GLANCE:
            return log_odds
        # Each piece of a doodle may look like a digit, but the whole does not look like several.
        _, probabilities = self.seen[tuple(line.pieces)]
        nothing = max(float(probabilities[NOT_A_DIGIT:].sum()), PROBABILITY_FLOOR)
        return PIECES_TELL * log_odds + math.log1p(-nothing + PROBABILITY_FLOOR) - math.log(nothing)

    def write(self, line: Line, path: Path) -> str:
        """A line as it is written: a path's digits, and the signs among them."""
        marks = list(line.signs)
        for digit, span in zip(path.digits, path.spans, strict=True):
            _, left, _, right = self.writing.bounds(line.pieces[span.start : span.end])
            marks.append(((left + right) / 2, DIGITS[digit]))
        return "".join(written for _, written in sorted(marks))

    def advise(self) -> str:
        """What may have made it hard to read, in a sentence; "" where nothing is found."""
        pieces = [piece for line in self.lines for piece in line.pieces]
        # Pages are no digits, and what stands apart from the start needs no more room.
        close = len(self.lines) == 1 and (len(pieces) == 1 or bool(self.lines[0].cut))
        several = 0.0
        if close and tuple(pieces) in self.seen:
            several = several_digits(self.seen[tuple(pieces)][1])
        height = max(line.height for line in self.lines)
        return advise(self.writing.ink, self.writing.bounds(pieces), height, several)

    def _is_mark(self, run: Run) -> bool:
        """Whether a run is just a mark of which a spotter said what it is."""
        return self.marks is not None and len(run) == 1 and run[0] < len(self.marks)

    def _left_out(self, piece: int, line: Line) -> float:
        if self._is_mark((piece,)):
            return self._none([piece])
        top, _, bottom, _ = self.writing.boxes[piece]
        if piece in line.cut:
            return SCRAP
        mark = bottom - top < LOW * line.height
        return MARK if mark else STRANGER + self._none([piece])

    def _none(self, pieces: Sequence[int]) -> float:
        """Logarithm of the probability that a run of pieces is not one digit."""
        _, probabilities = self.seen[tuple(pieces)]
        none = probabilities[len(DIGITS) :].sum()  # Of a network that knows no such class, 0.
        return math.log(max(none, PROBABILITY_FLOOR))

    def _is_wide(self, piece: int, line: Line) -> bool:
        """Whether a piece has the room for several digits."""
        top, left, bottom, right = self.writing.boxes[piece].tolist()
        height = bottom - top
        wide = right - left > NARROWEST * max(height, line.height)
        return bool(wide and height >= LOW * line.height)

    def is_texture(self) -> bool:
        """Whether more is to be looked at than on any sheet of numbers."""
        runs = dict.fromkeys([*self.seen, *self._runs()])
        if len(runs) > MAX_RUNS:
            return True
        boxes = np.array([self.writing.bounds(run) for run in runs]).reshape(-1, 4)
        area = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1).sum()
        return bool(area > MAX_RUN_MEGAPIXELS * 1_000_000)

    def _runs(self) -> Iterator[Run]:
        """Runs that may be a digit, and whole lines, each once."""
        for line in self.lines:
            spans = [*self._spans(line)]
            if self.digits is None and self.marks is None:
                spans.append((0, len(line.pieces)))
            yield from dict.fromkeys(tuple(line.pieces[slice(*span)]) for span in spans)

    def _spans(self, line: Line) -> Iterator[tuple[int, int]]:
        """Where each run of pieces that may be one digit starts and ends."""
        boxes = self.writing.boxes[line.pieces].tolist()
        for start, (top, left, bottom, right) in enumerate(boxes):
            yield start, start + 1
            for end, box in enumerate(boxes[start + 1 : start + MOST_PIECES], start + 2):
                if box[1] - right > WIDEST_GAP * line.height:
                    break
                top, left = min(top, box[0]), min(left, box[1])
                bottom, right = max(bottom, box[2]), max(right, box[3])
                if right - left <= WIDEST * max(bottom - top, line.height):
                    yield start, end


def several_digits(probabilities: np.ndarray) -> float:
    """How probably a frame shows several digits."""
    if len(probabilities) > SEVERAL_DIGITS:
        return float(probabilities[SEVERAL_DIGITS])
    return 1 - float(probabilities.max())  # A network that knows digits alone is in doubt.
