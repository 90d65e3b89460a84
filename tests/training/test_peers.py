"""What general OCR programs are made to say, so that they are compared fairly."""

import shutil

import numpy as np
import pytest

from digit_model import DigitModelError
from digit_model.training import peers


def box(left: float, top: float) -> list[tuple[float, float]]:
    """The corners of a box that is 30 pixels wide and 20 high."""
    return [(left, top), (left + 30, top), (left + 30, top + 20), (left, top + 20)]


def test_texts_beside_each_other_are_a_line_and_others_are_not() -> None:
    """Otherwise a peer is wrong where it read all right."""
    boxes = np.array([box(50, 3), box(0, 0), box(0, 40), box(100, 0)])

    assert peers.join_lines(boxes, ["34", "12", "56", ""]) == "1234\n56"


def test_signs_and_letters_do_not_count() -> None:
    """Otherwise a peer is wrong for a point that the labels leave out."""
    assert peers.keep_digits("No. 1.234,-") == "1234"


def test_who_has_no_peers_is_told_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise it ends in a traceback."""
    monkeypatch.setattr(shutil, "which", lambda _: None)

    with pytest.raises(DigitModelError, match="apt-get install tesseract-ocr"):
        peers.open_peers()
