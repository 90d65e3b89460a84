"""The app under load, under attack and at its end."""

import asyncio
import json
import os
import re
import shutil
import signal
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from PIL import Image

import digit_model
from digit_model.limits import WAITING
from scripts.callers import Caller, CallError, call_together
from scripts.soak import make_tasks, soak, take_vitals
from tests.app_server import AppServer, free_port, serve
from tests.bad_files import encode
from tests.strokes import draw_digit

CLIENTS = 8
SEVEN = encode(draw_digit("7"), "PNG")
SLOW = encode(Image.effect_noise((4000, 3000), 60), "JPEG")  # Takes some tenths of a second.


@pytest.fixture(scope="module")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the app keeps what visitors send."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, temporary: Path) -> Iterator[AppServer]:
    """The app with the embedded model."""
    with serve(tmp_path_factory.mktemp("app"), GRADIO_TEMP_DIR=str(temporary)) as running:
        yield running


def test_many_clients_get_each_their_own_answer_and_leave_nothing_behind(
    server: AppServer, temporary: Path
) -> None:
    """Otherwise answers are mixed up, or the app grows until it dies; the long form is soak.py."""
    tasks = make_tasks(digit_model.load())
    _, early = soak(server, tasks, CLIENTS, 2 * len(tasks))
    before = take_vitals(server, temporary)
    _, late = soak(server, tasks, CLIENTS, 4 * len(tasks))
    after = take_vitals(server, temporary)
    assert not early + late
    assert after.threads <= before.threads + CLIENTS
    assert after.handles <= before.handles + CLIENTS
    assert after.memory <= before.memory + 30
    assert after.kept <= before.kept + 1  # The same pictures are kept once.


def test_whom_the_app_cannot_serve_it_tells_so_at_once(server: AppServer) -> None:
    """Otherwise a crowd waits in front of a page that hangs."""
    said: list[str] = []

    async def call(caller: Caller, _: int) -> None:
        try:
            await caller.upload(SLOW)
        except CallError as error:
            said.append(str(error))

    crowd = WAITING + 30
    asyncio.run(call_together(server.url, clients=crowd, calls=crowd, call=call, inputs=2))
    assert said
    assert all("full" in sentence for sentence in said)
    assert len(said) < 30


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"seven",
        b"[]",
        b"{}",
        b'{"data": null}',
        b'{"data": []}',
        b'{"data": [1, 2]}',
        b'{"data": ["seven", "seven"]}',
        b'{"data": [[], []]}',
        b'{"data": [{}, {}]}',
        b'{"data": [null, null, null, null]}',
        b'{"data": [{"composite": 7}, null]}',
        b'{"data": [{"composite": {"path": 7}}, null]}',
        b'{"data": [null, {"path": null}]}',
        b'{"data": [null, {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}]}',
        b'{"data": [null, {"path": "../app.py", "meta": {"_type": "gradio.FileData"}}]}',
        b'{"data": [null, {"url": "file:///etc/passwd", "meta": {"_type": "gradio.FileData"}}]}',
        b'{"data": [null, {"url": "data:image/png;base64,!!", "meta": {}}]}',
        b'{"data": [{"composite": {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}}]}',
        b'{"data": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    ],
    ids=lambda body: body[:60].decode(),
)
def test_a_malformed_call_is_refused_with_a_message(server: AppServer, body: bytes) -> None:
    """Otherwise a program's slip is a riddle, or opens the server's files."""
    said = call_with(server, body)
    assert len(said) > 10
    assert "Traceback" not in said
    assert "root:" not in said


@pytest.mark.parametrize("key", ["path", "url"])
@pytest.mark.parametrize("host", ["127.0.0.1", "192.0.2.1", "pictures.example"])
def test_no_address_is_fetched(server: AppServer, host: str, key: str) -> None:
    """Otherwise a visitor sees what only the server may, or hides behind it."""
    url = f"http://{host}:{free_port()}/secret.png"
    upload = {"path": "", key: url, "meta": {"_type": "gradio.FileData"}}
    said = call_with(server, json.dumps({"data": [None, upload]}).encode())
    assert "Connection refused" not in said
    assert "rror" in said
    assert key == "url" or "Send the file itself" in said


def test_a_picture_in_the_call_is_no_larger_than_an_upload(server: AppServer) -> None:
    """Otherwise the limit is one that only the honest keep to."""
    large = "data:image/png;base64," + "A" * (29 * 1024**2)
    upload = {"url": large, "meta": {"_type": "gradio.FileData"}}
    said = call_with(server, json.dumps({"data": [None, upload]}).encode())
    assert "Expected at most 20mb" in said


def test_a_disk_without_room_is_told_and_with_room_again_all_is_well(tmp_path: Path) -> None:
    """Otherwise a visitor sees a riddle, or the app has to be started anew."""
    kept = tmp_path / "kept"
    answers: list[object] = []

    async def draw(caller: Caller, _: int) -> None:
        try:
            answers.append((await caller.draw(SEVEN))[0])
        except CallError as error:
            answers.append(str(error))

    with serve(tmp_path, GRADIO_TEMP_DIR=str(kept)) as server:
        asyncio.run(call_together(server.url, 1, 1, draw, inputs=2))
        shutil.rmtree(kept)
        kept.touch()  # Even root can keep nothing in what is no folder.
        asyncio.run(call_together(server.url, 1, 1, draw, inputs=2))
        kept.unlink()
        asyncio.run(call_together(server.url, 1, 1, draw, inputs=2))
    seven = "This looks like a 7."
    assert answers == [seven, "No room for pictures on the server's disk. Try again later.", seven]


@pytest.mark.parametrize("path", ["/etc/passwd", "app.py", "../../etc/passwd", "digit_model"])
def test_no_file_of_the_server_is_in_reach(server: AppServer, path: str) -> None:
    """Otherwise a visitor reads the server's secrets."""
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{server.url}/gradio_api/file={path}")
    assert refused.value.code in (403, 404)


def test_each_request_is_logged_in_a_line_without_who_or_what(server: AppServer) -> None:
    """Otherwise nobody knows how the app fares, or the log is a record of visitors."""
    before = server.log.read_text()
    asyncio.run(call_together(server.url, 1, 3, lambda caller, _: caller.draw(SEVEN), inputs=2))
    lines = server.log.read_text()[len(before) :].splitlines()
    assert len(lines) == 3
    for line in lines:
        assert re.fullmatch(r"[\d-]+ [\d:,]+ INFO: sure in \d+ ms", line)


def test_the_log_can_be_quiet_and_starts_with_what_is_served(
    server: AppServer, tmp_path: Path
) -> None:
    """Otherwise nobody knows afterwards which model answered."""
    assert re.search(r"Serving the model built in with gradio [\d.]+, ", server.log.read_text())
    with serve(tmp_path, "--log-level", "warning") as quiet:
        asyncio.run(call_together(quiet.url, 1, 1, lambda caller, _: caller.draw(SEVEN), 2))
        assert "INFO: sure" not in quiet.log.read_text()


def test_what_was_accepted_before_the_end_is_answered(tmp_path: Path) -> None:
    """Otherwise every new version of a hosted page costs some visitors their answers."""
    answers = []

    async def call(caller: Caller, _: int) -> None:
        answers.append((await caller.draw(SEVEN))[0])

    async def end_under_load(server: AppServer) -> None:
        accepted = asyncio.Semaphore(0)

        async def accept(response: httpx2.Response) -> None:
            if response.request.method == "GET":  # The answer's beginning.
                accepted.release()

        http = httpx2.AsyncClient(
            base_url=f"{server.url}/gradio_api/",
            timeout=60,
            event_hooks={"response": [accept]},
        )
        async with http:
            calls = [asyncio.create_task(call(Caller(http, 2), 0)) for _ in range(CLIENTS)]
            for _ in calls:
                await accepted.acquire()
            os.kill(server.process.pid, signal.SIGTERM)
            await asyncio.gather(*calls)

    with serve(tmp_path) as server:
        asyncio.run(call_together(server.url, 1, 1, call, inputs=2))
        asyncio.run(end_under_load(server))
        assert server.process.wait(timeout=20) == 0
    assert answers == (CLIENTS + 1) * ["This looks like a 7."]
    assert "Traceback" not in server.log.read_text()


def test_the_app_runs_where_nothing_can_be_written_at_home(tmp_path: Path) -> None:
    """Otherwise a locked-down server cannot host it."""
    nowhere = {"HOME": "/dev/null", "XDG_CACHE_HOME": "/dev/null", "HF_HOME": "/dev/null/hub"}
    with serve(tmp_path, **nowhere) as app:
        asyncio.run(call_together(app.url, 1, 1, lambda caller, _: caller.draw(SEVEN), inputs=2))


def call_with(server: AppServer, body: bytes) -> str:
    """All that the app says to a call with this body."""
    address = f"{server.url}/gradio_api/call/predict"
    headers = {"content-type": "application/json"}
    with httpx2.Client(timeout=20) as http:
        joined = http.post(address, content=body, headers=headers)
        if joined.is_error:
            return joined.text
        return http.get(f"{address}/{joined.json()['event_id']}").text
