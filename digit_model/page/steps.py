"""How a picture was read, step by step, for somebody who wants to understand it."""

from typing import NamedTuple

from PIL import Image

from digit_model.ink import extract_ink
from digit_model.limits import WORKING_SIDE
from digit_model.reader import Reading
from digit_model.show import data_url, mark_digits, tile_frames

SIDE = 320  # Pixels of a step's picture, at most.
MOST_FRAMES = 24  # That are shown of a page.
FRAME_SCALE = 2


class Step(NamedTuple):
    """One step.

    Attributes:
        picture: a data URL, or "" where there is none.
        words: what happens in it, in a sentence.
    """

    picture: str
    words: str


def list_steps(picture: Image.Image, reading: Reading) -> list[Step]:
    """The way from a picture to a reading.

    Args:
        picture: upright, at working size.
        reading: of that picture, with digits in it.
    """
    ink = Image.fromarray(255 - extract_ink(picture).pixels)
    frames = tile_frames([digit.frame for digit in reading.digits[:MOST_FRAMES]])
    frames = frames.resize(
        (FRAME_SCALE * frames.width, FRAME_SCALE * frames.height), Image.Resampling.NEAREST
    )
    best = ", ".join(
        f"{text} {100 * share:.1f} %" for text, share in [*reading.probabilities.items()][:3]
    ).replace("\n", " / ")
    return [
        Step(
            _small(picture),
            f"The picture comes in: upright, and at most {WORKING_SIDE:,} pixels long.",
        ),
        Step(_small(ink), "Its ink is found. Paper, shadows and printed lines are left out."),
        Step(
            _small(mark_digits(ink, reading)),
            "The ink is taken apart into lines, and these into what may be digits.",
        ),
        Step(
            data_url(frames, "png"),
            "Each digit is fitted into a frame of 28x28 pixels, as those of MNIST are.",
        ),
        Step(
            "",
            "A network says how probable each digit is in each frame; of all the ways to take the "
            f"ink apart, the most probable is the answer: {best}.",
        ),
    ]


def _small(picture: Image.Image) -> str:
    """A picture in small, as a data URL."""
    small = picture.convert("RGB")
    small.thumbnail((SIDE, SIDE))
    return data_url(small, "png")
