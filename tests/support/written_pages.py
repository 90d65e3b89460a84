"""Pages with one number, and the marks that a network sees on them that knows all."""

import numpy as np

from digit_model.lines.spots import Spots, find_spots
from digit_model.training.spotting import targets
from digit_model.training.spotting.hand import choose_hand
from digit_model.training.spotting.models import Models
from digit_model.training.spotting.pages import Page
from digit_model.training.spotting.sheet import Placed, Sheet
from digit_model.training.spotting.writing import Writer
from tests.support.oracle import knowing_maps


def write_page(models: Models, text: str, gap: float, turn: float = 0.0) -> Page:
    """A page with one number in its upper left corner, 30 pixels high, far from the rest."""
    sheet = Sheet(np.random.default_rng(7))
    hand = choose_hand(sheet.random)._replace(drawn=1.0, hollow=0.0, dotted=0.0, pen=0.1, slant=0.0)
    writer = Writer(sheet, hand, models)
    writer.gap, writer.links, writer.slope = gap, 0.0, 0.0
    writer.write(text, 12, 60, 30)
    ink = np.rint(255 * sheet.ink).astype(np.uint8)
    rows = np.array(sheet.marks, np.float32).reshape(-1, len(Placed._fields))
    return Page(255 - ink, ink, sheet.owner, rows, turn)


def spots_of(page: Page) -> Spots:
    """The spots that a network sees that knows all."""
    return find_spots(knowing_maps(targets.tell_targets(page), page.picture))
