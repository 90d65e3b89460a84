"""Keep corrections in a folder, and commit it to a data set if there is one."""

import io
import json
import os
import secrets
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
from huggingface_hub import CommitScheduler
from PIL import Image

from digit_model.errors import DigitModelError
from digit_model.limits import (
    MAX_ALL_CORRECTIONS_MB,
    MAX_CORRECTION_MB,
    MAX_HOURLY_CORRECTIONS,
)
from digit_model.model.hub_dataset import METADATA, schedule_commits

MB = 1024**2
HOUR_SECONDS = 3600


class FullError(DigitModelError):
    """A correction that is too large, or one too many."""


class CorrectionKeeper(gr.FlaggingCallback):
    """Keeps each correction: the picture and its ink as PNG, and a line of JSON.

    The folder has the format of the Hub's `ImageFolder`. Pictures are written before the line
    that names them, and lines are written whole, also if the app is killed.

    Args:
        dataset: the Hub data set to commit the folder to, "user/name", or "".

    Attributes:
        dataset: the Hub data set, or "".
    """

    def __init__(self, dataset: str = "") -> None:
        self.dataset = dataset
        self._times: deque[float] = deque()
        self._lock = Lock()
        self._scheduler: CommitScheduler | None = None
        self._count = 0

    def setup(self, components: Sequence[Any], flagging_dir: str | Path) -> None:
        """Create the folder, and start committing it if there is a data set.

        Args:
            components: not used.
            flagging_dir: the folder.

        Raises:
            OSError: if the folder cannot be created.
            HubError: if the data set cannot be used.
        """
        del components
        root = Path(flagging_dir).expanduser()
        root.mkdir(parents=True, exist_ok=True)
        self._folder = root
        self._bytes = sum(path.stat().st_size for path in root.rglob("*") if path.is_file())
        if self.dataset:
            # One folder per run: a new run would overwrite the same file names on the Hub.
            self._folder = root / _name_now()
            self._folder.mkdir()
            self._scheduler = schedule_commits(self.dataset, root)
            self._lock = self._scheduler.lock

    def flag(
        self, flag_data: list[Any], flag_option: str | None = None, username: str | None = None
    ) -> int:
        """Keep a correction.

        Args:
            flag_data: the picture; its ink, uint8 `(height, width)`; the text that was read; the
                verdict; the model's name; and the SHA-256 of its weights, or "".
            flag_option: the correct text.
            username: never kept.

        Returns:
            The number of corrections kept since the start.

        Raises:
            FullError: if too many were kept, or this one is too large.
            OSError: if it cannot be written.
        """
        del username
        picture, ink, text, verdict, model, revision = flag_data
        name = _name_now()
        pictures = {
            "file_name": (f"{name}.png", _write_png(picture)),
            "ink_file_name": (f"{name}-ink.png", _write_png(Image.fromarray(ink))),
        }
        row = {
            **{key: file for key, (file, _) in pictures.items()},
            "said": text,
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
        """Check the limits, and count a correction of `size` bytes."""
        hour_ago = time.monotonic() - HOUR_SECONDS
        while self._times and self._times[0] < hour_ago:
            self._times.popleft()
        if size > MAX_CORRECTION_MB * MB:
            raise FullError(
                f"Expected a correction of at most {MAX_CORRECTION_MB} MB. Got {size} B."
            )
        if len(self._times) >= MAX_HOURLY_CORRECTIONS:
            raise FullError(
                f"Expected at most {MAX_HOURLY_CORRECTIONS} corrections an hour. Got more."
            )
        if self._bytes + size > MAX_ALL_CORRECTIONS_MB * MB:
            raise FullError(
                f"Expected at most {MAX_ALL_CORRECTIONS_MB} MB of corrections. {self._folder} "
                "is full: train with them, and move them away."
            )
        self._times.append(time.monotonic())
        self._bytes += size

    def __enter__(self) -> "CorrectionKeeper":
        """Return itself; leaving the context commits the rest."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Commit the last corrections."""
        if self._scheduler is not None:
            with suppress(Exception):  # Already logged; the next start uploads the rest.
                self._scheduler.trigger().result()
            self._scheduler.stop()


def _name_now() -> str:
    """Make a unique name that sorts by time."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


def _write_png(picture: Image.Image) -> bytes:
    """Encode a picture as PNG, without the metadata of its file."""
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def _append(path: Path, line: bytes) -> None:
    """Append a line in one write, on a new line even if a crash cut off the last one."""
    with path.open("a+b", buffering=0) as file:
        if file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                line = b"\n" + line
        file.write(line)
