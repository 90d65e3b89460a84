"""What can be tuned in the reader, or left out of it, in one value."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from digit_model.lines.draft import DraftSettings
from digit_model.lines.segment import SegmentSettings
from digit_model.model.frame import FrameSpec, frame_digit
from digit_model.picture.ink import InkSettings


@dataclass(frozen=True)
class Settings:
    """What can be tuned in the reader, or left out of it.

    Attributes:
        ink: from a picture to its ink.
        segment: from the ink to its pieces.
        draft: from the pieces to numbers.
        frame: fits the ink of what may be a digit to a frame; see `frame_digit`.
        views: whether an unsure frame is classified in five views.
    """

    ink: InkSettings = InkSettings()
    segment: SegmentSettings = SegmentSettings()
    draft: DraftSettings = DraftSettings()
    frame: Callable[[np.ndarray, FrameSpec], np.ndarray] = frame_digit
    views: bool = True
