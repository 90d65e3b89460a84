"""The page, in a real browser."""

import base64
import re
import statistics
import struct
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.app_server import AppServer, free_port, serve
from tests.bad_files import encode
from tests.proxy import PREFIX, proxied
from tests.strokes import draw_digit
from tests.visit import DESK, PHONE, Visit, open_browser

ANSWER_SECONDS = 2.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """The app with the embedded model."""
    with serve(tmp_path_factory.mktemp("app")) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real browser."""
    with open_browser() as opened:
        yield opened


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


def boxes(visit: Visit) -> list[tuple[float, float]]:
    """Where the boxes begin and end, as shares of the picture's width."""
    place = "svg => [...svg.querySelectorAll('rect')].map(box => box.getBoundingClientRect())"
    rects = visit.page.locator("svg.boxes").evaluate(
        f"svg => [svg.parentElement.getBoundingClientRect(), ...({place})(svg)]"
    )
    stage, *found = rects
    return [
        (
            (box["left"] - stage["left"]) / stage["width"],
            (box["right"] - stage["left"]) / stage["width"],
        )
        for box in found
    ]


@on_both_screens
def test_a_number_is_read_with_a_box_round_each_digit_on_the_drawing_itself(visit: Visit) -> None:
    """Otherwise "203" is one wrong digit, or nobody sees which digit was read where."""
    visit.draw("203")
    visit.expect_answer("This looks like 203")
    visit.settle()
    (left, _), (_, _), (_, right) = boxes(visit)
    assert 0 < left < 0.3
    assert 0.7 < right < 1
    assert visit.page.locator("svg.boxes text").all_text_contents() == ["2", "0", "3"]
    visit.page.get_by_label("Boxes").uncheck()
    expect(visit.page.locator("svg.boxes")).to_have_count(0)
    visit.page.get_by_label("Boxes").check()
    assert len(boxes(visit)) == 3
    visit.clear()
    expect(visit.page.locator("svg.boxes")).to_have_count(0)


def test_the_boxes_of_an_upload_stand_on_the_photo(visit: Visit) -> None:
    """Otherwise they stand on a drawing that is not there."""
    visit.upload("photo.jpg", sideways_photo("4"))
    visit.expect_answer("a 4.")
    expect(visit.page.locator(".upload svg.boxes rect")).to_have_count(1)
    ((left, right),) = boxes(visit)
    assert 0 < left < right < 1
    visit.clear()
    visit.draw("7")
    visit.expect_answer("a 7.")
    expect(visit.page.locator(".upload svg.boxes")).to_have_count(0)
    expect(visit.page.locator(".sketchpad svg.boxes rect")).to_have_count(1)


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


def test_undoing_and_erasing_all_ink_bring_the_hint_back(visit: Visit) -> None:
    """Otherwise an empty pad ends in an error, or is read as black."""
    visit.draw("7")
    visit.expect_answer("a 7.")
    visit.press("Undo")
    visit.expect_answer("Draw a digit")
    visit.press("Redo")
    visit.expect_answer("a 7.")
    visit.press("Eraser")
    visit.draw("7")
    visit.expect_answer("Draw a digit")


def test_clear_can_be_undone(visit: Visit) -> None:
    """Otherwise a slip of the finger costs a page of numbers."""
    visit.draw("7")
    visit.expect_answer("a 7.")
    visit.clear()
    visit.press("Undo")
    visit.expect_answer("a 7.")


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
    preview = visit.page.get_by_alt_text("Your picture")
    visit.draw("7")
    visit.expect_answer("a 7.")
    for _ in range(2):
        visit.upload("three.png", transparent_drawing("3"))
        visit.expect_answer("a 3.")
        visit.settle()
        visit.expect_answer("a 3.")
        expect(preview).to_be_visible()
        visit.press("Undo")
        visit.expect_answer("a 7.")
        expect(preview).to_be_hidden()


def test_a_picture_that_is_removed_takes_its_answer_with_it(visit: Visit) -> None:
    """Otherwise the answer is about a picture that is not there."""
    visit.upload("three.png", transparent_drawing("3"))
    visit.expect_answer("a 3.")
    visit.press("Remove the picture")
    visit.expect_answer("Draw a digit")


@pytest.mark.parametrize("gesture", ["paste", "drop"])
def test_a_picture_can_be_pasted_and_dropped_anywhere(visit: Visit, gesture: str) -> None:
    """Otherwise somebody with a screenshot must save it first."""
    picture = base64.b64encode(transparent_drawing("3")).decode()
    visit.page.evaluate(
        """async ([gesture, picture]) => {
            const bytes = Uint8Array.from(atob(picture), letter => letter.charCodeAt(0))
            const data = new DataTransfer()
            data.items.add(new File([bytes], "three.png", {type: "image/png"}))
            const event = gesture === "paste"
                ? new ClipboardEvent("paste", {clipboardData: data, bubbles: true})
                : new DragEvent("drop", {dataTransfer: data, bubbles: true})
            document.querySelector("h1").dispatchEvent(event)
        }""",
        [gesture, picture],
    )
    visit.expect_answer("a 3.")


def test_a_picture_can_be_taken_with_the_camera(visit: Visit) -> None:
    """Otherwise a desktop with a camera is of no use; the browser's own test picture is taken."""
    visit.press("Camera")
    visit.press("Take the picture")
    expect(visit.page.get_by_alt_text("Your picture")).to_be_visible()
    visit.settle()
    expect(visit.page.locator("video")).to_be_hidden()


def test_a_damaged_upload_is_explained_and_the_next_one_read(visit: Visit) -> None:
    """Otherwise one bad file leaves a silent page, or an old answer under it."""
    for name, content in damaged_files().items():
        visit.clear()
        visit.draw("7")
        visit.expect_answer("a 7.")
        visit.upload(f"{name}.png", content)
        visit.expect_answer("Expected")
        expect(visit.page.locator("svg.boxes")).to_have_count(0)
    visit.upload("good.png", transparent_drawing("3"))
    visit.expect_answer("a 3.")


def test_a_file_that_is_too_large_is_told_before_it_is_sent(visit: Visit, tmp_path: Path) -> None:
    """Otherwise somebody waits minutes to be refused."""
    (tmp_path / "large.png").write_bytes(bytes(21 * 1024**2))
    visit.page.locator("input[type=file]").set_input_files(tmp_path / "large.png")
    expect(visit.page.get_by_role("alert").filter(has_text="at most 20 MB")).to_be_visible()
    assert not any("/upload" in request.url for request in visit.pending)


@on_both_screens
def test_a_picture_that_cannot_be_sent_is_told_and_the_next_one_read(visit: Visit) -> None:
    """Otherwise a full disk or a lost network leaves a silent page."""
    told = visit.page.get_by_role("alert").filter(has_text="could not be sent")
    uploads = re.compile("/upload")
    for fail in (
        lambda route: route.fulfill(status=507, body="No room."),
        lambda route: route.abort(),
    ):
        visit.page.route(uploads, fail)
        visit.upload("three.png", transparent_drawing("3"))
        expect(told).to_be_visible()
        visit.page.unroute(uploads)
        visit.upload("three.png", transparent_drawing("3"))
        visit.expect_answer("a 3.")
        expect(told).to_be_hidden()
        visit.press("Remove the picture")
        visit.close_notices()
    assert visit.errors
    visit.errors.clear()


def test_a_drawing_is_kept_and_read_after_the_network_was_lost(visit: Visit) -> None:
    """Otherwise a tunnel costs a visitor the drawing."""
    joins = re.compile("/queue/join")
    visit.page.route(joins, lambda route: route.abort())
    visit.draw("7")
    expect(visit.page.get_by_test_id("toast-body").first).to_be_visible()
    visit.page.unroute(joins)
    visit.expect_answer("a 7.")
    visit.press("Undo")
    visit.expect_answer("Draw a digit")
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
    paper = visit.pad.bounding_box()
    assert paper
    assert paper["width"] >= 340
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_answers_are_read_aloud(visit: Visit) -> None:
    """Otherwise who cannot see the page never learns what was read."""
    visit.draw("7")
    visit.expect_answer("This looks like a 7.")
    live = visit.page.locator("[aria-live]:not([aria-live=off]), [role=status]")
    assert [text.strip() for text in live.all_text_contents() if text.strip()] == [
        "This looks like a 7."
    ]


def test_the_page_speaks_to_its_own_host_only(visit: Visit) -> None:
    """Otherwise it leaks visits to others, or breaks without a network."""
    visit.draw("7")
    visit.expect_answer("a 7.")
    visit.settle()
    assert visit.hosts == {visit.page.url.split("/")[2]}


@on_both_screens
def test_a_digit_that_is_pressed_tells_why(visit: Visit) -> None:
    """Otherwise nobody can tell why a digit was misread; an example stands under its frame."""
    visit.draw("17")
    visit.expect_answer("This looks like 17.")
    visit.settle()
    for digit in "71":
        visit.press(f"Why is this a {digit}?")
        expect(visit.page.get_by_text(f"Blue ink spoke for {digit}")).to_be_visible()
        size = visit.page.locator(".why img").evaluate(
            "image => [image.naturalWidth, image.naturalHeight]"
        )
        assert size == [28, 2 * 28]
    visit.expect_answer("This looks like 17.")
    visit.clear()
    expect(visit.page.locator(".why")).to_have_count(0)


def test_of_a_number_only_readings_that_matter_are_listed(visit: Visit) -> None:
    """Otherwise nine rows say 0 %."""
    visit.draw("203", step=1)
    visit.expect_answer("This looks like 203.")
    visit.settle()
    rows = visit.page.locator(".probabilities .confidence-set")
    assert rows.count() < 4
    visit.clear()
    visit.draw("7")
    visit.expect_answer("a 7.")
    expect(rows).to_have_count(10)


@on_both_screens
@pytest.mark.parametrize(
    ("example", "answer"),
    [
        ("A digit", "This looks like a 3."),
        ("A 7 with a bar", "This looks like a 7."),
        ("A thin pen", "This looks like a 4."),
        ("A number", "This looks like 2026."),
        ("Not a digit", "This does not look like a digit."),
        ("A photo of a page", "This looks like 58, 306 and 306."),
    ],
)
def test_an_example_is_read_as_it_should_be(visit: Visit, example: str, answer: str) -> None:
    """Otherwise the page shows off with what it misreads."""
    visit.press(example)
    visit.expect_answer(answer)


@on_both_screens
def test_the_steps_are_shown_and_follow_the_drawing(visit: Visit) -> None:
    """Otherwise a learner sees how something else was read."""
    visit.draw("7")
    visit.expect_answer("a 7.")
    visit.settle()
    visit.page.get_by_text("How it read it").click()
    steps = visit.page.locator(".steps li")
    expect(steps).to_have_count(5)
    expect(steps.last).to_contain_text("7 9")
    visit.clear()
    visit.draw("1")
    visit.expect_answer("a 1.")
    expect(steps.last).to_contain_text("1 9")
    visit.page.get_by_text("How it read it").click()
    expect(steps.last).to_be_hidden()


def test_the_reading_can_be_sent_as_a_picture(visit: Visit) -> None:
    """Otherwise nobody can show a friend what was read; this browser saves it."""
    visit.draw("7")
    visit.expect_answer("a 7.")
    visit.settle()
    with visit.page.expect_download() as download:
        visit.press("Send it")
    picture = Image.open(download.value.path()).convert("RGB")
    assert picture.width == 1200
    assert {(225, 29, 72), (0, 0, 0)} <= {colour for _, colour in picture.getcolors(10**6) or []}


@on_both_screens
def test_nothing_moves_while_answers_come(visit: Visit) -> None:
    """Otherwise a visitor presses what was elsewhere a moment ago."""
    places = """() => [...document.querySelectorAll(".sheet, .tools, .choices")].map(
        part => part.getBoundingClientRect().top + scrollY)"""
    before = visit.page.evaluate(places)
    acts: list[Callable[[], None]] = [
        lambda: visit.draw("203"),
        visit.clear,
        lambda: visit.upload("photo.jpg", sideways_photo("4")),
        lambda: visit.upload("broken.png", b"broken"),
    ]
    for act in acts:
        act()
        visit.settle()
        assert visit.page.evaluate(places) == before


def test_the_page_tells_about_its_model(visit: Visit) -> None:
    """Otherwise nobody knows how far to trust it."""
    visit.page.get_by_text("About this model: built in").click()
    expect(visit.page.get_by_role("cell", name="MNIST test", exact=True)).to_be_visible()
    for picture in visit.page.locator(".about img").all():
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", value=True)
        assert picture.evaluate("image => image.naturalWidth") > 100


# Gradio's empty Label has a name, but no role that may have one.
GRADIOS_OWN = {("aria-prohibited-attr", ".empty")}


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_everybody_can_use_the_page(browser: Browser, server: AppServer, mode: str) -> None:
    """Otherwise a visitor who hears it, or sees it faintly, is left out; axe-core looks."""
    visit = Visit(browser, server.url, {**DESK, "color_scheme": mode})
    acts: list[Callable[[], None]] = [
        lambda: None,
        lambda: visit.press("A number"),
        lambda: visit.press("Why is this a 0?"),
        lambda: visit.page.get_by_text("How it read it").click(),
        lambda: visit.press("A photo of a page"),
        lambda: visit.upload("broken.png", b"broken"),
    ]
    for act in acts:
        act()
        visit.settle()
        found = {
            (violation["id"], node["target"][0])
            for violation in Axe().run(visit.page).response["violations"]
            if violation["impact"] in ("serious", "critical")
            for node in violation["nodes"]
        }
        assert found <= GRADIOS_OWN
    visit.expect_no_error()
    visit.page.close()


@on_a_phone
def test_a_finger_hits_every_button(visit: Visit) -> None:
    """Otherwise somebody presses Redo for Clear (WCAG 2.2: 44 pixels each way)."""
    visit.press("A number")
    visit.expect_answer("2026")
    ours = ":is(.sketchpad, .upload, .answer, .examples) :is(button, summary):visible"
    for button in visit.page.locator(ours).all():
        box = button.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 44, button.inner_html()


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


def test_the_page_works_behind_a_proxy_under_a_path(browser: Browser, tmp_path: Path) -> None:
    """Otherwise it can be served by no site that serves anything else."""
    port = free_port()
    root = {"GRADIO_ROOT_PATH": f"http://127.0.0.1:{port}{PREFIX}"}
    with serve(tmp_path, **root) as app, proxied(app.url, port) as url:
        visit = Visit(browser, url, DESK)
        visit.draw("7")
        visit.expect_answer("a 7.")
        visit.upload("three.png", transparent_drawing("3"))
        visit.expect_answer("a 3.")
        visit.expect_no_error()
        assert visit.hosts == {f"127.0.0.1:{port}"}
        visit.page.close()
