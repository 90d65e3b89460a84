"""The folder of uploads: the only files that a visitor can make the app open."""

import asyncio
import hashlib
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from digit_model.limits import MAX_KEPT_SECONDS
from digit_model.model.hub_errors import DISK_ERRORS

FOLDER_PREFIX = "digit-reader-"
DISK_FULL_TEXT = "No room for pictures on the server's disk. Try again later."


@contextmanager
def own_folder() -> Iterator[None]:
    """Keep this process's files in its own folder, and remove the folders of dead processes.

    Gradio uses `GRADIO_TEMP_DIR`, Python `tempfile.tempdir`, and matplotlib, which Gradio imports
    if it is installed, `MPLCONFIGDIR`.

    Raises:
        OSError: if the folder cannot be created.
    """
    root = Path(os.environ.get("GRADIO_TEMP_DIR") or tempfile.gettempdir()).resolve()
    root.mkdir(parents=True, exist_ok=True)
    for path in root.glob(f"{FOLDER_PREFIX}*.lock"):
        # The lock of a running process, or of another user, cannot be acquired.
        with suppress(Timeout, OSError), FileLock(path, blocking=False):
            _remove_folder(path)
    folder = tempfile.mkdtemp(prefix=FOLDER_PREFIX, dir=root)
    lock = Path(f"{folder}.lock")
    with FileLock(lock):
        os.environ["GRADIO_TEMP_DIR"] = os.environ["MPLCONFIGDIR"] = tempfile.tempdir = folder
        try:
            yield
        finally:
            _remove_folder(lock)


def _remove_folder(lock: Path) -> None:
    """Remove a lock and its folder."""
    shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
    lock.unlink(missing_ok=True)


def uploads_folder() -> Path:
    """Return the folder of uploads; each is in a subfolder named by its SHA-256."""
    return Path(os.environ.get("GRADIO_TEMP_DIR") or Path(tempfile.gettempdir(), "gradio"))


def is_upload(path: str) -> bool:
    """Whether a path is a regular file that `receive` has kept."""
    place = Path(path)
    try:
        return (
            place.parent.parent == uploads_folder()
            and os.path.normpath(path) == path
            and re.fullmatch("[0-9a-f]{64}", place.parent.name) is not None
            and stat.S_ISREG(place.lstat().st_mode)
        )
    except (OSError, ValueError):  # A ValueError if the path has a null byte.
        return False


class _Parser(MultiPartParser):
    """Keeps at most this many bytes of an upload in memory."""

    spool_max_size = 64 * 1024


async def receive(request: Request) -> Response:
    """Keep one file, and answer with its path like Gradio.

    Gradio's own route keeps form fields in memory, and interrupted uploads on disk.
    """
    try:
        form = await _Parser(request.headers, request.stream(), max_files=1, max_fields=0).parse()
    except (MultiPartException, KeyError) as error:
        raise HTTPException(400, f"Expected one file in a form. {error}") from error
    except ClientDisconnect:
        return Response(status_code=400)  # Nobody receives it.
    except OSError as error:
        return _explain_disk(error)
    try:
        upload = form.get("files")
        if not isinstance(upload, UploadFile):
            raise HTTPException(400, "Expected a file in the form's field `files`.")
        return JSONResponse([str(await run_in_threadpool(_keep, upload))])
    except OSError as error:
        return _explain_disk(error)
    finally:
        await form.close()


def _explain_disk(error: OSError) -> Response:
    if error.errno not in DISK_ERRORS:
        raise error
    return PlainTextResponse(DISK_FULL_TEXT, 507)


def _keep(upload: UploadFile) -> Path:
    """Write an upload under the hash of its content; identical uploads are kept once."""
    digest = hashlib.file_digest(upload.file, "sha256").hexdigest()  # type: ignore[arg-type]
    name = re.sub(r"[^\w.-]+", "_", Path(upload.filename or "").name).strip(".")[-80:]
    place = uploads_folder() / digest / (name or "picture")
    place.parent.mkdir(parents=True, exist_ok=True)
    upload.file.seek(0)
    with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as part:
        shutil.copyfileobj(upload.file, part)
    # Renaming is atomic: nobody can read half a file.
    Path(part.name).replace(place)
    return place


@asynccontextmanager
async def kept_for_a_while(_: object) -> AsyncIterator[None]:
    """Lifespan: remove old files while the app runs."""
    task = asyncio.create_task(_remove_old_files())
    try:
        yield
    finally:
        task.cancel()


async def _remove_old_files() -> None:
    while True:
        await asyncio.sleep(MAX_KEPT_SECONDS / 4)
        await run_in_threadpool(remove_files_before, time.time() - MAX_KEPT_SECONDS / 2)


def remove_files_before(moment: float) -> None:
    """Remove files last written before a moment, in seconds like `time.time()`."""
    for path in sorted(uploads_folder().rglob("*"), reverse=True):  # Files before their folder.
        with suppress(OSError):
            if path.is_dir() and not path.is_symlink():
                path.rmdir()  # Fails while it holds a file.
            elif path.lstat().st_mtime < moment:
                path.unlink()
