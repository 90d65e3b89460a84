"""Pictures -> what a visitor is told of them."""

from collections.abc import Sequence
from typing import NamedTuple

from digit_model.picture import Picture, open_picture
from digit_model.reader import Digit, Reader, Reading, Verdict
from digit_model.show import data_url, mark_digits, tile_frames

HINT = "Draw a digit or number, or upload some."
TRY_AGAIN = "Try again, large and clear."


class Answer(NamedTuple):
    """What a visitor is told; without arguments, before anything is written.

    Attributes:
        sentence: what was read, in words.
        probabilities: reading -> probability, the most probable first; None where no digit
            is found, like the two pictures.
        marked: the picture with a box round each digit, as a data URL.
        frames: the 28x28 pictures that the model sees, side by side, as a data URL.
        digits: the digits that were found.
        verdict: the reading's.
    """

    sentence: str = HINT
    probabilities: dict[str, float] | None = None
    marked: str | None = None
    frames: str | None = None
    digits: tuple[Digit, ...] = ()
    verdict: Verdict = "blank"


def answer(reader: Reader, pictures: Sequence[Picture]) -> Answer:
    """Read the first picture that is not blank, or the last.

    Args:
        reader: reads them.
        pictures: whatever `open_picture` opens, at least one.

    Raises:
        PictureError: if a picture cannot be opened or is too large.
    """
    for picture in pictures:
        image, _ = open_picture(picture)
        reading = reader.read(image)
        if reading.verdict != "blank":
            break
    sentence = describe(reading)
    if reading.verdict in ("blank", "not a digit"):
        return Answer(sentence, verdict=reading.verdict)
    return Answer(
        sentence,
        reading.probabilities,
        data_url(mark_digits(image, reading), "jpeg"),
        data_url(tile_frames([digit.frame for digit in reading.digits]), "png"),
        reading.digits,
        reading.verdict,
    )


def describe(reading: Reading) -> str:
    """Say in one plain sentence what was read."""
    if reading.verdict == "blank":
        return f"{reading.advice} {HINT}"
    if reading.verdict == "not a digit":
        return f"This does not look like a digit. {reading.advice or TRY_AGAIN}"
    lines = [text.replace("\n", ", ") for text in reading.probabilities]
    names = [" and ".join(line.rsplit(", ", 1)) for line in lines]
    if len(reading.digits) == 1:
        names = [f"an {name}" if name == "8" else f"a {name}" for name in names]
    if reading.verdict == "unsure" and len(names) > 1:
        return f"This looks like {names[0]}, or perhaps {names[1]}. {reading.advice}".strip()
    return f"This looks like {names[0]}."
