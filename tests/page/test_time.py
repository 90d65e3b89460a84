"""What happens to a reading that does not end, and to all the others."""

import base64
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from scripts.app_server import ROOT, AppServer
from tests.support.attack import API, call, client, open_raw, post_json, upload
from tests.support.files import encode
from tests.support.stuck_app import WIDTH

STUCK = encode(Image.new("L", (WIDTH, 40), "white"), "PNG")
CORES = os.cpu_count() or 1


@pytest.fixture
def stuck_server(tmp_path: Path) -> Iterator[AppServer]:
    """An app whose reader hangs with some pictures."""
    script = str(ROOT / "tests" / "support" / "stuck_app.py")
    app = AppServer(tmp_path / "app.log", script, PYTHONPATH=str(ROOT))
    try:
        app.wait()
        yield app
    finally:
        app.process.kill()
        app.process.wait()


def test_a_reading_that_hangs_is_given_up_and_drawings_go_on(
    stuck_server: AppServer, seven: bytes
) -> None:
    """Otherwise two calls stop the app for good."""
    path = upload(stuck_server, STUCK)
    drawing = f"data:image/png;base64,{base64.b64encode(seven).decode()}"
    for _ in range(CORES):
        with client(stuck_server) as http:
            assert http.head("/").status_code == 200
        begin = time.monotonic()
        assert "within 2 seconds" in call(stuck_server, [None, {"path": path}])
        assert time.monotonic() - begin < 10
    assert "This looks like a 7." in call(stuck_server, [drawing, None])
    assert "Readings have stopped" in call(stuck_server, [None, {"path": path}])
    with client(stuck_server) as http:
        assert http.head("/").status_code == 503
        assert http.get("/").status_code == 200


def test_sigterm_ends_the_app_within_ten_seconds_whatever_runs(stuck_server: AppServer) -> None:
    """Otherwise a new version waits for the old one, or for an impatient kill -9."""
    path = upload(stuck_server, STUCK)
    body = {"data": [None, {"path": path}]}
    event = post_json(stuck_server, f"{API}/call/predict", body).json()["event_id"]
    open_ends = [
        open_raw(stuck_server, [f"GET {API}/call/predict/{event} HTTP/1.1", "Host: localhost"]),
        open_raw(stuck_server, [f"GET {API}/heartbeat/abc HTTP/1.1", "Host: localhost"]),
        open_raw(
            stuck_server,
            [f"POST {API}/call/predict HTTP/1.1", "Host: localhost", "Content-Length: 99"],
        ),
    ]
    time.sleep(0.5)
    begin = time.monotonic()
    os.kill(stuck_server.process.pid, signal.SIGTERM)
    assert stuck_server.process.wait(timeout=20) == 0
    assert time.monotonic() - begin < 10
    for connection in open_ends:
        connection.close()
