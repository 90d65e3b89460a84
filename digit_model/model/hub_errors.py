"""Turn the errors of the Hub's client into a `HubError` with one clear message."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
from huggingface_hub import constants
from huggingface_hub.errors import (
    HfHubHTTPError,
    HFValidationError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from digit_model.errors import HubError, HubUnreachableError, excerpt

BUSY_STATUSES = (408, 429, 500, 502, 503, 504)

# The disk is full or read-only, or has a file in place of a folder.
DISK_ERRORS = (
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.ENOTDIR,
    errno.EEXIST,
)

# The client raises httpx2.HTTPError or OSError if the Hub refuses or cannot be reached,
# RuntimeError around these in an upload, and the others if the answer is not from a Hub.
FAILURES = (httpx2.HTTPError, OSError, RuntimeError, ValueError, KeyError, TypeError)


@contextmanager
def explain_hub_errors(repository: str, revision: str) -> Iterator[None]:
    """Turn an error of the Hub's client in this context into a `HubError` that explains it."""
    try:
        yield
    except FAILURES as error:
        raise _to_hub_error(error, repository, revision) from error


@contextmanager
def explain_task_errors(task: str) -> Iterator[None]:
    """Turn such an error into a `HubError` that names the task, and says how to go on.

    Args:
        task: what the Hub was asked to do, such as "describe user/name". The same call again
            must go on from where it stopped.
    """
    try:
        yield
    except FAILURES as error:
        advice = "Give a token that may do so" if _status(error) in (401, 403) else "Try again"
        raise HubError(
            f"Expected the Hub at {constants.ENDPOINT} to {task}. Received: {excerpt(error)}. "
            f"{advice}; the same command goes on from here."
        ) from error


def _to_hub_error(error: Exception, repository: str, revision: str) -> HubError:
    if isinstance(error, RuntimeError) and isinstance(error.__cause__, Exception):
        error = error.__cause__
    if isinstance(error, HFValidationError):
        return HubError(
            f"Expected a folder, or a Hub repository as USER/NAME. Received: {repository!r}, "
            "which is neither."
        )
    if isinstance(error, RevisionNotFoundError):
        return HubError(
            f"Expected a tag, branch or commit of {repository}. Received: {revision!r}, "
            f"which it does not have. See {constants.ENDPOINT}/{repository}/tree/main."
        )
    if isinstance(error, OSError) and error.errno in DISK_ERRORS:
        return HubError(
            f"Expected to keep {repository} in {constants.HF_HUB_CACHE}. "
            f"Received: {error.strerror}. Make room there, or set HF_HOME to another folder."
        )
    status = _status(error)
    if isinstance(error, RepositoryNotFoundError) or status in (401, 403):
        return HubError(
            f"Expected a folder, or a Hub repository that you may use. Received: {repository}, "
            "which is no folder here and, on the Hub, does not exist, or is private or gated. "
            "Check the name; to log in, run `hf auth login` or set HF_TOKEN."
        )
    reason = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    if status is not None and status not in BUSY_STATUSES:
        return HubError(f"The Hub at {constants.ENDPOINT} refused {repository}: {reason}.")
    return HubUnreachableError(
        f"Expected an answer about {repository} at {revision} from the Hub at "
        f"{constants.ENDPOINT}, as no folder here has that name. Received: {reason}. "
        "Check the connection and try again."
    )


def _status(error: Exception) -> int | None:
    return error.response.status_code if isinstance(error, HfHubHTTPError) else None
