"""Read what visitors send; drawings and uploads wait in separate queues."""

import base64
import binascii
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import digit_model
from digit_model.errors import PictureError
from digit_model.model.artefact import version_of
from digit_model.page.answer import Answer, answer, explain
from digit_model.page.opener import Opener
from digit_model.page.steps import list_steps
from digit_model.page.texts import Texts
from digit_model.page.uploads import is_upload
from digit_model.page.workers import Workers

log = logging.getLogger(__name__)

Sent = Path | str  # An upload, or a data URL.
Result = TypeVar("Result")


class Served(NamedTuple):
    """The model that is served.

    Attributes:
        reader: reads the pictures.
        name: the model's name; "" for the built-in model.
    """

    reader: digit_model.Reader
    name: str = ""


def name_model(model: str | None, revision: str | None, folder: Path | None = None) -> str:
    """Name a model for visitors, such as "user/repo at serving (v2)".

    Args:
        model: an artefact folder or a Hub repository; None for the built-in model.
        revision: the repository's revision.
        folder: the pulled folder, which may state the version.

    Returns:
        The name; "" for the built-in model.
    """
    name = " at ".join(filter(None, [model, revision]))
    version = version_of(folder) if folder else None
    return f"{name} ({version})" if name and version else name


def take(payload: Any) -> Sent | None:
    """Check the form of what a visitor or a program sent, without opening it.

    Args:
        payload: a data URL; `{"path": ...}` of an upload; `{"url": data URL}`; one of these as
            the "composite" of a drawing; or None or "" for nothing.

    Returns:
        The path of an upload, a data URL, or None for nothing.

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


def _read_content(sent: Sent) -> bytes:
    """Read the bytes of a picture's file."""
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
    """Reads pictures in threads.

    Drawings do not wait for uploads: each kind has its own queue, and its own process that
    opens pictures.

    Args:
        served: the model that reads.

    Attributes:
        served: the model that reads; it may be replaced at any time.
    """

    def __init__(self, served: Served) -> None:
        self.served = served
        # One thread per core: each that has read a photo keeps 20 MB.
        cores = os.cpu_count() or 1
        self._drawings, self._uploads = Workers(cores), Workers(cores)
        self._openers = {self._drawings: Opener(), self._uploads: Opener()}

    @property
    def stopped(self) -> bool:
        """Whether drawings or uploads are no longer read."""
        return self._drawings.stopped or self._uploads.stopped

    @property
    def pending(self) -> int:
        """How many readings wait or run."""
        return self._drawings.pending + self._uploads.pending

    async def read(
        self, sketchpad: Sent | None, upload: Sent | None, present: Callable[[Answer], Result]
    ) -> Result:
        """Read the drawing, or the upload if nothing is drawn.

        Args:
            sketchpad: the drawing, from `take`.
            upload: the upload, from `take`.
            present: turns the answer into the result, in the same thread.

        Raises:
            PictureError: if a picture cannot be opened or is too large.
            BusyError: if too many are waiting, or it takes too long.
        """
        inputs = {"sketchpad": sketchpad, "upload": upload}
        sent = {name: picture for name, picture in inputs.items() if picture is not None}
        workers = self._uploads if "upload" in sent else self._drawings
        size = sum(len(picture) for picture in sent.values() if isinstance(picture, str))
        opener = self._openers[workers]
        return await workers.run(lambda: present(self._read(sent, opener)), size)

    def _read(self, sent: dict[str, Sent], opener: Opener) -> Answer:
        begin, verdict = time.perf_counter(), "refused"
        try:
            pictures = {name: opener.open(_read_content(item)) for name, item in sent.items()}
            result = answer(self.served.reader, pictures)
            verdict = result.reading.verdict if result.reading else "blank"
            return result
        finally:
            log.info("%s in %.0f ms", verdict, 1000 * (time.perf_counter() - begin))

    def tell_more(
        self, result: Answer, texts: Texts, number: int | None, steps: bool
    ) -> tuple[dict[str, Any], Any]:
        """Return the page's values for an answer, with an explanation and the steps.

        Explaining a digit takes several times as long as reading it.

        Args:
            result: the answer; without digits, nothing is added.
            texts: the texts in the visitor's language.
            number: index of the digit to explain, from 0 in reading order; None for none.
            steps: whether to add the steps from the picture to the answer.
        """
        value, probabilities = result.for_page(texts)
        if result.reading is None or result.picture is None or not result.found:
            return value, probabilities
        if number is not None and 0 <= number < len(result.reading.digits):
            digit = result.reading.digits[number]
            why = self.served.reader.explain(digit)
            value["why"] = explain(why, digit.frame, digit.probabilities, texts)
            value["index"] = number
        if steps:
            ink = self.served.reader.find_ink(result.picture)
            listed = list_steps(result.picture, ink, result.reading, texts)
            value["steps"] = [step._asdict() for step in listed]
        return value, probabilities
