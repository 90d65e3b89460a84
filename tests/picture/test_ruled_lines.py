"""Printed rules, told from strokes."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter
from scipy import ndimage

from tests.support.crops import find_digits, ink_of
from tests.support.photos import print_rules, take_photo
from tests.support.seven import SEVEN
from tests.support.strokes import draw_digit


def _angular(label: str, margin: int, pen: int, side: int = 320) -> Image.Image:
    """A 0, 5 or 8 of straight strokes, in a square, that far from its edges."""
    low, high, middle = margin, side - 1 - margin, side // 2
    corners = {
        "0": [(low, low), (high, low), (high, high), (low, high), (low, low), (high, low)],
        "5": [(high, low), (low, low), (low, middle), (high, middle), (high, high), (low, high)],
    }
    corners["8"] = [*corners["0"], (high, middle), (low, middle)]
    picture = Image.new("L", (side, side), 255)
    ImageDraw.Draw(picture).line(corners[label], fill=0, width=pen, joint="curve")
    return picture


@pytest.mark.parametrize("upright", [False, True], ids=["ruled", "squared"])
def test_rules_are_dropped_and_the_digit_across_them_is_kept(upright: bool) -> None:
    """Nobody with squared paper could have a digit read."""
    with_rules = find_digits(ink_of(print_rules(take_photo(SEVEN), upright=upright)))[0]
    without = find_digits(ink_of(take_photo(SEVEN)))[0]

    assert np.allclose(with_rules.box, without.box, atol=8)
    assert with_rules.ink.mean() == pytest.approx(without.ink.mean(), rel=0.2)


def _number(number: str, rule: int | None = None) -> np.ndarray:
    """A small scan of a number on grainy paper, and a printed rule that many pixels down."""
    digits = [np.asarray(draw_digit(digit, 56, 4))[:, 8:48] for digit in number]
    scan = 100 + np.hstack(digits) * (100 / 255)
    if rule is not None:
        scan[rule : rule + 2] = np.minimum(scan[rule : rule + 2], 130)
    return (scan + np.random.default_rng(0).normal(0, 3, scan.shape)).astype(np.uint8)


@pytest.mark.parametrize("rule", [4, 45, 52])
def test_the_one_rule_of_a_low_scan_is_dropped(rule: int) -> None:
    """A cheque has one below its amount, and digits that stand on it would hang together."""
    with_rule, without = (ink_of(_number("25370", row)) > 0 for row in (rule, None))

    assert (with_rule != without).mean() < 0.05
    assert (with_rule & ~without)[rule : rule + 2].mean() < 0.25


@pytest.mark.parametrize("number", ["30000", "32500"])
def test_a_row_of_digits_is_no_rule(number: str) -> None:
    """Their tops and feet together cover most of a line across a low picture."""
    scan = _number(number)

    ink = ink_of(scan)

    assert (ink[scan < 115] > 0).mean() > 0.95


@pytest.mark.parametrize("label", ["0", "5", "8"])
@pytest.mark.parametrize(("margin", "pen"), [(3, 6), (14, 6), (14, 12), (40, 6)])
def test_an_angular_drawing_keeps_every_stroke(label: str, margin: int, pen: int) -> None:
    """Straight strokes across the canvas would be taken for printed rules and wiped out."""
    drawing = _angular(label, margin, pen)

    assert (ink_of(drawing) == 255 - np.asarray(drawing)).all()


@pytest.mark.parametrize("label", ["0", "5", "8"])
@pytest.mark.parametrize(("margin", "height"), [(6, 600), (16, 600), (16, 900), (30, 900)])
def test_a_large_angular_digit_on_plain_paper_keeps_its_strokes(
    label: str, margin: int, height: int
) -> None:
    """A boxy digit that fills the photo would be taken for squared paper."""
    drawing = np.full((height, 600), 255, np.uint8)
    top = (height - 600) // 2
    drawing[top : top + 600] = np.asarray(_angular(label, margin, 8, 600))
    noise = np.random.default_rng(0).normal(0, 3, drawing.shape)
    photo = (drawing * np.linspace(0.5, 0.7, 600) + 40 + noise).astype(np.uint8)

    ink = ink_of(photo)

    assert (ink[drawing == 0] > 0).mean() > 0.9


def test_rules_on_a_sheet_on_a_desk_are_dropped() -> None:
    """Squared paper would only be cleared where it fills the whole photo."""
    noise = np.random.default_rng(0).normal(0, 3, (750, 1000, 1))
    sheet = np.full((750, 1000), 200, np.uint8)
    pale = SEVEN.resize((550, 550)).point(lambda level: 90 + level * 110 // 255)
    sheet[100:650, 225:775] = np.asarray(pale)
    photo = np.full((750, 1000, 3), 30, np.uint8)
    photo[60:690, 150:850] = print_rules(sheet, upright=True)[60:690, 150:850]
    rules = np.zeros((750, 1000), bool)
    rules[80:670, 170:830] = (print_rules(sheet, upright=True)[..., 0] != sheet)[80:670, 170:830]

    ink = ink_of((photo + noise).clip(0, 255).astype(np.uint8))

    assert (ink[rules] > 0).mean() < 0.2
    assert (ink[sheet == 90] > 0).mean() > 0.95


def test_rules_on_a_turned_sheet_on_a_desk_are_dropped() -> None:
    """They end at the sheet, not at the photo, and would join all that is written."""
    pale = SEVEN.resize((550, 550)).point(lambda level: 90 + level * 110 // 255)
    sheet = np.full((750, 1000), 200, np.uint8)
    sheet[100:650, 225:775] = np.asarray(pale)
    squared, written = (
        np.asarray(
            Image.fromarray(page).resize((800, 600), 0).rotate(11, expand=True, fillcolor=30)
        )
        for page in (print_rules(sheet, upright=True)[..., 0], sheet)
    )
    rules = (squared != written) & (written == 200)
    noise = np.random.default_rng(0).normal(0, 3, rules.shape)

    ink = ink_of((squared + noise).clip(0, 255).astype(np.uint8))

    assert (ink[rules] > 0).mean() < 0.2
    assert (ink[written == 90] > 0).mean() > 0.95


@pytest.mark.parametrize("invert", [False, True])
def test_a_stroke_as_tall_as_a_narrow_drawing_is_no_rule(invert: bool) -> None:
    """A 1 that was cut out tightly would be wiped off as the paper's rule."""
    drawing = Image.new("L", (24, 200), 255)
    ImageDraw.Draw(drawing).line([(20, 2), (4, 197)], fill=0, width=4)
    picture = np.asarray(drawing) ^ (255 if invert else 0)

    assert (ink_of(picture) == 255 - np.asarray(drawing)).all()


@pytest.mark.parametrize("level", [60, 120])
def test_a_digit_on_a_lone_rule_is_kept_in_a_blurred_photo(level: int) -> None:
    """Digit and rule together would be taken for a shadow that falls in from the edge."""
    drawing = Image.new("L", (420, 420), 255)
    drawing.paste(SEVEN.resize((340, 340)), (40, 40))
    written = np.asarray(drawing) == 0
    ImageDraw.Draw(drawing).line([(0, 300), (420, 306)], fill=60, width=7)
    soft = np.asarray(drawing.filter(ImageFilter.GaussianBlur(4)), float)
    noise = np.random.default_rng(0).normal(0, 3, soft.shape)
    photo = (level + (200 - level) * soft / 255) * np.linspace(0.8, 1, 420) + noise

    ink = ink_of(photo.clip(0, 255).astype(np.uint8))

    assert (ink[written] > 0).mean() > 0.95


def test_rules_of_a_page_without_a_shadow_are_dropped() -> None:
    """A page that a scanner whitened would be read with its rules."""
    page = Image.new("RGB", (700, 1000), "white")
    page.paste(SEVEN.resize((500, 500)), (100, 250))
    written = np.asarray(page.convert("L")) < 255
    pencil = ImageDraw.Draw(page)
    for row in range(50, 1000, 80):
        pencil.line([(0, row), (700, row)], fill=(150, 170, 220), width=2)

    ink = ink_of(page)

    assert not ink[~ndimage.binary_dilation(written, iterations=9)].any()
    assert (ink[written] > 0).mean() > 0.95


def test_the_margin_of_blank_ruled_paper_is_dropped() -> None:
    """It was read as a 1."""
    page = Image.new("RGB", (640, 480), "white")
    pencil = ImageDraw.Draw(page)
    for row in range(20, 480, 40):
        pencil.line((0, row, 640, row), (120, 150, 210), 2)
    pencil.line((90, 0, 90, 480), (220, 60, 60), 3)

    grain = np.random.default_rng(0).normal(0, 3, (480, 640, 3))
    photo = (0.8 * np.asarray(page) + grain).astype(np.uint8)

    for picture in (page, photo):
        assert not find_digits(ink_of(picture))
