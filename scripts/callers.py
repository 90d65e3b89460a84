"""Clients that call a running app over HTTP, as its page does: upload, call, listen."""

import asyncio
import base64
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2

TIMEOUT_SECONDS = 120.0


class CallError(Exception):
    """The app answered with an error; the text is its message."""


class Caller:
    """One client of a running app.

    Attributes:
        http: client of the app's API.
    """

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self.http = http

    async def draw(self, picture: bytes) -> list[Any]:
        """Send a drawing, a PNG, as our sketchpad does, and return all outputs.

        Raises:
            CallError: if the app answers with an error.
        """
        url = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
        return await self._predict([url, None])

    async def draw_on_stock(self, picture: bytes) -> list[Any]:
        """Send a drawing as Gradio's own sketchpad does, to an app that has no other input.

        Raises:
            CallError: if the app answers with an error.
        """
        kept = await self._send(picture)
        drawing = {"background": None, "layers": list[Any](), "composite": kept}
        return await self._predict([drawing])

    async def upload(self, picture: bytes) -> list[Any]:
        """Send a picture file, and return all outputs.

        Raises:
            CallError: if the app answers with an error.
        """
        return await self._predict([None, await self._send(picture)])

    async def keep(self, content: bytes) -> str:
        """Upload a file; return its path on the server.

        Raises:
            CallError: if the app answers with an error.
        """
        answer = await self.http.post("upload", files={"files": ("picture.png", content)})
        if answer.is_error:
            raise CallError(answer.text)
        path: str = answer.json()[0]
        return path

    async def _send(self, content: bytes) -> dict[str, Any]:
        return {"path": await self.keep(content), "meta": {"_type": "gradio.FileData"}}

    async def _predict(self, data: list[Any]) -> list[Any]:
        joined = await self.http.post("call/predict", json={"data": data})
        if joined.is_error:
            raise CallError(joined.text)
        event = ""
        async with self.http.stream("GET", f"call/predict/{joined.json()['event_id']}") as lines:
            async for line in lines.aiter_lines():
                kind, _, value = line.partition(": ")
                if kind == "event":
                    event = value
                elif kind == "data" and event == "complete":
                    outputs: list[Any] = json.loads(value)
                    return outputs
                elif kind == "data" and event == "error":
                    raise CallError(value)
        raise CallError("The app ended its answer before its end.")


async def call_together(
    url: str,
    clients: int,
    calls: int,
    call: Callable[[Caller, int], Awaitable[object]],
) -> list[float]:
    """Let clients call an app at the same time, each one call after another.

    Args:
        url: address of the app.
        clients: number of clients.
        calls: number of calls, of all clients together.
        call: makes and checks one call; it gets the client and the call's number.

    Returns:
        The seconds that each call took.
    """
    numbers = iter(range(calls))
    seconds = []

    async def work() -> None:
        address = f"{url}/gradio_api/"
        async with httpx2.AsyncClient(base_url=address, timeout=TIMEOUT_SECONDS) as http:
            for number in numbers:
                begin = time.perf_counter()
                await call(Caller(http), number)
                seconds.append(time.perf_counter() - begin)

    async with asyncio.TaskGroup() as group:
        for _ in range(clients):
            group.create_task(work())
    return seconds
