"""Ink, told from paper and light."""

from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from digit_model.training.blanks import photograph_blanks
from tests.support.crops import find_digits, ink_of
from tests.support.files import encode
from tests.support.photos import print_rules, take_photo
from tests.support.seven import SEVEN, SEVEN_INK, assert_is_seven
from tests.support.strokes import draw_digit


@pytest.mark.parametrize("label", list("0123456789"))
@pytest.mark.parametrize("side", [16, 28, 280])
def test_ink_is_told_from_paper_even_where_it_fills_the_box(label: str, side: int) -> None:
    """A thick, tightly cut digit would be read as its own negative."""
    drawing = draw_digit(label, 400, 60).crop((85, 60, 330, 355)).resize((side, side))

    ink = ink_of(drawing)

    assert (ink == ink_of(np.asarray(drawing) ^ 255)).all()
    assert np.corrcoef(ink.ravel(), np.asarray(drawing).ravel())[0, 1] < -0.99


def test_a_clean_drawing_passes_unaltered() -> None:
    """Soft edges, which MNIST has and the network knows, would be lost."""
    assert (ink_of(SEVEN_INK) == SEVEN_INK).all()
    assert (ink_of(SEVEN) == SEVEN_INK).all()


@pytest.mark.parametrize("colour", [(245, 160, 160), (170, 225, 235), (250, 240, 150)])
def test_pale_ink_comes_out_at_full_strength(colour: tuple[int, int, int]) -> None:
    """A pale felt-tip or a yellow brush would be taken for paper."""
    drawing = Image.composite(
        Image.new("RGB", SEVEN.size, "white"), Image.new("RGB", SEVEN.size, colour), SEVEN
    )

    assert_is_seven(ink_of(drawing))


@pytest.mark.parametrize("quality", [30, 75, 95])
def test_compression_leaves_no_ink_on_the_paper(quality: int) -> None:
    """JPEG's ripples would widen the digit's box and shrink it in its frame."""
    inked = Image.fromarray(ink_of(encode(SEVEN, "JPEG", quality=quality))).getbbox()
    clean = Image.fromarray(SEVEN_INK).getbbox()

    assert inked
    assert clean
    assert np.allclose(inked, clean, atol=2)


@pytest.mark.parametrize("invert", [False, True], ids=["paper", "blackboard"])
def test_uneven_light_is_flattened(invert: bool) -> None:
    """A shadow or a dark corner would be read as part of the digit."""
    photo = take_photo(SEVEN)
    crop = find_digits(ink_of(255 - photo if invert else photo))[0]
    left, top, right, bottom = Image.fromarray(SEVEN_INK).getbbox() or (0, 0, 0, 0)

    expected = np.array((left, top, right - left, bottom - top)) * 550 / 280 + (225, 100, 0, 0)
    assert np.allclose(crop.box, expected, atol=8)


@pytest.mark.parametrize("grain", [1, 3])
@pytest.mark.parametrize("left", [0.5, 0.7])
def test_a_digit_half_in_shade_is_read_whole(grain: int, left: float) -> None:
    """The shade of a hand or a phone would be taken for the desk beside the sheet."""
    drawing = np.full((750, 1000), 255.0)
    drawing[100:650, 225:775] = np.asarray(SEVEN.resize((550, 550)))
    edge = 1 / (1 + np.exp(np.arange(1000) / 5 - 100))  # Half the way across, 20 pixels wide.
    noise = np.random.default_rng(0).normal(0, grain, drawing.shape)
    photo = (drawing * (left + (1 - left) * edge) * 0.9 + noise).clip(0, 255).astype(np.uint8)
    crop = find_digits(ink_of(photo))[0]

    assert np.allclose(crop.box, find_digits(ink_of(take_photo(SEVEN)))[0].box, atol=8)


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

    ink = ink_of(photo.clip(0, 255).astype(np.uint8))

    assert (ink[drawing == 0] > 0).mean() > 0.95


def test_a_shadow_in_a_photo_without_grain_is_no_ink() -> None:
    """Phones smooth their photos: one would be taken for a drawing, and its shadow for a stroke."""
    drawing = np.full((750, 1000), 255.0)
    drawing[400:700, 600:900] = np.asarray(SEVEN.resize((300, 300)))
    y, x = np.indices(drawing.shape)
    photo = (drawing * np.where(x + 2 * y < 1100, 0.3, 0.9)).astype(np.uint8)

    ink = ink_of(photo)

    assert not ink[:380].any()
    assert (ink[drawing == 0] > 0).mean() > 0.95


def test_the_seam_of_a_straightened_scan_is_no_ink() -> None:
    """The white that fills a scan's corner would join all that is written beside it."""
    scan = Image.new("L", (1000, 750), 228)
    ImageDraw.Draw(scan).polygon([(0, 0), (1000, 0), (0, 30)], fill=255)
    scan.paste(SEVEN.resize((500, 500)).point(lambda level: level * 228 // 255), (250, 150))

    ink = ink_of(scan)

    assert not ink[:140].any()
    assert (ink[150:650, 250:750][np.asarray(SEVEN.resize((500, 500))) == 0] > 0).all()


@pytest.mark.parametrize(
    "picture",
    [
        {"background": None, "layers": [], "composite": None},
        *(np.full((40, 50, 3), level, np.uint8) for level in (0, 128, 255)),
        np.full((300, 300, 3), (200, 30, 90), np.uint8),
        np.zeros((1, 1), np.uint8),
        np.tile(np.linspace(90, 220, 400), (300, 1)).astype(np.uint8),
        take_photo(None),
        take_photo(None, seed=1)[::2, ::2],
        print_rules(take_photo(None)),
        print_rules(take_photo(None), upright=True),
        encode(Image.fromarray(take_photo(None)), "JPEG", quality=60),
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
    assert find_digits(ink_of(picture)) == []


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

    ink = ink_of(picture.clip(0, 255).astype(np.uint8))

    assert ink.shape == y.shape
    for crop in find_digits(ink):
        left, top, width, height = crop.box
        assert (crop.ink <= ink[top : top + height, left : left + width]).all()
