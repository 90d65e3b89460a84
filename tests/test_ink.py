"""Ink, told from paper, light, rules and desk."""

from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps
from scipy import ndimage

from digit_model.ink import extract_ink
from digit_model.training.blanks import photograph_blanks
from tests.crops import find_digits
from tests.seven import SEVEN, SEVEN_INK, assert_is_seven, jpeg
from tests.strokes import draw_digit


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


def _photo(drawing: Image.Image | None, seed: int = 0) -> np.ndarray:
    """A drawing, or none, on grainy paper with light from one side and a dark corner."""
    random = np.random.default_rng(seed)
    height, width = 750, 1000
    y, x = np.indices((height, width))
    light = 120 + 0.1 * x - 70 * np.exp(-((x - width) ** 2 + (y - height) ** 2) / 2e5)
    left = np.ones((height, width))
    if drawing is not None:
        left[100:650, 225:775] = np.asarray(drawing.resize((550, 550))) / 255
    noise = random.normal(0, 3, (height, width))
    photo: np.ndarray = (light * left + noise).clip(0, 255).astype(np.uint8)
    return photo


def _rules(image: np.ndarray, pitch: int = 90, upright: bool = False) -> np.ndarray:
    picture = Image.fromarray(image).convert("RGB")
    pencil = ImageDraw.Draw(picture)
    for start in range(30, 1000, pitch):
        pencil.line((0, start, 1000, start + 25), fill=(90, 110, 150), width=3)
        if upright:
            pencil.line((start, 0, start - 20, 750), fill=(90, 110, 150), width=3)
    return np.asarray(picture)


@pytest.mark.parametrize("label", list("0123456789"))
@pytest.mark.parametrize("side", [16, 28, 280])
def test_ink_is_told_from_paper_even_where_it_fills_the_box(label: str, side: int) -> None:
    """A thick, tightly cut digit would be read as its own negative."""
    drawing = draw_digit(label, 400, 60).crop((85, 60, 330, 355)).resize((side, side))

    ink = extract_ink(drawing).pixels

    assert (ink == extract_ink(np.asarray(drawing) ^ 255).pixels).all()
    assert np.corrcoef(ink.ravel(), np.asarray(drawing).ravel())[0, 1] < -0.99


def test_a_clean_drawing_passes_unaltered() -> None:
    """Soft edges, which MNIST has and the network knows, would be lost."""
    assert (extract_ink(SEVEN_INK).pixels == SEVEN_INK).all()
    assert (extract_ink(SEVEN).pixels == SEVEN_INK).all()


@pytest.mark.parametrize("colour", [(245, 160, 160), (170, 225, 235), (250, 240, 150)])
def test_pale_ink_comes_out_at_full_strength(colour: tuple[int, int, int]) -> None:
    """A pale felt-tip or a yellow brush would be taken for paper."""
    drawing = Image.composite(
        Image.new("RGB", SEVEN.size, "white"), Image.new("RGB", SEVEN.size, colour), SEVEN
    )

    assert_is_seven(extract_ink(drawing).pixels)


@pytest.mark.parametrize("quality", [30, 75, 95])
def test_compression_leaves_no_ink_on_the_paper(quality: int) -> None:
    """JPEG's ripples would widen the digit's box and shrink it in its frame."""
    clean = Image.fromarray(SEVEN_INK).getbbox()
    left, top, right, bottom = Image.fromarray(
        extract_ink(jpeg(SEVEN, quality=quality)).pixels
    ).getbbox() or (0, 0, 0, 0)

    assert clean is not None
    assert np.allclose((left, top, right, bottom), clean, atol=2)


@pytest.mark.parametrize("invert", [False, True], ids=["paper", "blackboard"])
def test_uneven_light_is_flattened(invert: bool) -> None:
    """A shadow or a dark corner would be read as part of the digit."""
    photo = _photo(SEVEN)
    crop = find_digits(extract_ink(255 - photo if invert else photo).pixels)[0]
    left, top, right, bottom = Image.fromarray(SEVEN_INK).getbbox() or (0, 0, 0, 0)

    expected = np.array((left, top, right - left, bottom - top)) * 550 / 280 + (225, 100, 0, 0)
    assert np.allclose(crop.box, expected, atol=8)


@pytest.mark.parametrize("upright", [False, True], ids=["ruled", "squared"])
def test_rules_are_dropped_and_the_digit_across_them_is_kept(upright: bool) -> None:
    """Nobody with squared paper could have a digit read."""
    with_rules = find_digits(extract_ink(_rules(_photo(SEVEN), upright=upright)).pixels)[0]
    without = find_digits(extract_ink(_photo(SEVEN)).pixels)[0]

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
    with_rule, without = (extract_ink(_number("25370", row)).pixels > 0 for row in (rule, None))

    assert (with_rule != without).mean() < 0.05
    assert (with_rule & ~without)[rule : rule + 2].mean() < 0.25


@pytest.mark.parametrize("number", ["30000", "32500"])
def test_a_row_of_digits_is_no_rule(number: str) -> None:
    """Their tops and feet together cover most of a line across a low picture."""
    scan = _number(number)

    ink = extract_ink(scan).pixels

    assert (ink[scan < 115] > 0).mean() > 0.95


@pytest.mark.parametrize("label", ["0", "5", "8"])
@pytest.mark.parametrize(("margin", "pen"), [(3, 6), (14, 6), (14, 12), (40, 6)])
def test_an_angular_drawing_keeps_every_stroke(label: str, margin: int, pen: int) -> None:
    """Straight strokes across the canvas would be taken for printed rules and wiped out."""
    drawing = _angular(label, margin, pen)

    assert (extract_ink(drawing).pixels == 255 - np.asarray(drawing)).all()


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

    ink = extract_ink(photo).pixels

    assert (ink[drawing == 0] > 0).mean() > 0.9


def test_a_sheet_on_a_dark_desk_is_found() -> None:
    """The desk, not the digit, would be read."""
    photo = np.random.default_rng(0).normal(40, 8, (750, 1000)).clip(0, 255).astype(np.uint8)
    photo[60:690, 150:850] = _photo(SEVEN)[60:690, 150:850] // 4 * 3 + 60
    crop = find_digits(extract_ink(photo).pixels)[0]

    assert np.allclose(crop.box, find_digits(extract_ink(_photo(SEVEN)).pixels)[0].box, atol=8)


def test_rules_on_a_sheet_on_a_desk_are_dropped() -> None:
    """Squared paper would only be cleared where it fills the whole photo."""
    noise = np.random.default_rng(0).normal(0, 3, (750, 1000, 1))
    sheet = np.full((750, 1000), 200, np.uint8)
    pale = SEVEN.resize((550, 550)).point(lambda level: 90 + level * 110 // 255)
    sheet[100:650, 225:775] = np.asarray(pale)
    photo = np.full((750, 1000, 3), 30, np.uint8)
    photo[60:690, 150:850] = _rules(sheet, upright=True)[60:690, 150:850]
    rules = np.zeros((750, 1000), bool)
    rules[80:670, 170:830] = (_rules(sheet, upright=True)[..., 0] != sheet)[80:670, 170:830]

    ink = extract_ink((photo + noise).clip(0, 255).astype(np.uint8)).pixels

    assert (ink[rules] > 0).mean() < 0.2
    assert (ink[sheet == 90] > 0).mean() > 0.95


@pytest.mark.filterwarnings("error")
def test_a_sheet_that_lacks_a_colour_is_found_without_a_warning() -> None:
    """Telling a desk from shade would divide by the sheet's blue, of which there is none."""
    red = np.zeros((750, 1000, 3), np.uint8)
    red[100:650, 200:800, 0] = 240
    noise = np.random.default_rng(0).normal(0, 9, red.shape[:2])
    red[..., 0] = (red[..., 0] + noise).clip(0, 255)

    assert not find_digits(extract_ink(red).pixels[150:600, 250:750])


def test_a_rough_desk_that_shines_like_paper_is_left_out() -> None:
    """The grain of a leather desk would be read as a page of 1s."""
    random = np.random.default_rng(0)
    desk = ndimage.gaussian_filter(random.normal(0, 1, (750, 1000)), 1)
    photo = 150 + 45 * desk / desk.std()  # As bright as the sheet's darker end.
    light = np.linspace(230, 150, 600)[:, None]
    paper = np.full((600, 700), 255.0)
    paper[50:550, 100:600] = np.asarray(SEVEN.resize((500, 500)))
    photo[80:680, 200:900] = paper / 255 * light
    noise = random.normal(0, 2, photo.shape)

    ink = extract_ink((photo + noise).clip(0, 255).astype(np.uint8)).pixels

    assert (ink[:, :190] > 0).mean() == 0
    assert (ink[80:680, 200:900][paper < 100] > 0).mean() > 0.95


@pytest.mark.parametrize("grain", [1, 3])
@pytest.mark.parametrize("left", [0.5, 0.7])
def test_a_digit_half_in_shade_is_read_whole(grain: int, left: float) -> None:
    """The shade of a hand or a phone would be taken for the desk beside the sheet."""
    drawing = np.full((750, 1000), 255.0)
    drawing[100:650, 225:775] = np.asarray(SEVEN.resize((550, 550)))
    edge = 1 / (1 + np.exp(np.arange(1000) / 5 - 100))  # Half the way across, 20 pixels wide.
    noise = np.random.default_rng(0).normal(0, grain, drawing.shape)
    photo = (drawing * (left + (1 - left) * edge) * 0.9 + noise).clip(0, 255).astype(np.uint8)
    crop = find_digits(extract_ink(photo).pixels)[0]

    assert np.allclose(crop.box, find_digits(extract_ink(_photo(SEVEN)).pixels)[0].box, atol=8)


@pytest.mark.parametrize(("light", "level"), [("lamp", 190), ("edge", 180), ("slope", 200)])
def test_pale_ink_is_kept_where_the_paper_is_as_dark_elsewhere(light: str, level: int) -> None:
    """A pale stroke in the light would be taken for a shadow's edge, and the page for blank."""
    drawing = np.full((1000, 750), 255.0)
    drawing[100:800, 25:725] = np.asarray(SEVEN.resize((700, 700)))
    y, x = np.indices(drawing.shape) / 1000
    shade = {
        "lamp": 0.35 + 0.65 * np.exp(-((x - 0.2) ** 2 + (y - 0.3) ** 2) / 0.15),
        "edge": 0.55 + 0.45 / (1 + np.exp((x + y / 2 - 0.6) / 0.008)),
        "slope": 1 - 1.1 * x,
    }[light]
    noise = np.random.default_rng(0).normal(0, 2, drawing.shape)
    photo = (level + (230 - level) * drawing / 255) * shade + noise

    ink = extract_ink(photo.clip(0, 255).astype(np.uint8)).pixels

    assert (ink[drawing == 0] > 0).mean() > 0.95


@pytest.mark.parametrize("turn", [0, 12])
def test_a_sheet_scanned_on_black_is_a_sheet(turn: int) -> None:
    """White paper on a scanner's black would be taken for a white blob that somebody drew."""
    sheet = Image.new("L", (600, 800), 235)
    sheet.paste(SEVEN.resize((500, 500)).point(lambda level: 100 + level * 135 // 255), (50, 150))
    scan = ImageOps.expand(sheet.rotate(turn, expand=True, fillcolor=20), 30, fill=20)
    (crop,) = find_digits(extract_ink(scan).pixels)

    assert 0.2 < crop.box[2] / scan.width < 0.8
    assert 0.2 < crop.box[3] / scan.height < 0.8


def test_rules_of_a_page_without_a_shadow_are_dropped() -> None:
    """A page that a scanner whitened would be read with its rules."""
    page = Image.new("RGB", (700, 1000), "white")
    page.paste(SEVEN.resize((500, 500)), (100, 250))
    written = np.asarray(page.convert("L")) < 255
    pencil = ImageDraw.Draw(page)
    for row in range(50, 1000, 80):
        pencil.line([(0, row), (700, row)], fill=(150, 170, 220), width=2)

    ink = extract_ink(page).pixels

    assert not ink[~ndimage.binary_dilation(written, iterations=9)].any()
    assert (ink[written] > 0).mean() > 0.95


@pytest.mark.parametrize(
    "picture",
    [
        {"background": None, "layers": [], "composite": None},
        *(np.full((40, 50, 3), level, np.uint8) for level in (0, 128, 255)),
        np.full((300, 300, 3), (200, 30, 90), np.uint8),
        np.zeros((1, 1), np.uint8),
        np.tile(np.linspace(90, 220, 400), (300, 1)).astype(np.uint8),
        _photo(None),
        _photo(None, seed=1)[::2, ::2],
        _rules(_photo(None)),
        _rules(_photo(None), upright=True),
        jpeg(Image.fromarray(_photo(None)), quality=60),
        [*photograph_blanks(7, 0)][6],
    ],
    ids=[
        *("untouched", "black", "grey", "white", "red", "dot"),
        *("gradient", "shadow", "small", "ruled", "squared", "jpeg"),
        "squares across a shadow's edge",
    ],
)
def test_a_blank_picture_has_no_digit(picture: Any) -> None:
    """An empty page would be read as a digit."""
    assert find_digits(extract_ink(picture).pixels) == []


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("seed", range(80))
def test_a_sliver_of_paper_beside_a_desk_is_read_or_refused(seed: int) -> None:
    """A strip that shows hardly any paper would show a traceback."""
    random = np.random.default_rng(seed)
    strip = random.normal(30, 25, (80, 11))
    strip[random.integers(0, 80) :, random.integers(0, 11) :] += 170

    assert len(find_digits(extract_ink(strip.clip(0, 255).astype(np.uint8)).pixels)) <= 1


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("seed", range(150))
def test_a_picture_of_any_shape_is_read_or_refused(seed: int) -> None:
    """A narrow strip, a noisy gradient or a stain would show a traceback."""
    random = np.random.default_rng(seed)
    shape = (int(random.integers(1, 40)), int(random.integers(1, 1000)))
    y, x = np.indices(shape if seed % 2 else shape[::-1])
    slope = random.choice([0, 180 / len(y), 180 / y.shape[1]])
    picture = 40 + slope * random.choice([y, x]) + random.normal(0, 30 * random.random(), y.shape)
    picture[len(y) // 3 : len(y) // 2] -= random.choice([0, 90])

    ink = extract_ink(picture.clip(0, 255).astype(np.uint8)).pixels

    assert ink.shape == y.shape
    assert len(find_digits(ink)) <= 1
