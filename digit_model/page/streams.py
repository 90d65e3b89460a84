"""The answers that somebody asked for, until they are fetched: Gradio keeps them without end."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digit_model.limits import KNOWN_STREAMS, UNFETCHED

DISCARD_SECONDS = 5.0
COMPLETED = b"process_completed", b"event: complete", b"event: error"  # In a stream, an answer.


class Streams:
    """Which streams may be fetched, and how many answers of each are still to come.

    A stream is named by the path and query of its address.

    Args:
        app: serves the streams.
        being_read: tells how many answers are still being worked on.
    """

    def __init__(self, app: ASGIApp, being_read: Callable[[], int]) -> None:
        self._app = app
        self._being_read = being_read
        self._awaited: OrderedDict[str, int] = OrderedDict()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._sending: dict[str, asyncio.Task[None]] = {}

    def knows(self, stream: str) -> bool:
        """Whether an answer was asked for that comes in this stream."""
        return stream in self._awaited

    def expect(self, stream: str) -> None:
        """Note that one more answer will come in a stream; discard the oldest beyond a limit."""
        self._awaited[stream] = self._awaited.pop(stream, 0) + 1
        unheard = [name for name in self._awaited if name not in self._tasks]
        excess = sum(self._awaited[name] for name in unheard) - self._being_read() - UNFETCHED
        for oldest in unheard:
            if excess <= 0 and len(self._awaited) <= KNOWN_STREAMS:
                return
            excess -= self._awaited.pop(oldest)
            self._tasks[oldest] = asyncio.ensure_future(self._fetch(oldest))

    async def send(self, stream: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a stream, and count what is fetched."""

        async def count(message: Message) -> None:
            body = message.get("body", b"")
            answers = sum(body.count(mark) for mark in COMPLETED)
            if not answers:
                await send(message)
                return
            # Before it is sent, for who has it may ask again at once. A program's stream has one
            # answer, and would then never end; a page may come back to its own.
            if "?" not in stream:
                self._awaited.pop(stream, None)
            elif stream in self._awaited:
                self._awaited[stream] = max(0, self._awaited[stream] - answers)
            self._sending[stream] = task
            if len(self._sending) > UNFETCHED:
                # Who listens, and does not take what is sent, costs as much as who does not listen.
                next(iter(self._sending.values())).cancel()
            try:
                await send(message)
            finally:
                self._sending.pop(stream, None)

        task = asyncio.ensure_future(self._serve(scope, receive, count))
        self._tasks[stream] = task
        try:
            await task
        except asyncio.CancelledError:
            task.cancel()
            raise
        finally:
            self._tasks.pop(stream, None)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except RuntimeError as error:
            # Gradio ends a stream so where another one of the same visitor was cut off.
            if not isinstance(error.__cause__, HTTPException):
                raise

    async def _fetch(self, stream: str) -> None:
        """Fetch what nobody fetches: Gradio forgets what it has sent."""
        path, _, query = stream.partition("?")
        scope: Scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(b"host", b"localhost")],
            "client": None,
            "server": None,
        }

        async def receive() -> Message:
            await asyncio.sleep(DISCARD_SECONDS)
            return {"type": "http.disconnect"}

        async def send(_: Message) -> None:
            pass

        try:
            await self._serve(scope, receive, send)
        finally:
            self._tasks.pop(stream, None)
