"""What the page says of a picture, in a real browser."""

import pytest
from PIL import Image
from playwright.sync_api import expect

from scripts.visit import Visit
from tests.support.screens import on_both_screens


def test_answers_are_read_aloud(visit: Visit) -> None:
    """Otherwise who cannot see the page never learns what was read."""
    visit.draw("7")
    visit.expect_answer("This looks like a 7.")
    live = visit.page.locator("[aria-live]:not([aria-live=off]), [role=status]")
    assert [text.strip() for text in live.all_text_contents() if text.strip()] == [
        "This looks like a 7."
    ]


@on_both_screens
def test_a_digit_that_is_pressed_tells_why(visit: Visit) -> None:
    """Otherwise nobody can tell why a digit was misread; an example stands under its frame."""
    visit.draw("17")
    visit.expect_answer("This looks like 17.")
    visit.settle()
    for digit in "71":
        visit.press(f"Why {digit}?")
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
    assert 0 < rows.count() < 4
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


def test_why_and_steps_can_be_open_at_once_and_belong_to_the_newest_drawing(visit: Visit) -> None:
    """Otherwise one closes the other, or an explanation of an older drawing comes late."""
    visit.draw("7")
    visit.expect_answer("a 7.")
    visit.settle()
    visit.page.get_by_text("How it read it").click()
    visit.press("Why 7?")
    expect(visit.page.locator(".why")).to_be_visible()
    expect(visit.page.locator(".steps li")).to_have_count(5)
    visit.press("Why 7?")
    visit.clear()
    visit.settle()
    visit.expect_answer("Draw a digit")
    expect(visit.page.locator(".why")).to_have_count(0)


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


def test_the_page_tells_about_its_model(visit: Visit) -> None:
    """Otherwise nobody knows how far to trust it."""
    visit.page.get_by_text("About this model").click()
    expect(visit.page.get_by_text("Model: built in")).to_be_visible()
    expect(visit.page.get_by_role("cell", name="MNIST test", exact=True)).to_be_visible()
    pictures = visit.page.locator(".about img").all()
    assert pictures
    for picture in pictures:
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", value=True)
        assert picture.evaluate("image => image.naturalWidth") > 100
