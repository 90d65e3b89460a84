"""Read the bodies of requests, with limits on size and time."""

import asyncio
import re

from starlette.datastructures import Headers
from starlette.types import Message, Receive

from digit_model.limits import (
    MAX_ARRIVING_MB,
    MAX_CALL_MB,
    MAX_CALL_SECONDS,
    MAX_UPLOAD_MB,
    MAX_UPLOAD_SECONDS,
)

MB = 1024**2
MAX_FORM_BYTES = 4096  # Size of an upload's form, without the file in it.


class RefusalError(Exception):
    """A refused request: an HTTP status, and a sentence that says why."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def bound_upload(headers: Headers, receive: Receive) -> Receive:
    """Wrap `receive` with the limits of an upload.

    Raises:
        RefusalError: if the declared length is too large. The returned function raises it if
            too much arrives, or the time is up.
    """
    limit = MAX_UPLOAD_MB * MB + MAX_FORM_BYTES
    too_large = RefusalError(413, f"Expected at most {MAX_UPLOAD_MB} MB. Received more. Shrink it.")
    if _declared_length(headers) > limit:
        raise too_large
    received = 0
    deadline = asyncio.get_running_loop().time() + MAX_UPLOAD_SECONDS

    async def receive_bounded() -> Message:
        nonlocal received
        message = await _receive_in_time(receive, deadline)
        received += len(message.get("body", b""))
        if received > limit:
            raise too_large
        return message

    return receive_bounded


class Calls:
    """Reads the bodies of calls, with a limit on all that arrive at once."""

    def __init__(self) -> None:
        self._arriving_bytes = 0

    async def read(self, headers: Headers, receive: Receive) -> bytes:
        """Read one body.

        Raises:
            RefusalError: if it is too large, too slow or cut off, or too many arrive.
        """
        too_large = RefusalError(
            413,
            f"Expected a call of at most {MAX_CALL_MB} MB. Received more. Upload the picture as a "
            "file, and send its path.",
        )
        if _declared_length(headers) > MAX_CALL_MB * MB:
            raise too_large
        deadline = asyncio.get_running_loop().time() + MAX_CALL_SECONDS
        body = bytearray()
        try:
            while True:
                message = await _receive_in_time(receive, deadline)
                if message["type"] == "http.disconnect":
                    raise RefusalError(400, "Expected a whole call. It was cut off.")
                chunk = message.get("body", b"")
                body += chunk
                self._arriving_bytes += len(chunk)
                if len(body) > MAX_CALL_MB * MB:
                    raise too_large
                if self._arriving_bytes > MAX_ARRIVING_MB * MB:
                    raise RefusalError(503, "The page is busy. Try again in a moment.")
                if not message.get("more_body"):
                    return bytes(body)
        finally:
            self._arriving_bytes -= len(body)


def _declared_length(headers: Headers) -> int:
    """Return the declared length in bytes; 0 if it is missing or invalid."""
    length = headers.get("content-length", "0")
    return int(length) if re.fullmatch(r"\d{1,18}", length) else 0


async def _receive_in_time(receive: Receive, deadline: float) -> Message:
    try:
        async with asyncio.timeout_at(deadline):
            return await receive()
    except TimeoutError as error:
        raise RefusalError(408, "Expected the whole request sooner. Try again.") from error
