"""Which paths and hosts are served."""

import pytest

from scripts.app_server import AppServer, serve
from tests.support.attack import API, client


def closed_paths() -> list[tuple[str, str]]:
    """Method and path of what Gradio serves and this page does not need."""
    posts = [
        "run/predict",
        "api/predict",
        "run/predict/",
        "api/predict/",
        "call/v2/predict",
        "call/other",
        "component_server",
        "component_server/",
        "process_recording",
        "reset",
        "cancel",
        "stream/abc",
        "stream/abc/close",
        "vibe-edit",
        "undo-vibe-edit",
        "vibe-code",
        "vibe-starter-queries",
        "run-history/connect",
        "profiling/clear",
        "queue/join/",
        "upload/",
    ]
    gets = [
        "deep_link",
        "runs",
        "run-history/buckets",
        "queue/status",
        "queue/data",
        "upload_progress?upload_id=abc",
        "login_check",
        "token",
        "user",
        "dev/reload",
        "vibe-code",
        "profiling/traces",
        "custom_component/1/client/component/index.js",
        "stream/a/b/1/playlist.m3u8",
    ]
    outside = [
        "monitoring",
        "monitoring/summary",
        "docs",
        "redoc",
        "openapi.json",
        "login",
        "svelte/x",
    ]
    return (
        [("POST", f"{API}/{path}") for path in posts]
        + [("GET", f"{API}/{path}") for path in gets]
        + [("GET", f"/{path}") for path in outside]
        + [("GET", f"{API}/deep_link"), ("GET", "/gradio_api/deep_link")]
        + [(method, "/") for method in ("POST", "PUT", "DELETE", "PATCH", "TRACE")]
        + [("GET", f"{API}/upload"), ("GET", f"{API}/queue/join"), ("PUT", f"{API}/upload")]
    )


@pytest.mark.parametrize(("method", "path"), closed_paths())
def test_what_the_page_does_not_need_is_not_served(
    server: AppServer, method: str, path: str
) -> None:
    """Otherwise each is one more way in."""
    with client(server) as http:
        answer = http.request(
            method, path, json={"data": [None, None]} if method == "POST" else None
        )
    assert answer.status_code == 404, answer.text
    assert "Nothing is served here" in answer.text or "Expected an answer" in answer.text


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:7860", "localhost.evil.example", "127.0.0.1.evil.example", ""],
)
def test_a_foreign_host_is_refused(server: AppServer, host: str) -> None:
    """Otherwise another site reaches a local app through a name that it points to it."""
    with client(server) as http:
        for path in ("/", "/config", f"{API}/info"):
            assert http.get(path, headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", ["localhost:7860", "127.0.0.1", "[::1]:7860", "192.168.1.5:8080"])
def test_the_servers_own_names_and_addresses_are_served(server: AppServer, host: str) -> None:
    """Otherwise a phone in the same network finds no page."""
    with client(server) as http:
        assert http.get("/", headers={"host": host}).status_code == 200


def test_a_proxys_name_and_a_spaces_are_served(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Otherwise the page can be hosted nowhere."""
    proxy = {"GRADIO_ROOT_PATH": "https://digits.example/reader"}
    space = {"SPACE_HOST": "me-digits.hf.space"}
    for environment, name in ((proxy, "digits.example"), (space, "me-digits.hf.space")):
        with (
            serve(tmp_path_factory.mktemp("app"), **environment) as app,
            client(app) as http,
        ):
            page = http.get("/", headers={"host": name})
            assert page.status_code == 200
            assert http.get("/", headers={"host": "evil.example"}).status_code == 421
            if environment is proxy:
                assert "https://digits.example/reader" in page.text


def test_every_answer_has_the_headers_that_browsers_heed(server: AppServer) -> None:
    """Otherwise an upload may be run as a page, or a visit be told to another site."""
    with client(server) as http:
        for path in ("/", "/config", "/nothing", "/theme.css"):
            headers = http.get(path).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "no-referrer"
            assert "object-src 'none'" in headers["content-security-policy"]
            assert "x-frame-options" not in headers  # A Space is shown within another page.
