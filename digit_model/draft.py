"""A picture that is being read: its pieces, and what the network said of each run of them."""

from collections.abc import Iterator, Sequence

import numpy as np

from digit_model.artefact import NOT_A_DIGIT
from digit_model.cut import cut_piece
from digit_model.ink import Ink
from digit_model.lattice import Path, Span, best_paths
from digit_model.segment import LOW, Line, find_digit, find_lines

MOST_PIECES = 5  # In one digit.
# Of the height of a line's digits:
WIDEST = 1.3  # a digit of several pieces,
WIDEST_GAP = 0.35  # the gap between two of them,
USUAL = 0.6  # the height below which digits are rare,
SPREAD = 0.35  # and the standard deviation of its logarithm there.
NARROWEST = 0.4  # Of the height of its own and of the line's digits: a piece that may be cut.
DOUBT = np.log(0.8)  # A piece less probably a digit may be several.
# Logarithms of how much rarer, among digits, is
TOUCHING = np.log(0.1)  # one that touches the one before,
STRANGER = np.log(0.02)  # something that is no digit,
MARK = np.log(0.3)  # and a dot or a dash.
ONE_DIGIT = 32  # Pixels, longer side: as small as the frames of data sets, of one digit each.
WHOLE = 0.8  # Of the ink, at least, is the digit's.
LEAST = 1e-9  # Probability: smaller ones count as this.

Run = tuple[int, ...]  # The numbers of neighbouring pieces.


class Draft:
    """A picture that is being read.

    Attributes:
        digits: how many there are; None if that is not known.
        lines: of writing, from top to bottom.
        seen: run of pieces -> the frame that the network saw, uint8 `(28, 28)`, and the
            class probabilities that it gave, float32 `(classes,)`.
    """

    def __init__(self, ink: Ink, digits: int | None) -> None:
        """Take the ink apart."""
        self.digits = digits
        self._scale = ink.scale
        self._writing, self.lines = (find_digit if digits == 1 else find_lines)(ink.pixels)
        self.seen: dict[Run, tuple[np.ndarray, np.ndarray]] = {}

    def is_one_digit(self) -> bool:
        """Whether what was taken for one digit is one, and all that is written."""
        for line in self.lines:
            run = tuple(line.pieces)
            _, probabilities = self.seen[run]
            ink = self._writing.ink
            whole = self._writing.crop(run).ink.sum(dtype=float) >= WHOLE * ink.sum(dtype=float)
            likely = np.log(probabilities[:NOT_A_DIGIT].max()) >= DOUBT
            return max(ink.shape) <= ONE_DIGIT or bool(whole and likely)
        return False

    def unseen(self) -> Iterator[tuple[Run, np.ndarray]]:
        """Runs that may be a digit and that the network has yet to see, with their ink."""
        for line in self.lines:
            for span in self._spans(line):
                run = tuple(line.pieces[slice(*span)])
                if run not in self.seen:
                    yield run, self._writing.crop(run).ink

    def box(self, run: Run) -> tuple[int, int, int, int]:
        """`(left, top, width, height)` in the picture's pixels."""
        left, top, width, height = (round(s * self._scale) for s in self._writing.crop(run).box)
        return left, top, width, height

    def cut_doubtful(self) -> None:
        """Cut the pieces that may be several digits."""
        if self.digits == 1:
            return
        for number, line in enumerate(self.lines):
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
                top, left, bottom, right = self._writing.boxes[piece]
                wide = right - left > NARROWEST * max(bottom - top, line.height)
                parts = [piece]
                if wide and bottom - top >= LOW * line.height and place not in trusted:
                    self._writing, parts = cut_piece(self._writing, piece)
                pieces += parts
                cut.update(parts[1:])
            self.lines[number] = Line(pieces, line.height, frozenset(cut))

    def paths(self, line: Line) -> list[Path]:
        """The ways to read a line, the most probable first; at least one."""
        spans = []
        for start, end in self._spans(line):
            run = tuple(line.pieces[start:end])
            _, probabilities = self.seen[run]
            height = self._writing.crop(run).box[3] / line.height
            rare = (min(0, np.log(height / USUAL)) / SPREAD) ** 2 / 2
            cut = TOUCHING if line.pieces[start] in line.cut else 0
            scores = np.log(probabilities[:NOT_A_DIGIT].clip(LEAST)) - rare + cut
            spans.append(Span(start, end, scores))
        left_out = [self._left_out(piece, line) for piece in line.pieces]
        return best_paths(spans, left_out, self.digits) or best_paths(spans, left_out)

    def odds(self, line: Line, path: Path) -> float:
        """Logarithm of how much more probable a path's digits are than that all is no digit."""
        odds = 0.0
        left_out = set(range(len(line.pieces)))
        for digit, span in zip(path.digits, path.spans, strict=True):
            odds += span.scores[digit] - self._none(line.pieces[span.start : span.end])
            left_out -= set(range(span.start, span.end))
        for piece in (line.pieces[place] for place in left_out):
            odds += self._left_out(piece, line) - self._none([piece])
        return odds

    def _left_out(self, piece: int, line: Line) -> float:
        top, _, bottom, _ = self._writing.boxes[piece]
        mark = bottom - top < LOW * line.height
        return float(MARK if mark else STRANGER + self._none([piece]))

    def _none(self, pieces: Sequence[int]) -> float:
        """Logarithm of the probability that a run of pieces is not one digit."""
        _, probabilities = self.seen[tuple(pieces)]
        none = probabilities[NOT_A_DIGIT:].sum()  # Of a network that knows no such class, 0.
        return float(np.log(max(none, LEAST)))

    def _spans(self, line: Line) -> Iterator[tuple[int, int]]:
        """Where each run of pieces that may be one digit starts and ends."""
        boxes = self._writing.boxes[line.pieces]
        for start in range(len(boxes)):
            for end in range(start + 1, min(start + MOST_PIECES, len(boxes)) + 1):
                top, left = boxes[start:end, :2].min(axis=0)
                bottom, right = boxes[start:end, 2:].max(axis=0)
                gap = boxes[end - 1, 1] - boxes[start : end - 1, 3].max(initial=0)
                if end > start + 1 and gap > WIDEST_GAP * line.height:
                    break
                if end == start + 1 or right - left <= WIDEST * max(bottom - top, line.height):
                    yield start, end
