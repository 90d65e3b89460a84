"""An artefact folder <-> a Hugging Face Hub repository at a pinned revision."""

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
from huggingface_hub import CommitInfo, HfApi, constants, snapshot_download
from huggingface_hub.errors import (
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from digit_model.artefact import ARTEFACT_FILES, VERSION, read_config
from digit_model.errors import HubError, HubUnreachableError

MESSAGE = "Upload a digit model"  # Of a commit.
ANSWER_SECONDS = 5.0
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

    Whatever interrupts it, doing the same again finishes it, and does nothing twice.

    The folder is checked first, so that no broken artefact is published.
    Artefact files that the folder lacks are deleted from the repository; what
    else either of them holds stays where it is.

    Args:
        folder: an artefact folder.
        repository: "user/name".
        tag: a new tag for the commit, or the one that names these files already.
        private: whether only its owners may see the repository.

    Returns:
        The commit's address; its `oid` is a revision for `pull`.

    Raises:
        ArtefactError: if a file is missing, altered, or of another format.
        HubError: if the Hub refuses, or the tag names other files, or the
            repository is public where `private` is asked for.
        HubUnreachableError: if the Hub does not answer.
    """
    read_config(folder)
    api = HfApi()
    with asking(repository, "main"):
        repository = api.create_repo(repository, private=private, exist_ok=True).repo_id
        if private and not api.model_info(repository).private:
            raise HubError(
                f"Expected a private repository. Received: {repository}, which is public. "
                "Make it private in its settings, or choose another name."
            )
        references = api.list_repo_refs(repository)
        tags = {reference.name: reference.target_commit for reference in references.tags}
        if tag in tags and holds(repository, tags[tag], folder):
            address = f"{constants.ENDPOINT}/{repository}/commit/{tags[tag]}"
            return CommitInfo(address, MESSAGE, "", tags[tag])
        taken = [*tags, *(reference.name for reference in references.branches)]
        if tag is not None and (tag in taken or not re.fullmatch(VERSION, tag)):
            raise HubError(
                f"Expected a new tag like v1.0. Received: {tag!r}; {repository} has "
                f"{', '.join(taken)}. Choose another tag: nothing was uploaded."
            )
        # Where the newest commit has these files already, this is that commit.
        commit = api.upload_folder(
            repo_id=repository,
            folder_path=folder,
            commit_message=MESSAGE,
            allow_patterns=ARTEFACT_FILES,
            delete_patterns=ARTEFACT_FILES,
        )
        if tag is not None:
            api.create_tag(repository, tag=tag, revision=commit.oid)
    return commit


def holds(repository: str, revision: str, folder: Path) -> bool:
    """Whether a revision has exactly the artefact files of a folder, by their checksums alone.

    Raises:
        HubError: if the Hub refuses.
        HubUnreachableError: if the Hub does not answer.
    """
    with asking(repository, revision):
        found = HfApi().verify_repo_checksums(repository, revision=revision, local_dir=folder)
    changed = [mismatch["path"] for mismatch in found.mismatches]
    return {*changed, *found.missing_paths, *found.extra_paths}.isdisjoint(ARTEFACT_FILES)


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


@contextmanager
def asking(repository: str, revision: str) -> Iterator[None]:
    """While this lasts, what the Hub's client raises becomes a `HubError`."""
    try:
        yield
    except _FAILURES as error:
        raise _explain(error, repository, revision) from error


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
