"""A picture -> the numbers in it, found by the spotter and read by the classifier."""

import numpy as np

from digit_model.artefact import DIGITS
from digit_model.classifier import LEAST, Classifier
from digit_model.frame import frame_digit
from digit_model.gaze import look
from digit_model.kinds import DIGIT_KINDS
from digit_model.layout import find_rows
from digit_model.picture import Picture, open_picture
from digit_model.spots import Spots
from digit_model.spotter import Spotter

TRUST = 0.5  # How much the spotter's opinion of a digit counts beside the classifier's.
STRANGE = 0.97  # What the classifier takes so surely for no digit is none.


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
        numbers = spots.digits()
        if not len(numbers):
            return ""
        if len(numbers) > 1:
            spots = spots.turned(spots.turn())
        read = self._read_digits(spots, numbers)
        rows = find_rows(spots, np.array([*read], int))
        return "\n".join(
            " ".join("".join(read[mark] for mark in number) for number in row) for row in rows
        )

    def _read_digits(self, spots: Spots, numbers: np.ndarray) -> dict[int, str]:
        """What each mark reads, without those that are no digit."""
        frames = np.array(
            [frame_digit(crop(spots, mark), self.classifier.frame) for mark in numbers]
        )
        rows = self.classifier(frames)
        said = np.log(rows[:, :DIGIT_KINDS].clip(LEAST))
        said += TRUST * np.log(spots.kinds[numbers, :DIGIT_KINDS].clip(LEAST))
        strange = rows[:, DIGIT_KINDS:].sum(axis=1) > STRANGE
        return {
            int(mark): DIGITS[digit]
            for mark, digit, odd in zip(numbers, said.argmax(axis=1), strange, strict=True)
            if not odd
        }


def crop(spots: Spots, mark: int) -> np.ndarray:
    """A mark by itself, uint8 `(height, width)`."""
    top, left, bottom, right = spots.boxes[mark]
    window = np.s_[top:bottom, left:right]
    ink: np.ndarray = spots.ink[window] * (spots.labels[window] == mark)
    return ink
