"""A picture that is being read: its pieces, and what the network said of each run of them."""

import math
from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np

from digit_model.advice import advise
from digit_model.artefact import DIGITS, NOT_A_DIGIT, SEVERAL_DIGITS
from digit_model.classifier import LEAST
from digit_model.cut import cut_piece
from digit_model.ink import SMALL_PICTURE, Ink
from digit_model.lattice import Path, Span, best_paths
from digit_model.limits import RUN_MEGAPIXELS, RUNS, STROKES
from digit_model.segment import (
    LOW,
    Line,
    Writing,
    find_digit,
    find_lines,
    label_strokes,
    take_all,
)

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
ONE_DIGIT = 32  # Pixels, longer side: as small as the frames of data sets, of one digit each.
WHOLE = 0.8  # Of the ink, at least, is the digit's,
LIKELY, SEVERAL = 0.03, 0.2  # and it is so probably a digit at least, and several at most;
LIKELIER = 0.5  # of more strokes than digits have, as a page's, at least so probably.

Run = tuple[int, ...]  # The numbers of neighbouring pieces.


class Draft:
    """A picture that is being read.

    Attributes:
        digits: how many there are; None if that is not known, as on several lines.
        lines: of writing, from top to bottom.
        seen: run of pieces -> the frame that the network saw, uint8 `(28, 28)`, and the
            class probabilities that it gave, float32 `(classes,)`.
    """

    def __init__(self, ink: Ink, digits: int | None) -> None:
        """Take the ink apart."""
        self._ink = ink
        self.expect(digits)

    @classmethod
    def of_lines(cls, writing: Writing, lines: list[Line]) -> "Draft":
        """A draft of what is already taken apart into lines of pieces."""
        draft = cls.__new__(cls)
        draft._ink, draft._writing, draft.lines = Ink(writing.ink), writing, lines
        draft.digits, draft.seen = None, {}
        return draft

    @cached_property
    def _strokes(self) -> Writing:
        return label_strokes(self._ink.pixels)

    def expect(self, digits: int | None) -> None:
        """Take the ink apart anew, into so many digits."""
        self.digits = digits
        self.seen: dict[Run, tuple[np.ndarray, np.ndarray]] = {}
        if digits != 1:
            self._writing, self.lines = find_lines(self._strokes)
            if len(self.lines) > 1:
                self.digits = None  # It is not known how many there are in each.
            if self._is_texture():
                self._writing, self.lines = take_all(self._ink.pixels)
        elif max(self._ink.pixels.shape) <= SMALL_PICTURE:
            self._writing, self.lines = take_all(self._ink.pixels)
        else:
            self._writing, self.lines = find_digit(self._strokes)

    def is_one_digit(self) -> bool:
        """Whether what was taken for one digit is one, and all that is written."""
        if not self.lines:
            return False
        ink = self._writing.ink
        if max(ink.shape) <= ONE_DIGIT:
            return True
        run = tuple(self.lines[0].pieces)
        _, probabilities = self.seen[run]
        whole = self._writing.crop(run).sum(dtype=float) >= WHOLE * ink.sum(dtype=float)
        many = len(self._strokes.boxes) - 1 > MOST_PIECES
        one = probabilities[: len(DIGITS)].sum() >= (LIKELIER if many else LIKELY)
        one &= _several(probabilities) < SEVERAL
        return bool(whole and one)

    def unseen(self) -> Iterator[tuple[Run, np.ndarray]]:
        """Runs that may be a digit, and whole lines, that are yet to be seen, with their ink."""
        for run in self._runs():
            if run not in self.seen:
                yield run, self._writing.crop(run)

    def box(self, run: Run) -> tuple[int, int, int, int]:
        """`(left, top, width, height)` in the picture's pixels."""
        bounds = (round(side * self._ink.scale) for side in self._writing.bounds(run))
        top, left, bottom, right = bounds
        return left, top, right - left, bottom - top

    def cut_doubtful(self) -> None:
        """Cut the pieces that may be several digits."""
        uncut = self._writing, [*self.lines]
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
                if wide[place] and place not in trusted and len(self._writing.boxes) <= STROKES:
                    self._writing, parts = cut_piece(self._writing, piece)
                pieces += parts
                if len(parts) > 1:
                    cut.update(parts)
            self.lines[number] = Line(pieces, line.height, frozenset(cut))
        if self._is_texture():
            self._writing, self.lines = uncut

    def paths(self, line: Line) -> list[Path]:
        """The ways to read a line, the most probable first; at least one."""
        spans = []
        for start, end in self._spans(line):
            run = tuple(line.pieces[start:end])
            _, probabilities = self.seen[run]
            top, _, bottom, _ = self._writing.bounds(run)
            height = (bottom - top) / line.height
            rare = (min(0, math.log(height / USUAL)) / SPREAD) ** 2 / 2
            parted = start > 0 and {line.pieces[start - 1], line.pieces[start]} <= line.cut
            scores = np.log(probabilities[: len(DIGITS)].clip(LEAST)) - rare + TOUCHING * parted
            spans.append(Span(start, end, scores))
        left_out = [self._left_out(piece, line) for piece in line.pieces]
        return best_paths(spans, left_out, self.digits) or best_paths(spans, left_out)

    def odds(self, line: Line, path: Path) -> float:
        """Logarithm of how much more probable a path's digits are than that all is no digit."""
        odds = 0.0
        left_out = set(line.pieces)
        for digit, span in zip(path.digits, path.spans, strict=True):
            run = line.pieces[span.start : span.end]
            odds += float(span.scores[digit]) - self._none(run)
            left_out.difference_update(run)
        for piece in left_out:
            odds += self._left_out(piece, line) - self._none([piece])
        if self.digits is not None or len(path.digits) > AT_A_GLANCE:
            return odds
        # Each piece of a doodle may look like a digit, but the whole does not look like several.
        _, probabilities = self.seen[tuple(line.pieces)]
        nothing = max(float(probabilities[NOT_A_DIGIT:].sum()), LEAST)
        return PIECES_TELL * odds + math.log1p(-nothing + LEAST) - math.log(nothing)

    def advise(self) -> str:
        """What may have made it hard to read, in a sentence; "" where nothing is found."""
        pieces = [piece for line in self.lines for piece in line.pieces]
        # Pages are no digits, and what stands apart from the start needs no more room.
        close = len(self.lines) == 1 and (len(pieces) == 1 or bool(self.lines[0].cut))
        several = 0.0
        if close and tuple(pieces) in self.seen:
            several = _several(self.seen[tuple(pieces)][1])
        height = max(line.height for line in self.lines)
        return advise(self._ink.pixels, self._writing.bounds(pieces), height, several)

    def _left_out(self, piece: int, line: Line) -> float:
        top, _, bottom, _ = self._writing.boxes[piece]
        if piece in line.cut:
            return SCRAP
        mark = bottom - top < LOW * line.height
        return MARK if mark else STRANGER + self._none([piece])

    def _none(self, pieces: Sequence[int]) -> float:
        """Logarithm of the probability that a run of pieces is not one digit."""
        _, probabilities = self.seen[tuple(pieces)]
        none = probabilities[len(DIGITS) :].sum()  # Of a network that knows no such class, 0.
        return math.log(max(none, LEAST))

    def _is_wide(self, piece: int, line: Line) -> bool:
        """Whether a piece has the room for several digits."""
        top, left, bottom, right = self._writing.boxes[piece].tolist()
        height = bottom - top
        wide = right - left > NARROWEST * max(height, line.height)
        return bool(wide and height >= LOW * line.height)

    def _is_texture(self) -> bool:
        """Whether more is to be looked at than on any sheet of numbers."""
        runs = dict.fromkeys([*self.seen, *self._runs()])
        if len(runs) > RUNS:
            return True
        boxes = np.array([self._writing.bounds(run) for run in runs]).reshape(-1, 4)
        area = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1).sum()
        return bool(area > RUN_MEGAPIXELS * 1_000_000)

    def _runs(self) -> Iterator[Run]:
        """Runs that may be a digit, and whole lines, each once."""
        for line in self.lines:
            spans = [*self._spans(line)]
            if self.digits is None:
                spans.append((0, len(line.pieces)))
            yield from dict.fromkeys(tuple(line.pieces[slice(*span)]) for span in spans)

    def _spans(self, line: Line) -> Iterator[tuple[int, int]]:
        """Where each run of pieces that may be one digit starts and ends."""
        boxes = self._writing.boxes[line.pieces].tolist()
        for start, (top, left, bottom, right) in enumerate(boxes):
            yield start, start + 1
            for end, box in enumerate(boxes[start + 1 : start + MOST_PIECES], start + 2):
                if box[1] - right > WIDEST_GAP * line.height:
                    break
                top, left = min(top, box[0]), min(left, box[1])
                bottom, right = max(bottom, box[2]), max(right, box[3])
                if right - left <= WIDEST * max(bottom - top, line.height):
                    yield start, end


def _several(probabilities: np.ndarray) -> float:
    """How probably a frame shows several digits."""
    if len(probabilities) > SEVERAL_DIGITS:
        return float(probabilities[SEVERAL_DIGITS])
    return 1 - float(probabilities.max())  # A network that knows digits alone is in doubt.
