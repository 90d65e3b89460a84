"""Paper, told from the desk that it lies on."""

import numpy as np
import pytest
from PIL import Image, ImageOps
from scipy import ndimage

from tests.support.crops import find_digits, ink_of
from tests.support.photos import take_photo
from tests.support.seven import SEVEN


def test_a_sheet_on_a_dark_desk_is_found() -> None:
    """The desk, not the digit, would be read."""
    photo = np.random.default_rng(0).normal(40, 8, (750, 1000)).clip(0, 255).astype(np.uint8)
    photo[60:690, 150:850] = take_photo(SEVEN)[60:690, 150:850] // 4 * 3 + 60
    crop = find_digits(ink_of(photo))[0]

    assert np.allclose(crop.box, find_digits(ink_of(take_photo(SEVEN)))[0].box, atol=8)


def _on_a_desk(paper: tuple[int, int, int], desk: tuple[int, int, int]) -> np.ndarray:
    """A note with a black 7 on it, in the middle of something else."""
    photo = Image.new("RGB", (1000, 750), desk)
    photo.paste(paper, (150, 125, 850, 625))
    photo.paste((0, 0, 0), (350, 225), ImageOps.invert(SEVEN.resize((300, 300))))
    return np.array(photo, float)


def _assert_seven_on_the_note(photo: np.ndarray) -> None:
    noise = np.random.default_rng(0).normal(0, 0.5, photo.shape)
    (crop,) = find_digits(ink_of((photo + noise).clip(0, 255).astype(np.uint8)))
    left, top, right, bottom = ImageOps.invert(SEVEN.resize((300, 300))).getbbox() or (0, 0, 0, 0)

    assert np.allclose(crop.box, (350 + left, 225 + top, right - left, bottom - top), atol=9)


@pytest.mark.parametrize("paper", [(250, 248, 240), (250, 235, 110)], ids=["white", "yellow"])
@pytest.mark.parametrize("desk", [(60, 60, 64), (50, 90, 60)], ids=["grey", "green"])
def test_a_small_note_on_a_smooth_desk_is_no_drawing_on_a_dark_ground(
    paper: tuple[int, int, int], desk: tuple[int, int, int]
) -> None:
    """The note would be taken for a white blob that somebody drew."""
    _assert_seven_on_the_note(_on_a_desk(paper, desk))


@pytest.mark.parametrize("desk", [(60, 60, 64), (50, 90, 60)], ids=["grey", "green"])
def test_a_shadow_over_note_and_desk_hides_nothing(desk: tuple[int, int, int]) -> None:
    """Only what lies in the light would be taken for the note."""
    y, x = np.indices((750, 1000))
    light = 0.5 + 0.5 / (1 + np.exp((x + y / 2 - 680) / 6))

    _assert_seven_on_the_note(_on_a_desk((250, 248, 240), desk) * light[..., None])


def test_a_brown_note_on_a_desk_of_another_colour_is_found() -> None:
    """In grey, it is hardly lighter than the desk, and would be taken for light writing."""
    _assert_seven_on_the_note(_on_a_desk((150, 115, 78), (80, 60, 130)))


@pytest.mark.filterwarnings("error")
def test_a_sheet_that_lacks_a_colour_is_found_without_a_warning() -> None:
    """Telling a desk from shade would divide by the sheet's blue, of which there is none."""
    red = np.zeros((750, 1000, 3), np.uint8)
    red[100:650, 200:800, 0] = 240
    noise = np.random.default_rng(0).normal(0, 9, red.shape[:2])
    red[..., 0] = (red[..., 0] + noise).clip(0, 255)

    assert not find_digits(ink_of(red)[150:600, 250:750])


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

    ink = ink_of((photo + noise).clip(0, 255).astype(np.uint8))

    assert (ink[:, :190] > 0).mean() == 0
    assert (ink[80:680, 200:900][paper < 100] > 0).mean() > 0.95


@pytest.mark.parametrize("turn", [0, 12])
def test_a_sheet_scanned_on_black_is_a_sheet(turn: int) -> None:
    """White paper on a scanner's black would be taken for a white blob that somebody drew."""
    sheet = Image.new("L", (600, 800), 235)
    sheet.paste(SEVEN.resize((500, 500)).point(lambda level: 100 + level * 135 // 255), (50, 150))
    scan = ImageOps.expand(sheet.rotate(turn, expand=True, fillcolor=20), 30, fill=20)
    (crop,) = find_digits(ink_of(scan))

    assert 0.2 < crop.box[2] / scan.width < 0.8
    assert 0.2 < crop.box[3] / scan.height < 0.8


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("seed", range(80))
def test_a_sliver_of_paper_beside_a_desk_is_blank(seed: int) -> None:
    """A strip that shows hardly any paper would show a traceback, or be read as a 1."""
    random = np.random.default_rng(seed)
    strip = random.normal(30, 25, (80, 11))
    strip[random.integers(0, 80) :, random.integers(0, 11) :] += 170

    assert not find_digits(ink_of(strip.clip(0, 255).astype(np.uint8)))
