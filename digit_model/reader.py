"""A picture -> what is written in it: ink, segment, frame, classify, decide."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from digit_model.classifier import Classifier, open_classifier
from digit_model.errors import HubError
from digit_model.frame import frame_digit
from digit_model.ink import extract_ink
from digit_model.picture import Picture
from digit_model.segment import find_digits

Verdict = Literal["blank", "not a digit", "unsure", "sure"]
EMBEDDED_WEIGHTS = Path(__file__).parent / "weights"


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
        text: the digit, or "" where the picture is blank.
        verdict: "blank", "not a digit", "unsure" or "sure".
        probabilities: reading -> probability, the most probable first.
        digits: the digits, in reading order.
    """

    text: str
    verdict: Verdict
    probabilities: dict[str, float]
    digits: tuple[Digit, ...]


class Reader:
    """Reads handwritten digits in pictures.

    Attributes:
        classifier: the network, with what its artefact says of it.
    """

    def __init__(self, classifier: Classifier) -> None:
        self.classifier = classifier

    def read(self, picture: Picture, digits: int | None = None) -> Reading:
        """Read one picture; see `read_many`."""
        return self.read_many([picture], digits)[0]

    def read_many(self, pictures: Sequence[Picture], digits: int | None = None) -> list[Reading]:
        """Read pictures of one digit each, as one batch.

        Args:
            pictures: paths, bytes, PIL images, arrays (HW or HWC; uint8, uint16,
                bool, or float 0..1) or the values of a Gradio sketchpad.
            digits: how many digits each picture holds; 1, or None to let the
                reader decide, which today means 1 too.

        Returns:
            One reading a picture, in order.

        Raises:
            PictureError: if a picture cannot be opened or is too large.
            ValueError: if `digits` is neither None nor 1.
        """
        if digits not in (None, 1):
            raise ValueError(f"Expected digits=1 or None. Received: {digits}.")
        found: list[Digit | None] = []
        for picture in pictures:
            ink = extract_ink(picture)
            crops = find_digits(ink.pixels)
            if not crops:
                found.append(None)
                continue
            left, top, width, height = (round(side * ink.scale) for side in crops[0].box)
            frame = frame_digit(crops[0].ink, self.classifier.frame)
            found.append(Digit((left, top, width, height), frame, np.empty(0)))
        frames = [digit.frame for digit in found if digit]
        rows = iter(self.classifier(np.array(frames)))
        return [
            self._decide(digit._replace(probabilities=next(rows)))
            if digit
            else Reading("", "blank", {}, ())
            for digit in found
        ]

    def _decide(self, digit: Digit) -> Reading:
        ranked = sorted(
            zip(self.classifier.labels, digit.probabilities.tolist(), strict=True),
            key=lambda pair: -pair[1],
        )
        text, probability = ranked[0]
        sure = probability >= self.classifier.config["thresholds"]["sure"]
        return Reading(text, "sure" if sure else "unsure", dict(ranked), (digit,))


def load(source: str | Path | None = None, revision: str | None = None) -> Reader:
    """Open a reader.

    Args:
        source: an artefact folder, a Hub repository "user/name", or None for
            the model that comes with the package.
        revision: the repository's tag, branch or commit.

    Raises:
        ArtefactError: if a model file is missing, altered or of another format.
        HubError: if the repository cannot be had, or a revision is given without one.
    """
    folder = Path(source or EMBEDDED_WEIGHTS)
    if not folder.is_dir():
        from digit_model import hub

        folder = hub.pull(str(source), revision)
    elif revision is not None:
        raise HubError(
            f"Expected a Hub repository to take revision {revision} of. "
            f"Received: {source or 'none'}. Name one, or leave the revision out."
        )
    return Reader(open_classifier(folder))
