"""The page in networks as they are, in a real browser."""

import re
from pathlib import Path

from playwright.sync_api import Browser, expect

from scripts.app_server import free_port, serve
from scripts.visit import DESK, Visit
from tests.support.proxy import PREFIX, proxied
from tests.support.screens import on_both_screens
from tests.support.uploads import transparent_drawing


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


@on_both_screens
def test_in_a_slow_network_each_answer_belongs_to_the_picture_touched_last(visit: Visit) -> None:
    """Otherwise a late answer takes a photo away."""
    visit.slow_down()
    visit.draw("1")
    visit.clear()
    visit.draw("7")
    visit.upload("three.png", transparent_drawing("3"))
    visit.expect_answer("a 3.")
    visit.settle()
    visit.expect_answer("a 3.")
    expect(visit.page.get_by_alt_text("Your picture")).to_be_visible()
    visit.press("Undo")
    visit.expect_answer("a 7.")
    visit.clear()
    visit.draw("4")
    visit.expect_answer("a 4.")


def test_the_page_speaks_to_its_own_host_only(visit: Visit) -> None:
    """Otherwise it leaks visits to others, or breaks without a network."""
    visit.draw("7")
    visit.expect_answer("a 7.")
    visit.settle()
    assert visit.hosts == {visit.page.url.split("/")[2]}


def test_a_visitor_is_told_that_the_named_model_is_out_of_reach(
    browser: Browser, tmp_path: Path
) -> None:
    """Otherwise somebody judges the wrong model."""
    nobody = f"http://127.0.0.1:{free_port()}"
    environment = {"HF_ENDPOINT": nobody, "HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "0"}
    with serve(tmp_path, "--model", "tester/digits", "--revision", "v0", **environment) as app:
        visit = Visit(browser, app.url, DESK)
        warning = "tester/digits at v0 could not be reached"
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
