"""Who waits, for how long, and who is told that the page is busy."""

import asyncio
import time

import pytest
from PIL import Image

from digit_model.limits import MAX_WAITING
from scripts.app_server import AppServer
from scripts.callers import Caller, CallError, call_together
from tests.support.attack import API, META
from tests.support.files import encode

UPLOADS = 150
ANSWER_SECONDS = 10.0


@pytest.fixture(scope="module")
def slow() -> bytes:
    """A photo that takes some tenths of a second."""
    return encode(Image.effect_noise((2400, 1800), 60), "JPEG")


def test_a_drawing_behind_many_large_uploads_is_read_soon_and_the_rest_told_that_the_page_is_busy(
    server: AppServer, slow: bytes, seven: bytes
) -> None:
    """Otherwise one visitor with a folder of photos stops the page for all the others."""
    said: list[str] = []
    drawn: list[float] = []

    async def call(caller: Caller, number: int) -> None:
        if number == UPLOADS:
            await asyncio.sleep(1)
            begin = time.monotonic()
            assert (await caller.draw(seven))[0] == "This looks like a 7."
            drawn.append(time.monotonic() - begin)
            return
        try:
            await caller.upload(slow)
        except CallError as error:
            said.append(str(error))

    asyncio.run(call_together(server.url, UPLOADS + 1, UPLOADS + 1, call))
    assert drawn[0] < ANSWER_SECONDS
    assert said
    assert all("busy" in sentence for sentence in said), said
    assert len(said) < UPLOADS - MAX_WAITING


def test_a_call_that_arrives_whole_waits_in_the_queue_only(server: AppServer, seven: bytes) -> None:
    """Otherwise a way beside the queue holds up those who wait in it."""

    async def call(caller: Caller, _: int) -> None:
        path = await caller.keep(seven)
        for way in ("run", "api"):
            answer = await caller.http.post(
                f"{way}/predict", json={"data": [None, {"path": path, "meta": META}]}
            )
            assert answer.status_code == 404, f"{API}/{way}"

    asyncio.run(call_together(server.url, 1, 1, call))
