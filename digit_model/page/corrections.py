"""What visitors say that a picture really shows, kept to learn from, where its owner wants that."""

import io
import json
import logging
import os
import re
import secrets
import sys
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any

import gradio as gr
import numpy as np
from huggingface_hub import CommitScheduler, constants, get_token
from PIL import Image

from digit_model.errors import DigitModelError, HubError
from digit_model.limits import CORRECTION_MB, CORRECTIONS_HOURLY, CORRECTIONS_MB
from digit_model.model.artefact import KERAS_FILE
from digit_model.model.hub_dataset import METADATA, schedule_commits
from digit_model.page.answer import Answer
from digit_model.page.readings import Served
from digit_model.page.texts import Texts

log = logging.getLogger(__name__)

MB = 1024**2
HOUR_SECONDS = 3600
DATASET = re.compile(r"\w[\w.-]*/\w[\w.-]*")  # What names a folder begins with "/" or ".".
BUILT_IN = "built in"  # What the model that comes with the code is called.
LABEL = re.compile(r"[0-9]{1,12}")


class FullError(DigitModelError):
    """A correction that is not kept, because there are too many, or it is too large."""


class Corrections(gr.FlaggingCallback):
    """Keeps each correction: a picture and its ink as PNG, and a line that tells of them.

    The folder is one of images as the Hub's `ImageFolder` reads it. Pictures are there before
    the line that names them, and lines are whole, also where the app is killed meanwhile.

    Args:
        dataset: the Hub's data set that the folder goes to, "user/name"; "" for none.

    Attributes:
        dataset: the same.
    """

    def __init__(self, dataset: str = "") -> None:
        self.dataset = dataset
        self._times: deque[float] = deque()
        self._lock = Lock()
        self._scheduler: CommitScheduler | None = None
        self._count = 0

    def setup(self, components: Sequence[Any], flagging_dir: str | Path) -> None:
        """Make the folder, and begin with commits of it where a data set is named.

        Args:
            components: not needed: what is kept is always the same.
            flagging_dir: the folder.

        Raises:
            OSError: if it cannot be made.
            HubError: if the data set cannot be had.
        """
        del components
        root = Path(flagging_dir).expanduser()
        root.mkdir(parents=True, exist_ok=True)
        self._folder = root
        self._bytes = sum(path.stat().st_size for path in root.rglob("*") if path.is_file())
        if self.dataset:
            # A folder for each run: one that began anew would overwrite what the Hub has.
            self._folder = root / _name_now()
            self._folder.mkdir()
            self._scheduler = schedule_commits(self.dataset, root)
            self._lock = self._scheduler.lock

    def flag(
        self, flag_data: list[Any], flag_option: str | None = None, username: str | None = None
    ) -> int:
        """Keep a correction.

        Args:
            flag_data: the picture; its ink, uint8 `(height, width)`; what was read; the verdict;
                the name of the model that read it; and the SHA-256 of its weights, or "".
            flag_option: what it really is.
            username: never kept.

        Returns:
            How many were kept since the start.

        Raises:
            FullError: if too many were kept, or it is too large.
            OSError: if the disk does not take it.
        """
        del username
        picture, ink, said, verdict, model, revision = flag_data
        name = _name_now()
        pictures = {
            "file_name": (f"{name}.png", _write_png(picture)),
            "ink_file_name": (f"{name}-ink.png", _write_png(Image.fromarray(ink))),
        }
        row = {
            **{key: file for key, (file, _) in pictures.items()},
            "said": said,
            "verdict": verdict,
            "label": flag_option,
            "model": model,
            "revision": revision,
            "time": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        line = json.dumps(row).encode() + b"\n"
        with self._lock:
            self._make_room(len(line) + sum(len(content) for _, content in pictures.values()))
            for file, content in pictures.values():
                part = self._folder / f"{file}.part"
                part.write_bytes(content)
                part.replace(self._folder / file)
            _append(self._folder / METADATA, line)
            self._count += 1
            return self._count

    def _make_room(self, size: int) -> None:
        """Count a correction of so many bytes."""
        hour_ago = time.monotonic() - HOUR_SECONDS
        while self._times and self._times[0] < hour_ago:
            self._times.popleft()
        if size > CORRECTION_MB * MB:
            raise FullError(f"Expected a correction of at most {CORRECTION_MB} MB. Got {size} B.")
        if len(self._times) >= CORRECTIONS_HOURLY:
            raise FullError(f"Expected at most {CORRECTIONS_HOURLY} corrections an hour. Got more.")
        if self._bytes + size > CORRECTIONS_MB * MB:
            raise FullError(
                f"Expected at most {CORRECTIONS_MB} MB of corrections. {self._folder} is full: "
                "train with them, and move them away."
            )
        self._times.append(time.monotonic())
        self._bytes += size

    def __enter__(self) -> "Corrections":
        """Keep some."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Commit the last ones."""
        if self._scheduler is not None:
            with suppress(Exception):  # It is logged; what is left goes up at the next start.
                self._scheduler.trigger().result()
            self._scheduler.stop()


def open_corrections(place: str | None) -> Corrections | None:
    """Open what keeps corrections; None where none are to be kept.

    Args:
        place: a folder, or a data set on the Hub as "user/name", for which a token is needed;
            None or "" to keep nothing.
    """
    if not place:
        return None
    dataset = place if DATASET.fullmatch(place) else ""
    folder = Path(constants.HF_HOME, "corrections", dataset) if dataset else Path(place)
    if dataset and not get_token():
        log.warning(
            "Expected a token, to keep corrections in the data set %s. Received none: none are "
            "kept. Set HF_TOKEN, or give a folder as ./NAME.",
            dataset,
        )
        return None
    corrections = Corrections(dataset)
    try:
        corrections.setup([], folder)
    except HubError as error:
        log.warning("No corrections are kept. %s", error)
        return None
    except OSError as error:
        sys.exit(
            "Expected a folder to write to, or a data set as USER/NAME, as DIGIT_FEEDBACK. "
            f"Received: {place}: {error.strerror}. Choose another, or unset it."
        )
    return corrections


def keep(
    said: Answer, served: Served, corrections: Corrections, label: str, texts: Texts
) -> dict[str, Any]:
    """Keep what a visitor says of an answer, and tell them.

    Args:
        said: the answer, made anew: what a browser says that it was is not relied on.
        served: made it.
        corrections: keep it.
        label: what it really is.
        texts: in the visitor's language.

    Returns:
        What `AnswerBox` adds to the answer with these digits.
    """
    value, _ = said.for_page(texts)
    told = texts("not_kept")
    if said.reading is not None and said.picture is not None:
        ink: np.ndarray = served.reader.find_ink(said.picture)
        revision = served.reader.classifier.config["sha256"].get(KERAS_FILE, "")
        read = said.reading.text, said.reading.verdict
        try:
            corrections.flag([said.picture, ink, *read, served.name or BUILT_IN, revision], label)
            told = texts("kept", label=label)
        except (FullError, OSError) as error:
            log.warning("A correction was not kept. %s", error)
    return {"kept": told, "digits": value.get("digits")}


def _name_now() -> str:
    """A name that sorts by time and that no other has."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


def _write_png(picture: Image.Image) -> bytes:
    """A picture as the bytes of a PNG, without what else its file held."""
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def _append(path: Path, line: bytes) -> None:
    """Append a line in one write; one that a crash cut off stays a line of its own."""
    with path.open("a+b", buffering=0) as file:
        if file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                line = b"\n" + line
        file.write(line)
