"""The page, in a real browser."""

import re
import shutil
import statistics
import struct
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Route, expect, sync_playwright

from tests.app_server import AppServer, free_port, serve
from tests.bad_files import encode
from tests.strokes import draw_digit
from tests.visit import BROWSERS, DESK, FLAGS, PATIENCE_MS, PHONE, Visit

ANSWER_SECONDS = 2.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """The app with the embedded model."""
    with serve(tmp_path_factory.mktemp("app")) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real Chromium or Chrome."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found, f"Expected one of {BROWSERS} on the PATH; scripts/test installs Chromium."
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(request: pytest.FixtureRequest, server: AppServer, browser: Browser) -> Iterator[Visit]:
    """A visitor, with a desktop screen unless the test says otherwise, whom no error meets."""
    visitor = Visit(browser, server.url, getattr(request, "param", DESK))
    yield visitor
    visitor.expect_no_error()
    visitor.page.close()


on_a_phone = pytest.mark.parametrize("visit", [PHONE], ids=["phone"], indirect=True)
on_both_screens = pytest.mark.parametrize(
    "visit", [DESK, PHONE], ids=["desk", "phone"], indirect=True
)


def sideways_photo(label: str) -> bytes:
    """A JPEG stored on its side, with the tag that says so."""
    exif = Image.Exif()
    exif[0x0112] = 6  # Turn 90 degrees clockwise to see it upright.
    return encode(draw_digit(label).rotate(90), "JPEG", exif=exif)


def transparent_drawing(label: str) -> bytes:
    """A PNG of black ink on nothing."""
    ink = draw_digit(label).point(lambda grey: 255 - grey)
    drawing = Image.new("RGBA", ink.size)
    drawing.putalpha(ink)
    return encode(drawing, "PNG")


def damaged_files() -> dict[str, bytes]:
    """Name -> content of files that no reader can read."""
    whole = encode(draw_digit("3"), "PNG")
    # A header that claims 200 megapixels, before the data of 0.08.
    header = whole[12:16] + struct.pack(">II", 20_000, 10_000) + whole[24:29]
    bomb = whole[:12] + header + struct.pack(">I", zlib.crc32(header)) + whole[33:]
    return {
        "corrupt": whole[: len(whole) // 4],
        "empty": b"",
        "text": b"not a picture",
        "bomb": bomb,
    }


@on_both_screens
def test_the_first_stroke_after_loading_is_read(visit: Visit) -> None:
    """Otherwise the visitor's first stroke is lost."""
    visit.draw("7")
    visit.expect_answer("This looks like a 7.")


def size_of_frames(visit: Visit) -> list[int]:
    """Width and height, in the picture's own pixels."""
    frames = visit.page.locator(".frame img")
    size: list[int] = frames.evaluate(
        "async image => { await image.decode(); return [image.naturalWidth, image.naturalHeight] }"
    )
    return size


@on_both_screens
def test_a_number_is_read_with_a_box_round_each_digit(visit: Visit) -> None:
    """Otherwise "203" is one wrong digit, or nobody sees which digit was read where."""
    visit.draw("203")
    visit.expect_answer("This looks like 203")
    visit.settle()
    marked = visit.page.locator(".marked img").evaluate(
        """async image => {
            const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight)
            const context = canvas.getContext("2d")
            context.drawImage(image, 0, 0)
            const {data} = context.getImageData(0, 0, canvas.width, canvas.height)
            const red = new Set()
            for (let at = 0; at < data.length; at += 4)
                if (data[at] > 180 && data[at + 1] < 90) red.add(Math.floor(at / 4 % canvas.width))
            return [...red].length
        }"""
    )
    assert marked > 100
    assert size_of_frames(visit)[0] == 3 * 28


def test_a_page_of_numbers_is_read_line_by_line(visit: Visit) -> None:
    """Otherwise a sheet of figures is one long number."""
    page = Image.new("L", (700, 600), "white")
    for row, number in enumerate(["203", "1747"]):
        for column, label in enumerate(number):
            page.paste(draw_digit(label, 140, 10), (40 + 150 * column, 60 + 260 * row))
    visit.upload("page.png", encode(page, "PNG"))
    visit.expect_answer("This looks like 203 and 1747.")


@on_both_screens
def test_the_answer_comes_within_two_seconds_of_pen_up(visit: Visit) -> None:
    """Otherwise the page feels dead; the median of three, as machines have busy moments."""
    waits = []
    for _ in range(3):
        visit.draw("7")
        pen_up = time.monotonic()
        visit.expect_answer("This looks like a 7.")
        waits.append(time.monotonic() - pen_up)
        visit.clear()
    assert statistics.median(waits) < ANSWER_SECONDS, waits


@on_both_screens
def test_a_second_digit_is_read_right_after_clear(visit: Visit) -> None:
    """Otherwise Clear leaves old ink, or a pad that takes none."""
    visit.draw("1")
    visit.expect_answer("a 1.")
    for label in ("4", "7"):
        visit.clear()
        visit.draw(label)
        visit.expect_answer(f"a {label}.")


def test_the_button_reads_the_drawing_again(visit: Visit) -> None:
    """Otherwise the button would find the pad blank, or do nothing."""
    visit.draw("7")
    visit.expect_answer("a 7.")
    visit.settle()
    said = []

    def overhear(route: Route) -> None:
        response = route.fetch()
        said.append(response.text())
        route.fulfill(response=response)

    visit.page.route("**/queue/data*", overhear)
    visit.page.get_by_role("button", name="Read").click()
    visit.settle()
    assert len(said) == 2
    assert "This looks like a 7." in said[0]
    visit.expect_answer("a 7.")
    assert size_of_frames(visit) == [28, 2 * 28]  # It is explained again as well.


def test_undoing_and_erasing_all_ink_bring_the_hint_back(visit: Visit) -> None:
    """Otherwise a pad without its white paper ends in an error, or is read as black."""
    undo = visit.page.get_by_role("button", name="Undo")
    visit.draw("7")
    visit.expect_answer("a 7.")
    while undo.is_enabled():
        undo.click()
        visit.settle()
    visit.expect_answer("Draw a digit")
    visit.settle()
    visit.draw("1")
    visit.expect_answer("a 1.")
    visit.page.get_by_role("button", name="Erase").click()
    visit.draw("1")
    visit.expect_answer("Draw a digit")


@on_both_screens
@pytest.mark.parametrize(
    ("name", "content", "label"),
    [
        ("scan.png", encode(draw_digit("2"), "PNG"), "2"),
        ("photo.jpg", sideways_photo("4"), "4"),
        ("drawing.png", transparent_drawing("3"), "3"),
    ],
)
def test_an_upload_is_read_by_itself(visit: Visit, name: str, content: bytes, label: str) -> None:
    """Otherwise photos are read lying down, or transparent paper as black."""
    visit.upload(name, content)
    visit.expect_answer(f"a {label}.")


def test_the_input_touched_last_is_read_and_the_other_emptied(visit: Visit) -> None:
    """Otherwise it is anybody's guess which picture the answer is about."""
    preview = visit.page.get_by_role("button", name="Remove Image")
    visit.draw("7")
    visit.expect_answer("a 7.")
    for _ in range(2):
        visit.upload("three.png", transparent_drawing("3"))
        visit.expect_answer("a 3.")
        visit.settle()
        visit.expect_answer("a 3.")
        expect(preview).to_be_visible()
        visit.draw("1")
        visit.expect_answer("a 1.")
        expect(preview).to_be_hidden()


def test_a_damaged_upload_is_explained_and_the_next_one_read(visit: Visit) -> None:
    """Otherwise one bad file leaves a silent page, or an old answer under it."""
    for name, content in damaged_files().items():
        visit.draw("7")
        visit.expect_answer("a 7.")
        visit.upload(f"{name}.png", content)
        toast = visit.page.get_by_test_id("toast-body").last
        expect(toast).to_contain_text("Expected", timeout=PATIENCE_MS)
        visit.expect_answer("Draw a digit")
        toast.get_by_test_id("toast-close").dispatch_event("click")
        expect(toast).to_be_hidden()
    visit.upload("good.png", transparent_drawing("3"))
    visit.expect_answer("a 3.")


@on_both_screens
def test_a_drawing_that_cannot_be_sent_is_told_and_the_next_one_read(visit: Visit) -> None:
    """Otherwise a full disk or a lost network leaves a silent page."""
    told = visit.page.get_by_role("alert").filter(has_text="could not be sent")
    uploads = re.compile("/upload")
    for fail in (
        lambda route: route.fulfill(status=507, body="No room."),
        lambda route: route.abort(),
    ):
        visit.page.route(uploads, fail)
        visit.draw("7")
        expect(told).to_be_visible()
        visit.page.unroute(uploads)
        expect(told).to_be_hidden(timeout=PATIENCE_MS)
        visit.clear()
        visit.draw("3")
        visit.expect_answer("a 3.")
        visit.clear()
    assert visit.errors
    visit.errors.clear()


def test_a_dot_of_a_picture_gets_a_hint(visit: Visit) -> None:
    """Otherwise a 1x1 picture ends in a traceback."""
    visit.draw("7")
    visit.expect_answer("a 7.")
    visit.upload("dot.png", encode(Image.new("L", (1, 1)), "PNG"))
    visit.expect_answer("Draw a digit")


@on_a_phone
def test_a_phone_shows_pad_and_answer_without_scrolling(visit: Visit) -> None:
    """Otherwise the answer to a stroke is out of sight."""
    expect(visit.pad).to_be_in_viewport(ratio=1)
    expect(visit.answer).to_be_in_viewport(ratio=1)
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390


@on_a_phone
def test_a_phone_shows_the_slider_of_the_pens_size(visit: Visit) -> None:
    """Otherwise half of the sizes lie off the screen."""
    visit.page.get_by_title("Brush Size").click()

    expect(visit.page.locator(".pad input[type=range]")).to_be_in_viewport(ratio=1)


def test_answers_are_read_aloud(visit: Visit) -> None:
    """Otherwise who cannot see the page never learns what was read."""
    live = visit.page.locator("[aria-live=polite]").filter(has=visit.answer)
    expect(live).to_have_count(1)


def test_the_page_speaks_to_its_own_host_only(visit: Visit) -> None:
    """Otherwise it leaks visits to others, or breaks without a network."""
    visit.draw("7")
    visit.expect_answer("a 7.")
    visit.settle()
    assert visit.hosts == {visit.page.url.split("/")[2]}


def test_the_page_shows_the_frame_that_the_model_sees_over_an_example(visit: Visit) -> None:
    """Otherwise nobody can tell why a digit was misread; an example stands under it."""
    visit.draw("7")
    visit.expect_answer("a 7.")
    visit.page.get_by_alt_text("Each digit in 28x28 pixels").wait_for()
    assert size_of_frames(visit) == [28, 2 * 28]


def test_a_visitor_is_told_that_the_named_model_is_out_of_reach(
    browser: Browser, tmp_path: Path
) -> None:
    """Otherwise somebody judges the wrong model."""
    nobody = f"http://127.0.0.1:{free_port()}"
    environment = {"HF_ENDPOINT": nobody, "HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "0"}
    with serve(tmp_path, "--model", "tester/digits", "--revision", "v0", **environment) as app:
        visit = Visit(browser, app.url, DESK)
        warning = "tester/digits at v0 cannot be reached"
        expect(visit.page.get_by_text(warning)).to_be_visible()
        visit.expect_no_error()
        visit.page.close()
        assert warning in app.log.read_text()
