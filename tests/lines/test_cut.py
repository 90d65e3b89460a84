"""Cutting digits that touch."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from digit_model.lines.cut import cut_piece
from digit_model.lines.segment import find_stroke_numbers, label_strokes
from digit_model.lines.writing import Writing
from tests.support.strokes import draw_digit


def touching(left: str, right: str, overlap: int) -> tuple[Writing, int, int]:
    """Two drawn digits that touch, as one piece, and the column between them."""
    side = 200
    ink = np.zeros((side, 2 * side - overlap), np.uint8)
    for place, label in ((0, left), (side - overlap, right)):
        digit = np.asarray(draw_digit(label, side, 16, ink=255, paper=0))
        np.maximum(ink[:, place : place + side], digit, out=ink[:, place : place + side])
    ink[95:105, 90 : 2 * side - overlap - 90] = 255
    writing, (number,) = find_stroke_numbers(label_strokes(np.pad(ink, 20)))
    (piece,) = number.pieces
    return writing, piece, 20 + side - overlap // 2


def test_a_cut_loses_no_ink_and_takes_none_twice() -> None:
    """Otherwise a digit is read without a part of its stroke."""
    writing, piece, _ = touching("0", "3", 60)

    cut, pieces = cut_piece(writing, piece)

    assert len(pieces) > 1
    assert (np.isin(cut.labels, pieces) == (writing.labels == piece)).all()
    ink = sum(int(cut.crop([part]).astype(int).sum()) for part in pieces)
    assert ink == writing.crop([piece]).astype(int).sum()


@pytest.mark.parametrize("scale", [0.25, 1, 3])
def test_one_of_the_cuts_parts_the_two_digits(scale: float) -> None:
    """Otherwise two digits that touch can only be read as one."""
    writing, _, middle = touching("3", "5", 60)
    picture = Image.fromarray(writing.ink)
    size = round(scale * picture.width), round(scale * picture.height)
    writing, (number,) = find_stroke_numbers(label_strokes(np.asarray(picture.resize(size))))

    cut, pieces = cut_piece(writing, number.pieces[0])

    rights = [cut.boxes[part][3] / scale for part in pieces]
    assert min(abs(right - middle) for right in rights) < 25


def test_two_loops_are_parted_where_they_touch() -> None:
    """There is more ink in the way there than through the middle of a loop."""
    rings = Image.new("L", (180, 100))
    pencil = ImageDraw.Draw(rings)
    pencil.ellipse((10, 10, 90, 90), outline=255, width=8)
    left = np.asarray(rings) > 0
    pencil.ellipse((83, 10, 163, 90), outline=255, width=8)
    writing, (number,) = find_stroke_numbers(label_strokes(np.asarray(rings)))

    cut, pieces = cut_piece(writing, number.pieces[0])

    parts = [np.isin(cut.labels, pieces[:end]) for end in range(1, len(pieces))]
    assert max((part & left).sum() / (part | left).sum() for part in parts) > 0.95


def test_the_pieces_come_from_left_to_right() -> None:
    """Otherwise the digits of a number change places."""
    writing, piece, _ = touching("2", "2", 40)

    cut, pieces = cut_piece(writing, piece)

    lefts = [cut.boxes[part][1] for part in pieces]
    assert lefts == sorted(lefts)


def test_a_dot_is_not_cut() -> None:
    """Otherwise every speck is many."""
    ink = np.zeros((60, 60), np.uint8)
    ink[30:33, 30:33] = 255
    writing, (number,) = find_stroke_numbers(label_strokes(ink))

    assert cut_piece(writing, number.pieces[0])[1] == number.pieces
