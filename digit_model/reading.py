"""What was read in a picture."""

from typing import Literal, NamedTuple

import numpy as np

Verdict = Literal["blank", "not a digit", "unsure", "sure"]


class Digit(NamedTuple):
    """One digit that was read.

    Attributes:
        box: `(left, top, width, height)` in the picture's pixels.
        frame: uint8 `(28, 28)`, what the network saw.
        probabilities: float32 `(10,)`, one for each class, summing to 1.
    """

    box: tuple[int, int, int, int]
    frame: np.ndarray
    probabilities: np.ndarray


class Reading(NamedTuple):
    """What was read in a picture.

    Attributes:
        text: the digit, the number, or a page's numbers, those of a line parted by " ", lines
            by newlines; "" where nothing is written. What is no digit has the text of the
            one that it most looks like, and where it could only be several, "".
        verdict: "blank", "not a digit", "unsure" or "sure".
        probabilities: reading -> probability, the most probable first: of one digit
            all ten, of a number the best ten readings.
        digits: the digits, in reading order.
        log_odds: logarithm of how much more probable these digits are than that there is
            none; the verdict is "not a digit" below a threshold of the model's.
        advice: where the verdict is not "sure", what the writer may do better, in a
            sentence, or "".
        written: the text with the signs that stand among its digits: "3.14", "-7", "12/05".
    """

    text: str
    verdict: Verdict
    probabilities: dict[str, float]
    digits: tuple[Digit, ...]
    log_odds: float = 0.0
    advice: str = ""
    written: str = ""

    @property
    def found(self) -> bool:
        """Whether something is taken for digits."""
        return self.verdict in ("unsure", "sure")

    @property
    def labels(self) -> str:
        """What each of `digits` was read as, one letter each."""
        return "".join(self.text.split())
