"""What a spotter would say that knows all."""

import numpy as np
from scipy import ndimage

from digit_model.lines.kinds import DIGIT_KINDS, KINDS
from digit_model.lines.spotter import MARGIN, STRIDE, Maps
from digit_model.training.spotting import targets
from digit_model.training.spotting.pages import Page

SURE = 12.0  # A logit.


def knowing_maps(wanted: np.ndarray, picture: np.ndarray) -> Maps:
    """Maps that say just what targets do, `(height / 4, width / 4, CHANNELS)`, of a picture."""
    kinds = wanted[..., targets.KIND].astype(int)[..., 0]
    heads = [
        SURE * (2 * wanted[..., targets.INK] - 1),
        SURE * np.where(wanted[..., targets.CENTRE] > 0.999, 1, -1),
        wanted[..., targets.OFFSET],
        wanted[..., targets.DIRECTION] * wanted[..., targets.DIRECTION_WEIGHT],
        SURE * targets.ALLOWED_KINDS[kinds].astype(np.float32),
    ]
    return Maps(np.concatenate(heads, axis=2).astype(np.float32), 0, picture)


class InkSpotter:
    """Takes every connected stroke, black on white, for a digit of no known value.

    Args:
        turn: degrees, which it says that the writing runs.
        least: pixels; lower strokes it does not see.
    """

    def __init__(self, turn: float = 0.0, least: int = 0) -> None:
        self.turn, self.least = turn, least
        self.seen: list[tuple[int, ...]] = []

    def __call__(self, page: np.ndarray) -> Maps:
        """What it says of a page, uint8 `(height, width)`."""
        self.seen.append(page.shape)
        ends = [(MARGIN, -(side + MARGIN) % STRIDE) for side in page.shape]
        picture = np.pad(page, ends, mode="edge")
        owner, _ = ndimage.label(picture < 128, np.ones((3, 3)))
        marks = []
        for number, (rows, columns) in enumerate(ndimage.find_objects(owner), start=1):
            height = rows.stop - rows.start
            if height < self.least:
                owner[owner == number] = 0
            middle = (columns.start + columns.stop) / 2, (rows.start + rows.stop) / 2
            marks.append((*middle, height, 0))
        seen = Page(picture, 255 - picture, owner, np.array(marks).reshape(-1, 4), self.turn)
        maps = knowing_maps(targets.tell_targets(seen), picture)
        maps.cells[..., -KINDS:] = 0
        maps.cells[..., -KINDS : DIGIT_KINDS - KINDS] = SURE  # Any digit, and nothing else.
        return maps._replace(margin=MARGIN)
