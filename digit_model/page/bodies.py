"""Bodies of requests, bounded in size and time while they arrive."""

import asyncio
import re

from starlette.datastructures import Headers
from starlette.types import Message, Receive

from digit_model.limits import CALL_MB, CALL_SECONDS, CALLS_MB, UPLOAD_MB, UPLOAD_SECONDS

MB = 1024**2
FORM_BYTES = 4096  # Of an upload's form, round its file.


class RefusalError(Exception):
    """A request that is not let in, and why, in a sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def bound_upload(headers: Headers, receive: Receive) -> Receive:
    """Let an upload through, up to its limits of size and time.

    Raises:
        RefusalError: if it says of itself that it is too large; what is returned raises the same
            as soon as more has arrived, or the time is up.
    """
    limit = UPLOAD_MB * MB + FORM_BYTES
    too_large = RefusalError(413, f"Expected at most {UPLOAD_MB} MB. Received more. Shrink it.")
    if _length(headers) > limit:
        raise too_large
    received = 0
    deadline = asyncio.get_running_loop().time() + UPLOAD_SECONDS

    async def receive_bounded() -> Message:
        nonlocal received
        message = await _in_time(receive, deadline)
        received += len(message.get("body", b""))
        if received > limit:
            raise too_large
        return message

    return receive_bounded


class Calls:
    """Reads the bodies of calls, while there is room for all that arrive together."""

    def __init__(self) -> None:
        self._arriving = 0  # Bytes.

    async def read(self, headers: Headers, receive: Receive) -> bytes:
        """Read one whole body.

        Raises:
            RefusalError: if it is too large, too slow or cut off, or too many arrive.
        """
        too_large = RefusalError(
            413,
            f"Expected a call of at most {CALL_MB} MB. Received more. Upload the picture as a "
            "file, and send its path.",
        )
        if _length(headers) > CALL_MB * MB:
            raise too_large
        deadline = asyncio.get_running_loop().time() + CALL_SECONDS
        body = bytearray()
        try:
            while True:
                message = await _in_time(receive, deadline)
                if message["type"] == "http.disconnect":
                    raise RefusalError(400, "Expected a whole call. It was cut off.")
                chunk = message.get("body", b"")
                body += chunk
                self._arriving += len(chunk)
                if len(body) > CALL_MB * MB:
                    raise too_large
                if self._arriving > CALLS_MB * MB:
                    raise RefusalError(503, "The page is busy. Try again in a moment.")
                if not message.get("more_body"):
                    return bytes(body)
        finally:
            self._arriving -= len(body)


def _length(headers: Headers) -> int:
    """The length that a body is said to have; 0 where nothing sensible is said."""
    said = headers.get("content-length", "0")
    return int(said) if re.fullmatch(r"\d{1,18}", said) else 0


async def _in_time(receive: Receive, deadline: float) -> Message:
    try:
        async with asyncio.timeout_at(deadline):
            return await receive()
    except TimeoutError as error:
        raise RefusalError(408, "Expected the whole request sooner. Try again.") from error
