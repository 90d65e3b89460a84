"""The folder of what visitors upload: the only files that a visitor can make the app open."""

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

from digit_model.limits import KEPT_SECONDS
from digit_model.model.hub_errors import DISK_ERRORS

PREFIX = "digit-reader-"
NO_ROOM = "No room for pictures on the server's disk. Try again later."


@contextmanager
def own_folder() -> Iterator[None]:
    """Keep all files of this process in a folder of its own, and remove those of dead processes.

    Gradio reads `GRADIO_TEMP_DIR`, Python's `tempfile` its `tempdir`, and matplotlib, which Gradio
    imports where it is installed, `MPLCONFIGDIR`.

    Raises:
        OSError: if no folder can be made.
    """
    root = Path(os.environ.get("GRADIO_TEMP_DIR") or tempfile.gettempdir()).resolve()
    root.mkdir(parents=True, exist_ok=True)
    for path in root.glob(f"{PREFIX}*.lock"):
        # Of a process that lives, or of another user, it cannot be had.
        with suppress(Timeout, OSError), FileLock(path, blocking=False):
            _remove_folder(path)
    folder = tempfile.mkdtemp(prefix=PREFIX, dir=root)
    lock = Path(f"{folder}.lock")
    with FileLock(lock):
        os.environ["GRADIO_TEMP_DIR"] = os.environ["MPLCONFIGDIR"] = tempfile.tempdir = folder
        try:
            yield
        finally:
            _remove_folder(lock)


def _remove_folder(lock: Path) -> None:
    """Remove the folder that a lock is of, and the lock."""
    shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
    lock.unlink(missing_ok=True)


def uploads_folder() -> Path:
    """Where uploads are kept, each in a subfolder with the SHA-256 of its content as its name."""
    return Path(os.environ.get("GRADIO_TEMP_DIR") or Path(tempfile.gettempdir(), "gradio"))


def is_upload(path: str) -> bool:
    """Whether a path is that of a regular file which `receive` has kept."""
    place = Path(path)
    try:
        return (
            place.parent.parent == uploads_folder()
            and os.path.normpath(path) == path
            and re.fullmatch("[0-9a-f]{64}", place.parent.name) is not None
            and stat.S_ISREG(place.lstat().st_mode)
        )
    except (OSError, ValueError):  # A ValueError where the path holds a zero.
        return False


class _Parser(MultiPartParser):
    """Lets no upload hold more than this in memory."""

    spool_max_size = 64 * 1024


async def receive(request: Request) -> Response:
    """Keep one file, and answer with its path as Gradio does.

    Gradio's own route keeps form fields in memory, and what is cut off on the disk.
    """
    try:
        form = await _Parser(request.headers, request.stream(), max_files=1, max_fields=0).parse()
    except (MultiPartException, KeyError) as error:
        raise HTTPException(400, f"Expected one file in a form. {error}") from error
    except ClientDisconnect:
        return Response(status_code=400)  # Nobody hears it.
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
    return PlainTextResponse(NO_ROOM, 507)


def _keep(upload: UploadFile) -> Path:
    """Write an upload under the hash of its content; the same again is kept once."""
    digest = hashlib.file_digest(upload.file, "sha256").hexdigest()  # type: ignore[arg-type]
    name = re.sub(r"[^\w.-]+", "_", Path(upload.filename or "").name).strip(".")[-80:]
    place = uploads_folder() / digest / (name or "picture")
    place.parent.mkdir(parents=True, exist_ok=True)
    upload.file.seek(0)
    with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as part:
        shutil.copyfileobj(upload.file, part)
    # Nobody reads half a file.
    Path(part.name).replace(place)
    return place


@asynccontextmanager
async def kept_for_a_while(_: object) -> AsyncIterator[None]:
    """A lifespan in which files that are old are removed."""
    task = asyncio.create_task(_remove_old_files())
    try:
        yield
    finally:
        task.cancel()


async def _remove_old_files() -> None:
    while True:
        await asyncio.sleep(KEPT_SECONDS / 4)
        await run_in_threadpool(remove_files_before, time.time() - KEPT_SECONDS / 2)


def remove_files_before(moment: float) -> None:
    """Remove the files that were last written before a moment, in seconds of `time.time`."""
    for path in sorted(uploads_folder().rglob("*"), reverse=True):  # Files before their folder.
        with suppress(OSError):
            if path.is_dir() and not path.is_symlink():
                path.rmdir()  # Fails while it holds a file.
            elif path.lstat().st_mtime < moment:
                path.unlink()
