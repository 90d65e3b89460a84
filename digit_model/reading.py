"""What was read in a picture."""

from typing import Literal, NamedTuple

import numpy as np

# "not a digit" is the outcome of a threshold, not the most probable class of the network.
Verdict = Literal["blank", "not a digit", "unsure", "sure"]


class Digit(NamedTuple):
    """One digit of a reading.

    Attributes:
        box: `(left, top, width, height)` in the picture's pixels.
        frame: uint8 `(28, 28)`, the network's input, from 0 (paper) to 255 (full ink).
        probabilities: float32 `(10,)`, one per class, summing to 1.
    """

    box: tuple[int, int, int, int]
    frame: np.ndarray
    probabilities: np.ndarray


class Reading(NamedTuple):
    """What was read in a picture.

    Attributes:
        text: the digit, the number, or the numbers of a page, separated by " " within a line
            and by newlines between lines. Where the verdict is "not a digit", the most similar
            digit, or "" where only several digits would fit. "" for a blank picture.
        verdict: "blank", "not a digit", "unsure" or "sure".
        probabilities: text -> probability, the most probable first: all ten classes for
            one digit, the ten best texts for a number.
        digits: the digits, in reading order.
        log_odds: natural logarithm of the odds of these digits against no digit. Below the
            model's threshold the verdict is "not a digit".
        advice: one sentence on how to write more clearly, or ""; "" if the verdict is "sure".
        written: `text` with the signs between its digits: "3.14", "-7", "12/05".
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
        """Whether digits were found: the verdict is "unsure" or "sure"."""
        return self.verdict in ("unsure", "sure")

    @property
    def labels(self) -> str:
        """The class of each of `digits`, one character each."""
        return "".join(self.text.split())
