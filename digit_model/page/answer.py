"""Turn a reading into the answer for a visitor or a program."""

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

MIN_SHOWN_PROBABILITY = 0.01  # Less probable readings of a number are not shown.


class Answer(NamedTuple):
    """A reading and its picture; without arguments, the answer when nothing was sent.

    Attributes:
        reading: the reading; None if nothing was sent.
        picture: the picture that was read, upright; None if it is blank.
        source: the name of the picture's input.
    """

    reading: Reading | None = None
    picture: Image.Image | None = None
    source: str = ""

    @property
    def found(self) -> bool:
        """Whether digits were found."""
        return self.reading is not None and self.reading.found

    def for_programs(self) -> tuple[str, dict[str, float] | None, str | None, str | None]:
        """Return the four outputs of the public endpoint.

        They are the sentence, the probabilities, the picture with a box around each digit, and
        the model's 28x28 inputs side by side, both as data URLs. The last three are None if no
        digit was found.
        """
        sentence = " ".join(filter(None, describe_reading(self.reading, Texts())))
        if self.reading is None or self.picture is None or not self.found:
            return sentence, None, None, None
        frames = tile_frames([digit.frame for digit in self.reading.digits])
        marked = mark_digits(self.picture, self.reading)
        urls = data_url(marked, "jpeg"), data_url(frames, "png")
        return sentence, self.reading.probabilities, *urls

    def for_page(self, texts: Texts) -> tuple[dict[str, Any], dict[str, float] | None]:
        """Return the values for `AnswerBox` and the Label, without improbable readings."""
        sentence, advice = describe_reading(self.reading, texts)
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
            probable = {t: p for t, p in shown.items() if p >= MIN_SHOWN_PROBABILITY}
            shown = probable or shown
        value |= {"source": self.source, "size": self.picture.size, "digits": digits}
        return value, shown


def answer(reader: Reader, pictures: Mapping[str, Image.Image]) -> Answer:
    """Read the first picture that is not blank, or the last.

    Args:
        reader: reads them.
        pictures: name of an input -> its picture at working size; may be empty.
    """
    blank = Answer()
    for source, picture in pictures.items():
        reading = reader.read(picture)
        if reading.verdict != "blank":
            return Answer(reading, picture, source)
        if source == "upload":
            blank = Answer(reading)
    return blank


def refuse(error: DigitModelError, texts: Texts) -> tuple[dict[str, Any], None]:
    """Return the values for `AnswerBox` and the Label if a picture cannot be read."""
    return {"sentence": texts("unread"), "advice": texts.explain_error(error)}, None


def explain(
    why: Explanation, frame: np.ndarray, probabilities: np.ndarray, texts: Texts
) -> dict[str, Any]:
    """Return the `why` of `AnswerBox`'s value.

    Args:
        why: the explanation.
        frame: uint8 `(28, 28)`, the network's input.
        probabilities: float32 `(10,)`, one per class.
        texts: the texts in the visitor's language.
    """
    classes = sorted(zip(probabilities.tolist(), DIGITS, strict=True), reverse=True)
    sentences = [texts("why_words", answer=why.answer, rival=why.rival)]
    if why.example is not None:
        sentences.append(texts("why_example", answer=why.answer))
    return {
        "picture": data_url(tile_frames([explain_frame(frame, why)]), "png"),
        "words": " ".join(sentences),
        "probabilities": [[digit, round(100 * share, 1)] for share, digit in classes[:3]],
    }


def describe_reading(reading: Reading | None, texts: Texts) -> tuple[str, str]:
    """Return a sentence that says what was read, and advice or ""."""
    if reading is None:
        return texts("hint"), ""
    advice = texts.translate(reading.advice)
    if reading.verdict == "blank":
        return advice, texts("hint")
    if reading.verdict == "not a digit":
        return texts("not_a_digit"), advice or texts("try_again")
    name = _name_reading(reading.written, texts)
    if reading.verdict == "sure":
        return texts("looks_like", first=name), ""
    probable = [t for t, p in reading.probabilities.items() if p >= MIN_SHOWN_PROBABILITY]
    if len(probable) < 2:
        return texts("looks_like", first=name), advice
    return texts("looks_like_either", first=name, second=_name_reading(probable[1], texts)), advice


def _name_reading(text: str, texts: Texts) -> str:
    """Name a reading as in a sentence."""
    if len(text) == 1:
        return texts("digit_8" if text == "8" else "digit", digit=text)
    *others, last = text.split("\n")
    return texts("and", first=", ".join(others), last=last) if others else last
