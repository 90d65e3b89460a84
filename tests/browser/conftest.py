"""What the tests in a real browser share."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from scripts.app_server import AppServer, serve
from scripts.visit import DESK, Visit, open_browser


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """The app with the embedded model."""
    with serve(tmp_path_factory.mktemp("app")) as running:
        yield running


@pytest.fixture(scope="package")
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
