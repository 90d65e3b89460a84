"""How a picture was read, step by step, for somebody who wants to understand it."""

from typing import NamedTuple

import numpy as np
from PIL import Image

from digit_model.explain.show import data_url, mark_digits, tile_frames
from digit_model.limits import WORKING_SIDE
from digit_model.page.texts import Texts
from digit_model.reading import Reading

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


def list_steps(picture: Image.Image, ink: np.ndarray, reading: Reading, texts: Texts) -> list[Step]:
    """The way from a picture to a reading.

    Args:
        picture: upright, at working size.
        ink: uint8 `(height, width)`, in which it was read; see `Reader.find_ink`.
        reading: of that picture, with digits in it.
        texts: in the visitor's language.
    """
    frames = tile_frames([digit.frame for digit in reading.digits[:MOST_FRAMES]])
    frames = frames.resize(
        (FRAME_SCALE * frames.width, FRAME_SCALE * frames.height), Image.Resampling.NEAREST
    )
    best = ", ".join(
        f"{text} {100 * share:.1f} %" for text, share in [*reading.probabilities.items()][:3]
    ).replace("\n", " / ")
    return [
        Step(_small(picture), texts("step_picture", pixels=WORKING_SIDE)),
        Step(_small(Image.fromarray(255 - ink)), texts("step_ink")),
        Step(_small(mark_digits(picture, reading)), texts("step_pieces")),
        Step(data_url(frames, "png"), texts("step_frames")),
        Step("", texts("step_network", readings=best)),
    ]


def _small(picture: Image.Image) -> str:
    """A picture in small, as a data URL."""
    small = picture.convert("RGB")
    small.thumbnail((SIDE, SIDE))
    return data_url(small, "png")
