"""Track answers until they are fetched, and discard the rest: Gradio keeps them forever."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digit_model.limits import MAX_STREAMS, MAX_UNFETCHED

MAX_DISCARD_SECONDS = 5.0  # Time for fetching a discarded answer.
ANSWER_MARKS = b"process_completed", b"event: complete", b"event: error"  # One per answer.


class Streams:
    """Tracks which streams may be fetched, and how many answers each still has to deliver.

    A stream's name is the path and query of its URL.

    Args:
        app: serves the streams.
        being_read: returns how many answers are still being worked on.
    """

    def __init__(self, app: ASGIApp, being_read: Callable[[], int]) -> None:
        self._app = app
        self._being_read = being_read
        self._awaited: OrderedDict[str, int] = OrderedDict()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._sending: dict[str, asyncio.Task[None]] = {}

    def knows(self, stream: str) -> bool:
        """Whether this stream belongs to a call that was made."""
        return stream in self._awaited

    def expect(self, stream: str) -> None:
        """Expect one more answer in a stream; discard the oldest answers beyond the limits."""
        self._awaited[stream] = self._awaited.pop(stream, 0) + 1
        unclaimed = [name for name in self._awaited if name not in self._tasks]
        excess = sum(self._awaited[name] for name in unclaimed) - self._being_read() - MAX_UNFETCHED
        for oldest in unclaimed:
            if excess <= 0 and len(self._awaited) <= MAX_STREAMS:
                return
            excess -= self._awaited.pop(oldest)
            self._tasks[oldest] = asyncio.ensure_future(self._fetch(oldest))

    async def send(self, stream: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a stream, and count the answers that are fetched."""

        async def count(message: Message) -> None:
            body = message.get("body", b"")
            answers = sum(body.count(mark) for mark in ANSWER_MARKS)
            if not answers:
                await send(message)
                return
            # Count before sending, because the client may call again at once. A program's stream
            # has one answer and is then forgotten; a page reuses its stream.
            if "?" not in stream:
                self._awaited.pop(stream, None)
            elif stream in self._awaited:
                self._awaited[stream] = max(0, self._awaited[stream] - answers)
            self._sending[stream] = task
            if len(self._sending) > MAX_UNFETCHED:
                # A client that connects but does not read costs as much as one that stays away.
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
            # Gradio raises this if another stream of the same visitor was cut off.
            if not isinstance(error.__cause__, HTTPException):
                raise

    async def _fetch(self, stream: str) -> None:
        """Fetch and discard a stream: Gradio forgets an answer once it is sent."""
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
            await asyncio.sleep(MAX_DISCARD_SECONDS)
            return {"type": "http.disconnect"}

        async def send(_: Message) -> None:
            pass

        try:
            await self._serve(scope, receive, send)
        finally:
            self._tasks.pop(stream, None)
