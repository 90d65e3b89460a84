"""What was read -> what a visitor and a program are told of it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from digit_model.errors import DigitModelError
from digit_model.explain.explanation import Explanation
from digit_model.explain.show import data_url, explain_frame, mark_digits, tile_frames
from digit_model.model.artefact import DIGITS
from digit_model.page.texts import Texts
from digit_model.reader import Reader
from digit_model.reading import Reading

MATTERS = 0.01  # Probability from which a reading of a number is shown.


class Answer(NamedTuple):
    """What was read; without arguments, before anything is written.

    Attributes:
        reading: what was read; None where nothing was sent.
        picture: what it was read in, upright; None where it is blank.
        source: the name of the input that it came from.
    """

    reading: Reading | None = None
    picture: Image.Image | None = None
    source: str = ""

    @property
    def found(self) -> bool:
        """Whether there are digits to show."""
        return self.reading is not None and self.reading.found

    def for_programs(self) -> tuple[str, dict[str, float] | None, str | None, str | None]:
        """The sentence; probabilities; the picture with a box round each digit, as a data URL; and
        the 28x28 pictures that the model sees, side by side, the same. The last three are None
        where no digit is found.
        """  # noqa: D205
        words = " ".join(filter(None, describe(self.reading, Texts())))
        if self.reading is None or self.picture is None or not self.found:
            return words, None, None, None
        frames = tile_frames([digit.frame for digit in self.reading.digits])
        marked = mark_digits(self.picture, self.reading)
        urls = data_url(marked, "jpeg"), data_url(frames, "png")
        return words, self.reading.probabilities, *urls

    def for_page(self, texts: Texts) -> tuple[dict[str, Any], dict[str, float] | None]:
        """What `AnswerBox` and the Label show: of a number, only the readings that matter."""
        sentence, advice = describe(self.reading, texts)
        value: dict[str, Any] = {"sentence": sentence, "advice": advice}
        if self.reading is None or self.picture is None:
            return value, None
        value["correctable"] = True
        if not self.found:
            return value, None
        digits = [
            {"text": label, "box": digit.box}
            for label, digit in zip(self.reading.labels, self.reading.digits, strict=True)
        ]
        shown = self.reading.probabilities
        if len(digits) > 1:
            shown = {text: share for text, share in shown.items() if share >= MATTERS} or shown
        value |= {"source": self.source, "size": self.picture.size, "digits": digits}
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
            return Answer(reading, picture, source)
        if source == "upload":
            said = Answer(reading)
    return said


def refuse(error: DigitModelError, texts: Texts) -> tuple[dict[str, Any], None]:
    """What `AnswerBox` and the Label show where a picture cannot be read."""
    return {"sentence": texts("unread"), "advice": texts.explain_error(error)}, None


def explain(
    why: Explanation, frame: np.ndarray, probabilities: np.ndarray, texts: Texts
) -> dict[str, Any]:
    """What `AnswerBox` shows of why a digit was read so.

    Args:
        why: the explanation.
        frame: uint8 `(28, 28)`, what the network saw.
        probabilities: float32 `(10,)`.
        texts: in the visitor's language.
    """
    classes = sorted(zip(probabilities.tolist(), DIGITS, strict=True), reverse=True)
    words = [texts("why_words", answer=why.answer, rival=why.rival)]
    if why.example is not None:
        words.append(texts("why_example", answer=why.answer))
    return {
        "picture": data_url(tile_frames([explain_frame(frame, why)]), "png"),
        "words": " ".join(words),
        "probabilities": [[digit, round(100 * share, 1)] for share, digit in classes[:3]],
    }


def describe(reading: Reading | None, texts: Texts) -> tuple[str, str]:
    """Say in a plain sentence what was read, and what may help, or ""."""
    if reading is None:
        return texts("hint"), ""
    advice = texts.translate(reading.advice)
    if reading.verdict == "blank":
        return advice, texts("hint")
    if reading.verdict == "not a digit":
        return texts("not_a_digit"), advice or texts("try_again")
    name = _name(reading.written, texts)
    if reading.verdict == "sure":
        return texts("looks_like", first=name), ""
    matter = [text for text, share in reading.probabilities.items() if share >= MATTERS]
    if len(matter) < 2:
        return texts("looks_like", first=name), advice
    return texts("looks_like_either", first=name, second=_name(matter[1], texts)), advice


def _name(text: str, texts: Texts) -> str:
    """A reading as it stands in a sentence."""
    if len(text) == 1:
        return texts("digit_8" if text == "8" else "digit", digit=text)
    *others, last = text.split("\n")
    return texts("and", first=", ".join(others), last=last) if others else last
