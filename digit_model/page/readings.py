"""What visitors send -> what is read in it, drawings and uploads each in a line of their own."""

import base64
import binascii
import logging
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import digit_model
from digit_model.errors import PictureError
from digit_model.page.answer import Answer, answer
from digit_model.page.uploads import is_upload
from digit_model.page.workers import Workers
from digit_model.show import FRAMES_A_ROW, data_url, explain_frame, tile_frames

log = logging.getLogger(__name__)

Sent = Path | str  # An upload, or a data URL.
Result = TypeVar("Result")


def take(payload: Any) -> Sent | None:
    """Take what a visitor or a program sent, unopened: a data URL, or an upload as Gradio has it.

    Args:
        payload: a data URL; `{"path": ...}` of an upload; `{"url": data URL}`; one of these as
            the "composite" of a drawing; or None or "" for nothing.

    Raises:
        PictureError: if it is something else.
    """
    if payload in (None, ""):
        return None
    if isinstance(payload, dict) and "composite" in payload:
        payload = payload["composite"]
    if isinstance(payload, dict):
        path = payload.get("path")
        if isinstance(path, str) and is_upload(path):
            return Path(path)
        payload = payload.get("url")
    if isinstance(payload, str) and payload.startswith("data:"):
        return payload
    raise PictureError(
        "Expected an uploaded picture, or a data URL: data:image/png;base64,... "
        "Received something else. Send the file itself."
    )


def _content(sent: Sent) -> bytes:
    """The bytes of a picture's file."""
    if isinstance(sent, Path):
        try:
            return sent.read_bytes()
        except OSError as error:
            raise PictureError("Expected an upload. It is kept no longer: upload again.") from error
    head, _, data = sent.partition(",")
    try:
        if head.endswith(";base64"):
            return base64.b64decode(data, validate=True)
    except binascii.Error:
        pass
    raise PictureError("Expected a data URL of a picture in base64: data:image/png;base64,...")


class Readings:
    """Reads what is sent, as soon as a thread is free.

    Drawings do not wait behind uploads: each kind has its own line.

    Args:
        reader: reads the pictures.

    Attributes:
        reader: the same.
    """

    def __init__(self, reader: digit_model.Reader) -> None:
        self.reader = reader
        # Each thread that has read a photo keeps 20 MB, so there are no more than the cores.
        cores = os.cpu_count() or 1
        self._drawings, self._uploads = Workers(cores), Workers(cores)

    @property
    def stopped(self) -> bool:
        """Whether the drawings or the uploads are read no more."""
        return self._drawings.stopped or self._uploads.stopped

    @property
    def pending(self) -> int:
        """How many readings wait or run."""
        return self._drawings.pending + self._uploads.pending

    async def read(self, sketchpad: Sent | None, upload: Sent | None) -> Answer:
        """Read the drawing, or the upload where nothing is drawn.

        Raises:
            PictureError: if a picture cannot be opened or is too large.
            BusyError: if too many wait already, or it takes too long.
        """
        return await self._run(self._read, sketchpad, upload)

    async def explain(self, sketchpad: Sent | None, upload: Sent | None) -> str | None:
        """Why the digits were read so, as a picture of up to `FRAMES_A_ROW` of them, in a data URL.

        Raises:
            PictureError, BusyError: as in `read`.
        """
        return await self._run(self._explain, sketchpad, upload)

    async def _run(
        self, call: Callable[[list[Sent]], Result], sketchpad: Sent | None, upload: Sent | None
    ) -> Result:
        sent = [picture for picture in (sketchpad, upload) if picture is not None]
        line = self._drawings if upload is None else self._uploads
        size = sum(len(picture) for picture in sent if isinstance(picture, str))
        return await line.run(partial(call, sent), size)

    def _read(self, sent: list[Sent]) -> Answer:
        if not sent:
            return Answer()
        begin, verdict = time.perf_counter(), "refused"
        try:
            said = answer(self.reader, [_content(picture) for picture in sent])
            verdict = said.verdict
            return said
        finally:
            log.info("%s in %.0f ms", verdict, 1000 * (time.perf_counter() - begin))

    def _explain(self, sent: list[Sent]) -> str | None:
        digits = self._read(sent).digits[:FRAMES_A_ROW]
        frames = [explain_frame(digit.frame, self.reader.explain(digit)) for digit in digits]
        return data_url(tile_frames(frames), "png") if frames else None
