"""What visitors send -> what is read in it, drawings and uploads each in a line of their own."""

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
    """What answers.

    Attributes:
        reader: reads the pictures.
        name: of its model; "" for the one that comes with the code.
    """

    reader: digit_model.Reader
    name: str = ""


def name_model(model: str | None, revision: str | None, folder: Path | None = None) -> str:
    """A model's name as visitors are told it, such as "user/repo at serving (v2)".

    Args:
        model: an artefact folder or a Hub repository; None for what comes with the code.
        revision: the repository's.
        folder: where it was pulled to, which may say the version.

    Returns:
        "" for the model that comes with the code.
    """
    name = " at ".join(filter(None, [model, revision]))
    version = version_of(folder) if folder else None
    return f"{name} ({version})" if name and version else name


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

    Drawings do not wait behind uploads: each kind has its own line, and its own process that
    opens pictures.

    Args:
        served: what answers.

    Attributes:
        served: the same; another may take its place at any time.
    """

    def __init__(self, served: Served) -> None:
        self.served = served
        # Each thread that has read a photo keeps 20 MB, so there are no more than the cores.
        cores = os.cpu_count() or 1
        self._drawings, self._uploads = Workers(cores), Workers(cores)
        self._openers = {self._drawings: Opener(), self._uploads: Opener()}

    @property
    def stopped(self) -> bool:
        """Whether the drawings or the uploads are read no more."""
        return self._drawings.stopped or self._uploads.stopped

    @property
    def pending(self) -> int:
        """How many readings wait or run."""
        return self._drawings.pending + self._uploads.pending

    async def read(
        self, sketchpad: Sent | None, upload: Sent | None, tell: Callable[[Answer], Result]
    ) -> Result:
        """Read the drawing, or the upload where nothing is drawn.

        Args:
            sketchpad: the drawing, as `take` gives it.
            upload: the same of the upload.
            tell: what is made of the answer, in the same thread.

        Raises:
            PictureError: if a picture cannot be opened or is too large.
            BusyError: if too many wait already, or it takes too long.
        """
        inputs = {"sketchpad": sketchpad, "upload": upload}
        sent = {name: picture for name, picture in inputs.items() if picture is not None}
        line = self._uploads if "upload" in sent else self._drawings
        size = sum(len(picture) for picture in sent.values() if isinstance(picture, str))
        opener = self._openers[line]
        return await line.run(lambda: tell(self._read(sent, opener)), size)

    def _read(self, sent: dict[str, Sent], opener: Opener) -> Answer:
        begin, verdict = time.perf_counter(), "refused"
        try:
            pictures = {name: opener.open(_content(picture)) for name, picture in sent.items()}
            said = answer(self.served.reader, pictures)
            verdict = said.reading.verdict if said.reading else "blank"
            return said
        finally:
            log.info("%s in %.0f ms", verdict, 1000 * (time.perf_counter() - begin))

    def tell_more(
        self, said: Answer, texts: Texts, number: int | None, steps: bool
    ) -> tuple[dict[str, Any], Any]:
        """What the page shows of an answer, and how it was come by.

        To explain a digit takes several times as long as reading.

        Args:
            said: the answer; of one without digits there is no more to tell.
            texts: in the visitor's language.
            number: of the digit to explain, from 0 in reading order; None or another for none.
            steps: whether the way from the picture to the answer is shown.
        """
        value, probabilities = said.for_page(texts)
        if said.reading is None or said.picture is None or not said.found:
            return value, probabilities
        if number is not None and 0 <= number < len(said.reading.digits):
            digit = said.reading.digits[number]
            why = self.served.reader.explain(digit)
            value["why"] = explain(why, digit.frame, digit.probabilities, texts)
            value["index"] = number
        if steps:
            ink = self.served.reader.find_ink(said.picture)
            told = list_steps(said.picture, ink, said.reading, texts)
            value["steps"] = [step._asdict() for step in told]
        return value, probabilities
