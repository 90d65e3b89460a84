"""The app under load, under attack and at its end."""

import asyncio
import os
import re
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from PIL import Image

import digit_model
from scripts.app_server import AppServer, serve
from scripts.callers import Caller, CallError, call_together
from scripts.soak import make_tasks, soak, take_vitals
from tests.support.files import encode
from tests.support.strokes import draw_digit

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


def test_a_disk_without_room_is_told_and_with_room_again_all_is_well(tmp_path: Path) -> None:
    """Otherwise a visitor sees a riddle, or the app has to be started anew."""
    kept = tmp_path / "kept"
    answers: list[object] = []

    async def upload(caller: Caller, _: int) -> None:
        try:
            answers.append((await caller.upload(SEVEN))[0])
        except CallError as error:
            answers.append(str(error))
        assert (await caller.draw(SEVEN))[0] == "This looks like a 7."

    with serve(tmp_path, GRADIO_TEMP_DIR=str(kept)) as server:
        asyncio.run(call_together(server.url, 1, 1, upload))
        shutil.rmtree(kept)
        kept.touch()  # Even root can keep nothing in what is no folder.
        asyncio.run(call_together(server.url, 1, 1, upload))
        kept.unlink()
        asyncio.run(call_together(server.url, 1, 1, upload))
    seven = "This looks like a 7."
    assert answers == [seven, "No room for pictures on the server's disk. Try again later.", seven]


def test_each_request_is_logged_in_a_line_without_who_or_what(server: AppServer) -> None:
    """Otherwise nobody knows how the app fares, or the log is a record of visitors."""
    before = server.log.read_text()
    asyncio.run(call_together(server.url, 1, 3, lambda caller, _: caller.draw(SEVEN)))
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
        asyncio.run(call_together(quiet.url, 1, 1, lambda caller, _: caller.draw(SEVEN)))
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
            calls = [asyncio.create_task(call(Caller(http), 0)) for _ in range(CLIENTS)]
            for _ in calls:
                await accepted.acquire()
            os.kill(server.process.pid, signal.SIGTERM)
            await asyncio.gather(*calls)

    with serve(tmp_path) as server:
        asyncio.run(call_together(server.url, 1, 1, call))
        asyncio.run(end_under_load(server))
        assert server.process.wait(timeout=20) == 0
    assert answers == (CLIENTS + 1) * ["This looks like a 7."]
    assert "Traceback" not in server.log.read_text()


def test_the_app_runs_where_nothing_can_be_written_at_home(tmp_path: Path) -> None:
    """Otherwise a locked-down server cannot host it."""
    nowhere = {"HOME": "/dev/null", "XDG_CACHE_HOME": "/dev/null", "HF_HOME": "/dev/null/hub"}
    with serve(tmp_path, **nowhere) as app:
        asyncio.run(call_together(app.url, 1, 1, lambda caller, _: caller.draw(SEVEN)))
