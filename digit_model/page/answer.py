"""What was read -> what a visitor and a program are told of it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from digit_model.artefact import DIGITS
from digit_model.explain import Explanation
from digit_model.reader import Reader, Reading
from digit_model.show import data_url, explain_frame, mark_digits, tile_frames

HINT = "Draw a digit or number, or upload some."
TRY_AGAIN = "Try again, large and clear."
UNREAD = "That could not be read."
MATTERS = 0.01  # Probability from which a reading of a number is shown.


class Answer(NamedTuple):
    """What was read, in words; without arguments, before anything is written.

    Attributes:
        sentence: what it looks like, or what is wrong.
        advice: what may help, in smaller letters; "" for nothing.
        reading: what was read; None where nothing was sent.
        picture: what it was read in, upright; None where nothing was sent.
        source: the name of the input that it came from.
    """

    sentence: str = HINT
    advice: str = ""
    reading: Reading | None = None
    picture: Image.Image | None = None
    source: str = ""

    @property
    def found(self) -> bool:
        """Whether there are digits to show."""
        return self.reading is not None and self.reading.verdict in ("unsure", "sure")

    def for_programs(self) -> tuple[str, dict[str, float] | None, str | None, str | None]:
        """The sentence; probabilities; the picture with a box round each digit, as a data URL; and
        the 28x28 pictures that the model sees, side by side, the same. The last three are None
        where no digit is found.
        """  # noqa: D205
        words = f"{self.sentence} {self.advice}".strip()
        if self.reading is None or self.picture is None or not self.found:
            return words, None, None, None
        frames = tile_frames([digit.frame for digit in self.reading.digits])
        marked = mark_digits(self.picture, self.reading)
        urls = data_url(marked, "jpeg"), data_url(frames, "png")
        return words, self.reading.probabilities, *urls

    def for_page(self) -> tuple[dict[str, Any], dict[str, float] | None]:
        """What `AnswerBox` and the Label show: of a number, only the readings that matter."""
        if self.reading is None or self.picture is None or not self.found:
            return {"sentence": self.sentence, "advice": self.advice}, None
        texts = self.reading.text.replace("\n", "")
        digits = [
            {"text": text, "box": digit.box}
            for text, digit in zip(texts, self.reading.digits, strict=True)
        ]
        shown = self.reading.probabilities
        if len(digits) > 1:
            shown = {text: share for text, share in shown.items() if share >= MATTERS} or shown
        value = {
            "sentence": self.sentence,
            "advice": self.advice,
            "source": self.source,
            "size": self.picture.size,
            "digits": digits,
        }
        return value, shown


def answer(reader: Reader, pictures: Mapping[str, Image.Image]) -> Answer:
    """Read the first picture that is not blank, or the last.

    Args:
        reader: reads them.
        pictures: name of an input -> its picture at working size; perhaps none.
    """
    said = Answer()
    for source, picture in pictures.items():
        reading = reader.read(picture)
        if reading.verdict != "blank":
            return Answer(*describe(reading), reading, picture, source)
        if source == "upload":
            said = Answer(*describe(reading))
    return said


def explain(why: Explanation, frame: np.ndarray, probabilities: np.ndarray) -> dict[str, Any]:
    """What `AnswerBox` shows of why a digit was read so.

    Args:
        why: the explanation.
        frame: uint8 `(28, 28)`, what the network saw.
        probabilities: float32 `(10,)`.
    """
    classes = sorted(zip(probabilities.tolist(), DIGITS, strict=True), reverse=True)
    example = f" Under it stands the most similar {why.answer} that it learned from."
    return {
        "picture": data_url(tile_frames([explain_frame(frame, why)]), "png"),
        "words": f"This is what the network sees. Blue ink spoke for {why.answer}, orange ink for "
        f"{why.rival}, the next best. Ink on violet paper would make it a {why.rival}."
        + (example if why.example is not None else ""),
        "probabilities": [[digit, round(100 * share, 1)] for share, digit in classes[:3]],
    }


def describe(reading: Reading) -> tuple[str, str]:
    """Say in a plain sentence what was read, and what may help, or ""."""
    if reading.verdict == "blank":
        return reading.advice, HINT
    if reading.verdict == "not a digit":
        return "This does not look like a digit.", reading.advice or TRY_AGAIN
    lines = [text.replace("\n", ", ") for text in reading.probabilities]
    names = [" and ".join(line.rsplit(", ", 1)) for line in lines]
    if len(reading.digits) == 1:
        names = [f"an {name}" if name == "8" else f"a {name}" for name in names]
    if reading.verdict == "unsure" and len(names) > 1:
        return f"This looks like {names[0]}, or perhaps {names[1]}.", reading.advice
    return f"This looks like {names[0]}.", ""
