"""What those find who follow a link to the page and run no scripts."""

import re
from pathlib import Path

import httpx2
import pytest

from scripts.app_server import AppServer, serve


def first(page: str, tag: str) -> str:
    """The content of the first of such tags."""
    found = re.search(rf'<meta\s+(?:name|property)="{tag}"\s+content="([^"]*)"', page)
    assert found, tag
    return found[1]


@pytest.mark.parametrize("tag", ["description", "og:description"])
def test_the_page_says_what_it_does_to_who_runs_no_script(server: AppServer, tag: str) -> None:
    """Otherwise a link to it is shown as one to Gradio: "Click to try out the app!"."""
    page = httpx2.get(server.url).text
    assert first(page, tag).startswith("Reads handwritten numbers")
    assert first(page, "og:title") == "Inkling"


def test_a_link_to_a_known_address_is_shown_with_a_picture(tmp_path: Path) -> None:
    """Otherwise it is shown with Gradio's."""
    root = "https://example.org/digits"
    with serve(tmp_path, GRADIO_ROOT_PATH=root) as app:
        picture = first(httpx2.get(app.url).text, "og:image")
        assert picture == f"{root}/preview.jpg"
        shown = httpx2.get(app.url + "/preview.jpg")
    assert shown.headers["content-type"] == "image/jpeg"
