"""Which ink is the digit."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from digit_model.lines.segment import find_stroke_numbers, label_strokes
from tests.support.crops import find_digits
from tests.support.strokes import draw_digit


def _ink(label: str = "5", side: int = 400) -> np.ndarray:
    return np.array(draw_digit(label, side, 20, ink=255, paper=0))


def _page(rows: list[str], slope: float = 0.0, gap: int = 120) -> np.ndarray:
    """Lines of drawn digits, 77 pixels high; a space is a gap."""
    page = np.zeros((1000, 1000), np.uint8)
    for row, text in enumerate(rows):
        for column, label in enumerate(text):
            if label != " ":
                top, left = 300 + 150 * row + round(slope * gap * column), 20 + gap * column
                digit = np.asarray(draw_digit(label, 110, 9, ink=255, paper=0))
                page[top : top + 110, left : left + 110] |= digit
    return page


def _box(ink: np.ndarray) -> tuple[int, int, int, int]:
    left, top, right, bottom = Image.fromarray(ink).getbbox() or (0, 0, 0, 0)
    return left, top, right - left, bottom - top


def test_no_ink_is_no_digit() -> None:
    """A blank page would be read as a digit."""
    assert find_digits(np.zeros((300, 200), np.uint8)) == []


def test_dust_is_no_digit() -> None:
    """A page with a crumb on it would be read as a 1."""
    ink = np.zeros((400, 400), np.uint8)
    ink[200:208, 200:206] = 255

    assert find_digits(ink) == []


def test_a_lone_smudge_is_no_number() -> None:
    """A page of dots with one that is smeared would be read as a digit."""
    ink = np.zeros((400, 400), np.uint8)
    ink[20:380:20, 20:380:20] = 255
    ink[200:212, 200:206] = 255

    assert find_stroke_numbers(label_strokes(ink))[1] == []


def test_the_crop_is_the_ink_with_its_greys_and_its_place() -> None:
    """Soft edges would be lost, or the box shown on the page would be off."""
    ink = np.array(Image.fromarray(_ink()).resize((333, 333)))
    left, top, width, height = _box(ink)

    crop = find_digits(ink)[0]

    assert crop.box == (left, top, width, height)
    assert (crop.ink == ink[top : top + height, left : left + width]).all()


def test_a_detached_bar_belongs_to_its_five() -> None:
    """A 5 whose bar stands apart would be read without it."""
    ink = _ink()
    bar = ink.copy()
    bar[130:140] = 0

    assert find_digits(bar)[0].box == _box(bar)


@pytest.mark.parametrize(
    "stray",
    [(20, 20, 28, 26), (0, 150, 30, 260), (386, 0, 399, 399), (360, 380, 370, 390)],
    ids=["speck", "neighbour", "page edge", "dot"],
)
def test_what_does_not_belong_is_left_out(stray: tuple[int, int, int, int]) -> None:
    """Dust, a cut-off neighbour or the page's edge would shrink the digit in its frame."""
    ink = _ink()
    littered = Image.fromarray(ink)
    ImageDraw.Draw(littered).rectangle(stray, fill=255)

    assert find_digits(np.array(littered))[0].box == _box(ink)


def test_a_stray_inside_the_box_is_erased_from_the_crop() -> None:
    """A speck beside the stroke would be part of what the network sees."""
    ink = _ink("0")
    speckled = ink.copy()
    speckled[198:202, 198:202] = 255

    left, top, width, height = _box(ink)
    assert (find_digits(speckled)[0].ink == ink[top : top + height, left : left + width]).all()


def test_a_digit_drawn_over_the_edge_is_still_the_digit() -> None:
    """A stroke that slips off the canvas would make it blank."""
    ink = _ink()[60:, 80:]

    assert find_digits(ink)[0].box == _box(ink)


@pytest.mark.parametrize("label", list("0123456789"))
def test_a_tightly_cut_digit_is_kept(label: str) -> None:
    """A 2 whose foot lies along the picture's edge would be taken for the paper's edge."""
    left, top, width, height = _box(_ink(label))
    ink = _ink(label)[top : top + height, left : left + width]

    assert find_digits(ink)[0].box == (0, 0, width, height)
    assert len(find_stroke_numbers(label_strokes(ink))[1]) == 1


def test_every_pixel_of_a_small_frame_counts() -> None:
    """MNIST's own frames, detached pixels and all, would be altered."""
    ink = np.zeros((28, 28), np.uint8)
    ink[4:24, 12:15] = 200
    ink[0, 27] = 1

    assert find_digits(ink)[0].ink.sum() == ink.sum()


@pytest.mark.parametrize("slope", [-0.25, 0, 0.25])
def test_lines_are_found_from_top_to_bottom_however_they_slant(slope: float) -> None:
    """Otherwise a page that is photographed askew is one jumble of digits."""
    _, numbers = find_stroke_numbers(label_strokes(_page(["12345", "678", "9000"], slope)))

    assert [len(number.pieces) for number in numbers] == [5, 3, 4]
    assert [number.height for number in numbers] == pytest.approx([77] * 3, abs=8)


def test_a_gap_of_more_than_two_heights_parts_two_numbers() -> None:
    """Otherwise "2 026" is two numbers, or a table's row is one."""
    _, near = find_stroke_numbers(label_strokes(_page(["2026"])))
    _, far = find_stroke_numbers(label_strokes(_page(["2 026"])))

    assert [len(number.pieces) for number in near] == [4]
    assert [(len(number.pieces), number.row) for number in far] == [(1, 0), (3, 0)]


def test_pieces_come_from_left_to_right() -> None:
    """Otherwise the digits of a number change places."""
    writing, (number,) = find_stroke_numbers(label_strokes(_page(["4071"], slope=-0.2)))

    lefts = [writing.bounds([piece])[1] for piece in number.pieces]
    assert lefts == sorted(lefts)


def test_a_bar_above_a_five_is_one_piece_with_it() -> None:
    """Otherwise a 5 whose bar stands apart is a dash and a hook."""
    ink = _page(["25"])
    ink[325:330] = 0

    _, (number,) = find_stroke_numbers(label_strokes(ink))

    assert len(number.pieces) == 2


def test_specks_and_the_papers_edge_are_no_pieces() -> None:
    """Otherwise dust and shadows come out as 1s."""
    ink = _page(["203"])
    ink[:, :4] = 255
    ink[600:606, 700:706] = 255

    _, numbers = find_stroke_numbers(label_strokes(ink))

    assert [len(number.pieces) for number in numbers] == [3]
