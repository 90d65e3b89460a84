"""A picture -> the numbers in it, found by the spotter and read by the classifier."""

import math
from statistics import median

import numpy as np

from digit_model.artefact import DIGITS, NOT_A_DIGIT
from digit_model.classifier import LEAST, Classifier
from digit_model.draft import Draft
from digit_model.frame import frame_digit
from digit_model.lines.gaze import look
from digit_model.lines.kinds import DIGIT_KINDS
from digit_model.lines.layout import find_rows
from digit_model.lines.spots import Spots
from digit_model.lines.spotter import Spotter
from digit_model.lines.turns import set_upright
from digit_model.picture import Picture, open_picture
from digit_model.segment import LOW, Line, Writing

TRUST = 1.0  # How much the spotter's opinion of a digit counts beside the classifier's,
DOUBT = 1e-4  # and the least probability that it gives to any.
STRANGE = 0.94  # Probability: what is so surely no digit to the classifier is left out.
FULL = 90  # Percentile of a mark's ink that is full ink,
FAINTEST = 60  # and its least level.


class PageReader:
    """Reads the numbers on a page.

    Args:
        spotter: finds the digits.
        classifier: reads each.
    """

    def __init__(self, spotter: Spotter, classifier: Classifier) -> None:
        self.spotter, self.classifier = spotter, classifier

    def read(self, picture: Picture) -> str:
        """The digits: numbers on one line joined by " ", lines by newlines."""
        image, _ = open_picture(picture)
        spots = look(self.spotter, image.convert("L")).spots
        spots = set_upright(spots, self._judge)
        rows = find_rows(spots, spots.digits())
        numbers = [number for row in rows for number in row]
        texts = iter(self._read_numbers(spots, numbers))
        lines = [" ".join(filter(None, [next(texts) for _ in row])) for row in rows]
        return "\n".join(filter(None, lines))

    def _judge(self, spots: Spots, marks: np.ndarray) -> np.ndarray:
        """How probably each mark is its best digit, as logarithms, float `(n,)`."""
        writing = Writing(blacken(spots), spots.labels, spots.boxes)
        frames = [
            frame_digit(ink, self.classifier.frame)
            for ink in (writing.crop([mark]) for mark in marks.tolist())
            if ink.any()
        ]
        if not frames:
            return np.full(1, math.log(LEAST))
        rows = self.classifier.glance(np.array(frames))
        likely: np.ndarray = np.log(rows[:, :DIGIT_KINDS].max(axis=1).clip(LEAST))
        return likely

    def _read_numbers(self, spots: Spots, numbers: list[list[int]]) -> list[str]:
        """What each number reads."""
        if not numbers:
            return []
        writing = Writing(blacken(spots), spots.labels, spots.boxes)
        lines = [Line(number, _usual_height(spots, number)) for number in numbers]
        draft = Draft.of_lines(writing, lines)
        self._see(draft, spots)
        draft.lines = [self._without_strangers(line, draft) for line in lines]
        self._see(draft, spots)
        draft.cut_doubtful()
        self._see(draft, spots)
        return [
            "".join(DIGITS[digit] for digit in draft.paths(line)[0].digits) for line in draft.lines
        ]

    def _without_strangers(self, line: Line, draft: Draft) -> Line:
        """A line without the marks that the classifier is sure are no digit, unless all are."""
        kept = [mark for mark in line.pieces if draft.seen[mark,][1][NOT_A_DIGIT] < STRANGE]
        return line._replace(pieces=kept or line.pieces)

    def _see(self, draft: Draft, spots: Spots) -> None:
        """Show the classifier what it has yet to see; of single marks the spotter has its say."""
        unseen = list(draft.unseen())
        if not unseen:
            return
        frames = np.array([frame_digit(ink, self.classifier.frame) for _, ink in unseen])
        for (run, _), frame, row in zip(unseen, frames, self.classifier(frames), strict=True):
            if len(run) == 1 and run[0] < len(spots.kinds):
                said = row[:DIGIT_KINDS].sum()
                row[:DIGIT_KINDS] *= spots.kinds[run[0], :DIGIT_KINDS].clip(DOUBT) ** TRUST
                row[:DIGIT_KINDS] *= said / row[:DIGIT_KINDS].sum()
            draft.seen[run] = frame, row


def blacken(spots: Spots) -> np.ndarray:
    """The marks' ink, each mark's stretched to full black: uint8 `(height, width)`."""
    full = np.full(len(spots.boxes), 255.0)
    for mark, (top, left, bottom, right) in enumerate(spots.boxes):
        ink = spots.ink[top:bottom, left:right][spots.labels[top:bottom, left:right] == mark]
        if len(ink):
            full[mark] = max(FAINTEST, np.percentile(ink, FULL))
    stretched: np.ndarray = np.rint((spots.ink * (255 / full)[spots.labels]).clip(0, 255))
    return stretched.astype(np.uint8)


def _usual_height(spots: Spots, number: list[int]) -> float:
    """The height of a number's digits, without those that are low."""
    heights = [bottom - top for top, _, bottom, _ in spots.boxes[number].tolist()]
    return float(median(height for height in heights if height >= LOW * max(heights)))
