"""Saying what it really was, in a real browser."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from scripts.app_server import AppServer, serve
from scripts.visit import DESK, PHONE, Visit

PLACES = """() => [...document.querySelectorAll(".sheet, .digits, .correct, .probabilities")].map(
    part => part.getBoundingClientRect().top + scrollY)"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where corrections are kept."""
    return tmp_path_factory.mktemp("corrections")


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> Iterator[AppServer]:
    """An app that asks for corrections."""
    with serve(tmp_path_factory.mktemp("app"), DIGIT_FEEDBACK=str(folder)) as running:
        yield running


def kept(folder: Path) -> list[tuple[str, str]]:
    """What was read, and what visitors say that it was."""
    lines = [line for file in folder.glob("*.jsonl") for line in file.read_text().splitlines()]
    return [(row["said"], row["label"]) for row in map(json.loads, lines)]


@pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])
def test_a_tap_keeps_a_correction_and_without_one_nothing_is_kept(
    browser: Browser, asking: AppServer, folder: Path, screen: dict[str, object]
) -> None:
    """Otherwise the page collects in silence, or thanks for what is lost; and nothing moves."""
    visit = Visit(browser, asking.url, screen)
    before, files = len(kept(folder)), {*folder.iterdir()}
    section, thanks = visit.page.locator(".correct"), visit.page.get_by_text("Thank you!")
    expect(section).to_be_hidden()
    visit.draw("7")
    visit.expect_answer("a 7.")
    visit.settle()
    expect(section).to_contain_text("Without a tap, nothing is kept.")
    assert {*folder.iterdir()} == files
    places = visit.page.evaluate(PLACES)
    visit.press("It was a 1")
    expect(thanks).to_be_visible()
    assert visit.page.evaluate(PLACES) == places
    visit.press("Why 7?")
    expect(visit.page.locator(".why")).to_be_visible()
    expect(thanks).to_be_visible()
    visit.clear()
    expect(section).to_be_hidden()
    assert visit.page.evaluate(PLACES) == places
    visit.press("A number")
    visit.expect_answer("2026")
    visit.page.get_by_label("The number that it was").fill("2076")
    visit.page.keyboard.press("Enter")
    expect(thanks).to_contain_text("that it was 2076")
    assert kept(folder)[before:] == [("7", "1"), ("2026", "2076")]
    visit.expect_no_error()
    visit.page.close()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_everybody_can_correct_the_page(browser: Browser, asking: AppServer, mode: str) -> None:
    """Otherwise those who hear the page, or use a keyboard or a thick finger, are not asked."""
    visit = Visit(browser, asking.url, {**PHONE, "color_scheme": mode})
    visit.press("Not a digit")
    visit.settle()
    targets = visit.page.locator(".correct :is(button, input):visible").all()
    assert targets
    for target in targets:
        box = target.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 44, target.inner_html()
    acts: list[Callable[[], None]] = [
        lambda: None,
        lambda: visit.page.get_by_role("button", name="It was a 0").press("Enter"),
    ]
    for act in acts:
        act()
        visit.settle()
        found = Axe().run(visit.page, ".correct").response["violations"]
        assert not [violation["id"] for violation in found]
    expect(visit.page.locator(".correct [aria-live]")).to_contain_text("that it was 0")
    visit.page.close()


def test_a_page_that_keeps_nothing_asks_for_nothing(visit: Visit) -> None:
    """Otherwise a visitor gives away what nobody keeps, or what nobody may."""
    visit.draw("7")
    visit.expect_answer("a 7.")
    expect(visit.page.locator(".correct")).to_have_count(0)
