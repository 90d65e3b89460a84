"""An artefact folder <-> a Hugging Face Hub repository at a pinned revision; and data sets."""

import errno
import re
from pathlib import Path

import httpx2
from huggingface_hub import CommitInfo, CommitScheduler, HfApi, constants, snapshot_download
from huggingface_hub.errors import (
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from digit_model.artefact import ARTEFACT_FILES, read_config
from digit_model.errors import HubError, HubUnreachableError

ANSWER_SECONDS = 5.0
COMMIT_MINUTES = 5  # Between commits of what is added to a folder.
DATASET_FILES = ["*.jsonl", "*.png"]
BUSY_STATUSES = (408, 429, 500, 502, 503, 504)

# Of a disk that is full or may not be written to, or has a file where a folder belongs.
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

# What the client raises: httpx2.HTTPError or OSError where the Hub refuses or is
# out of reach, one of the other three where the answer is not a Hub's.
_FAILURES = (httpx2.HTTPError, OSError, ValueError, KeyError, TypeError)


def push(
    folder: Path,
    repository: str,
    *,
    tag: str | None = None,
    private: bool = False,
) -> CommitInfo:
    """Publish an artefact folder as one commit; the repository is made if need be.

    The folder is checked first, so that no broken artefact is published.
    Artefact files that the folder lacks are deleted from the repository; what
    else either of them holds stays where it is.

    Args:
        folder: an artefact folder.
        repository: "user/name".
        tag: a new tag for the commit.
        private: whether only its owners may see the repository.

    Returns:
        The commit's address; its `oid` is a revision for `pull`.

    Raises:
        ArtefactError: if a file is missing, altered, or of another format.
        HubError: if the Hub refuses, or the repository has the tag already, or
            is public where `private` is asked for.
        HubUnreachableError: if the Hub does not answer.
    """
    read_config(folder)
    api = HfApi()
    try:
        repository = api.create_repo(repository, private=private, exist_ok=True).repo_id
        if private and not api.model_info(repository).private:
            raise HubError(
                f"Expected a private repository. Received: {repository}, which is public. "
                "Make it private in its settings, or choose another name."
            )
        references = api.list_repo_refs(repository)
        taken = [reference.name for reference in references.tags + references.branches]
        if tag is not None and (tag in taken or not re.fullmatch(r"\w[\w.-]*", tag)):
            raise HubError(
                f"Expected a new tag like v1.0. Received: {tag!r}; {repository} has "
                f"{', '.join(taken)}. Choose another tag: nothing was uploaded."
            )
        commit = api.upload_folder(
            repo_id=repository,
            folder_path=folder,
            commit_message="Upload a digit model",
            allow_patterns=ARTEFACT_FILES,
            delete_patterns=ARTEFACT_FILES,
        )
        if tag is not None:
            api.create_tag(repository, tag=tag, revision=commit.oid)
    except _FAILURES as error:
        raise _explain(error, repository, "main") from error
    return commit


def pull(repository: str, revision: str | None = None) -> Path:
    """Fetch an artefact folder, or find it in the cache where the Hub is out of reach.

    The files are not checked here: `artefact.read_config` compares their
    SHA-256 with what the artefact states before any of them is opened.

    Args:
        repository: "user/name".
        revision: a tag, branch or commit; None for the newest commit.

    Returns:
        The folder, in the Hub's cache; not to be written to.

    Raises:
        HubError: if there is no such repository or revision, or no access to it, or the
            cache cannot be written to.
        HubUnreachableError: if the Hub does not answer and nothing is cached.
    """
    try:
        # snapshot_download would wait for a silent Hub without end, and retry a dead one.
        HfApi().model_info(repository, revision=revision, timeout=ANSWER_SECONDS)
        folder = snapshot_download(repository, revision=revision, allow_patterns=ARTEFACT_FILES)
    except _FAILURES as error:
        explained = _explain(error, repository, revision or "main")
        if not isinstance(explained, HubUnreachableError):
            raise explained from error
        try:
            folder = snapshot_download(
                repository,
                revision=revision,
                allow_patterns=ARTEFACT_FILES,
                local_files_only=True,
            )
        except LocalEntryNotFoundError:
            raise HubUnreachableError(f"{explained} Nothing usable is cached.") from error
    return Path(folder)


def schedule_commits(repository: str, folder: Path) -> CommitScheduler:
    """Commit what is added to a folder to a data set: now, and every few minutes.

    Args:
        repository: "user/name" of the data set; it is made, private, if need be.
        folder: nothing in it is changed but by adding.

    Raises:
        HubError: if the Hub refuses.
        HubUnreachableError: if the Hub does not answer.
    """
    try:
        return CommitScheduler(
            repo_id=repository,
            repo_type="dataset",
            folder_path=folder,
            every=COMMIT_MINUTES,
            private=True,
            allow_patterns=DATASET_FILES,
        )
    except _FAILURES as error:
        raise _explain(error, repository, "main") from error


def pull_dataset(repository: str) -> Path:
    """Fetch the pictures of a data set, as they are now, and what is said of them.

    Raises:
        HubError: if there is no such data set, or no access to it.
        HubUnreachableError: if the Hub does not answer.
    """
    try:
        HfApi().dataset_info(repository, timeout=ANSWER_SECONDS)
        return Path(
            snapshot_download(repository, repo_type="dataset", allow_patterns=DATASET_FILES)
        )
    except _FAILURES as error:
        raise _explain(error, repository, "main") from error


def _explain(error: Exception, repository: str, revision: str) -> HubError:
    """Turn the client's error into ours."""
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
    status = error.response.status_code if isinstance(error, HfHubHTTPError) else None
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
