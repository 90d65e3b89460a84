"""What the tests of the page share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.app_server import AppServer, serve
from tests.support.files import encode
from tests.support.strokes import draw_digit


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the app keeps its own folder."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, kept: Path) -> Iterator[AppServer]:
    """The app with the embedded model; its log must stay free of tracebacks."""
    with serve(tmp_path_factory.mktemp("app"), GRADIO_TEMP_DIR=str(kept)) as running:
        yield running
        assert "Traceback" not in running.log.read_text()


@pytest.fixture(scope="session")
def seven() -> bytes:
    """A PNG of a 7."""
    return encode(draw_digit("7"), "PNG")
