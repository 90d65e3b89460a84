"""The steps from a picture to its reading, for visitors who want to understand it."""

from typing import NamedTuple

import numpy as np
from PIL import Image

from digit_model.explain.show import data_url, mark_digits, tile_frames
from digit_model.limits import WORKING_SIDE
from digit_model.page.texts import Texts
from digit_model.reading import Reading

MAX_PICTURE_SIDE = 320  # Longer side of a step's picture, in pixels.
MAX_FRAMES = 24  # Frames shown of a page.
FRAME_SCALE = 2


class Step(NamedTuple):
    """One step of a reading.

    Attributes:
        picture: a data URL, or "" for none.
        words: a sentence on what happens in this step.
    """

    picture: str
    words: str


def list_steps(picture: Image.Image, ink: np.ndarray, reading: Reading, texts: Texts) -> list[Step]:
    """List the steps from a picture to its reading.

    Args:
        picture: upright, at working size.
        ink: uint8 `(height, width)`, the picture's ink; see `Reader.find_ink`.
        reading: the picture's reading, with at least one digit.
        texts: the texts in the visitor's language.
    """
    frames = tile_frames([digit.frame for digit in reading.digits[:MAX_FRAMES]])
    frames = frames.resize(
        (FRAME_SCALE * frames.width, FRAME_SCALE * frames.height), Image.Resampling.NEAREST
    )
    best = ", ".join(
        f"{text} {100 * share:.1f} %" for text, share in [*reading.probabilities.items()][:3]
    ).replace("\n", " / ")
    return [
        Step(_shrink(picture), texts("step_picture", pixels=WORKING_SIDE)),
        Step(_shrink(Image.fromarray(255 - ink)), texts("step_ink")),
        Step(_shrink(mark_digits(picture, reading)), texts("step_pieces")),
        Step(data_url(frames, "png"), texts("step_frames")),
        Step("", texts("step_network", readings=best)),
    ]


def _shrink(picture: Image.Image) -> str:
    """Scale a picture down, as a data URL."""
    small = picture.convert("RGB")
    small.thumbnail((MAX_PICTURE_SIDE, MAX_PICTURE_SIDE))
    return data_url(small, "png")
