"""The page on all screens, for all visitors, in a real browser."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from scripts.app_server import AppServer
from scripts.visit import DESK, PHONE, Visit
from tests.support.screens import on_a_phone, on_both_screens
from tests.support.uploads import sideways_photo


@on_a_phone
def test_a_phone_shows_pad_and_answer_without_scrolling(visit: Visit) -> None:
    """Otherwise the answer to a stroke is out of sight."""
    expect(visit.pad).to_be_in_viewport(ratio=1)
    expect(visit.answer).to_be_in_viewport(ratio=1)
    paper = visit.pad.bounding_box()
    assert paper
    assert paper["width"] >= 340
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390


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


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_everybody_can_use_the_page(browser: Browser, server: AppServer, mode: str) -> None:
    """Otherwise a visitor who hears it, or sees it faintly, is left out; axe-core looks."""
    visit = Visit(browser, server.url, {**DESK, "color_scheme": mode})
    acts: list[Callable[[], None]] = [
        lambda: None,
        lambda: visit.press("A number"),
        lambda: visit.press("Why 0?"),
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
        assert not found
    visit.expect_no_error()
    visit.page.close()


@on_a_phone
def test_a_finger_hits_every_button(visit: Visit) -> None:
    """Otherwise somebody presses Redo for Clear (WCAG 2.2: 44 pixels each way)."""
    visit.press("A number")
    visit.expect_answer("2026")
    ours = ":is(.sketchpad, .upload, .answer, .examples) :is(button, summary):visible"
    buttons = visit.page.locator(ours).all()
    assert buttons
    for button in buttons:
        box = button.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 44, button.inner_html()


@pytest.mark.parametrize(
    ("locale", "clear", "seven", "unread", "about"),
    [
        (
            "de-AT",
            "Löschen",
            "Das sieht nach einer 7 aus.",
            "Erwartet wird ein Bild",
            "Über dieses",
        ),
        ("fr-FR", "Effacer", "Cela ressemble à un 7.", "Il faut une image", "À propos"),
        ("es-MX", "Borrar", "Parece un 7.", "Se espera una imagen", "Acerca de"),
        ("zh-CN", "清空", "看起来像 7。", "需要一张图片", "关于此模型"),
        ("sv-SE", "Clear", "This looks like a 7.", "Expected a picture", "About this"),
    ],
)
def test_the_page_speaks_the_language_of_the_browser(
    browser: Browser,
    server: AppServer,
    locale: str,
    clear: str,
    seven: str,
    unread: str,
    about: str,
) -> None:
    """Otherwise most of the world has to know English to be read; unknown ones get English."""
    visit = Visit(browser, server.url, {**PHONE, "locale": locale})
    expect(visit.page.get_by_text(about)).to_be_visible()
    visit.draw("7")
    visit.expect_answer(seven)
    visit.page.locator(".digits button").first.click()
    visit.page.locator(".why").wait_for()
    visit.page.locator("summary").click()
    expect(visit.page.locator(".steps li")).to_have_count(5)
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390
    visit.press(clear)
    visit.upload("broken.png", b"broken")
    visit.expect_answer(unread)
    assert not {"undefined", "__i18n__"} & {*visit.page.locator("body").inner_text().split()}
    assert visit.answer.get_attribute("lang") == ("en" if locale == "sv-SE" else locale[:2])
    visit.expect_no_error()
    visit.page.close()
