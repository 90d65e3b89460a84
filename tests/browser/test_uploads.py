"""Pictures that are uploaded, in a real browser."""

import base64
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from scripts.visit import Visit
from tests.support.bad_files import damaged_files
from tests.support.files import encode
from tests.support.screens import on_both_screens
from tests.support.strokes import draw_digit
from tests.support.uploads import sideways_photo, transparent_drawing


def test_the_boxes_of_an_upload_stand_on_the_photo(visit: Visit) -> None:
    """Otherwise they stand on a drawing that is not there."""
    visit.upload("photo.jpg", sideways_photo("4"))
    visit.expect_answer("a 4.")
    expect(visit.page.locator(".upload svg.boxes rect")).to_have_count(1)
    ((left, right),) = visit.boxes()
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
    asked: list[str] = []
    visit.page.on("request", lambda request: asked.append(request.url))
    visit.page.locator("input[type=file]").set_input_files(tmp_path / "large.png")
    expect(visit.page.get_by_role("alert").filter(has_text="at most 20 MB")).to_be_visible()
    visit.settle()
    assert not [url for url in asked if "/upload" in url]


def test_a_dot_of_a_picture_gets_a_hint(visit: Visit) -> None:
    """Otherwise a 1x1 picture ends in a traceback."""
    visit.draw("7")
    visit.expect_answer("a 7.")
    visit.upload("dot.png", encode(Image.new("L", (1, 1)), "PNG"))
    visit.expect_answer("Draw a digit")
