"""Push an artefact folder to a Hugging Face Hub repository, and pull it at a revision."""

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

from huggingface_hub import (
    CommitInfo,
    HfApi,
    ModelInfo,
    constants,
    get_cached_repo_tree,
    snapshot_download,
)
from huggingface_hub.errors import CachedRepoTreeNotFoundError, LocalEntryNotFoundError
from huggingface_hub.utils.tqdm import tqdm

from digit_model.errors import HubError, HubUnreachableError
from digit_model.model.artefact import (
    ARTEFACT_FILES,
    MAX_BYTES,
    PROMOTION_FILE,
    VERSION_PATTERN,
    read_config,
)
from digit_model.model.hub_errors import explain_hub_errors

COMMIT_MESSAGE = "Upload a digit model"
PULLED_FILES = [*ARTEFACT_FILES, PROMOTION_FILE]
REPOSITORY_PATTERN = r"\w[\w.-]*/\w[\w.-]*"  # USER/NAME; paths start with "/" or ".".
COMMIT_PATTERN = r"[0-9a-f]{40}"
MAX_ANSWER_SECONDS = 5.0  # Timeout of a request for metadata.


def push(
    folder: Path,
    repository: str,
    *,
    tag: str | None = None,
    private: bool = False,
) -> CommitInfo:
    """Publish an artefact folder as one commit; a missing repository is created.

    After an interruption, the same call again completes the upload and repeats nothing.

    The folder is checked first, so that no broken artefact is published. Artefact
    files that the folder lacks are deleted from the repository; other files are
    neither uploaded nor deleted.

    Args:
        folder: an artefact folder.
        repository: "user/name".
        tag: a new tag for the commit, or an existing tag of the same files.
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
    with explain_hub_errors(repository, "main"):
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
            return CommitInfo(address, COMMIT_MESSAGE, "", tags[tag])
        taken = [*tags, *(reference.name for reference in references.branches)]
        if tag is not None and (tag in taken or not re.fullmatch(VERSION_PATTERN, tag)):
            raise HubError(
                f"Expected a new tag like v1.0. Received: {tag!r}; {repository} has "
                f"{', '.join(taken)}. Choose another tag: nothing was uploaded."
            )
        # If the newest commit already has these files, the client returns that commit.
        commit = api.upload_folder(
            repo_id=repository,
            folder_path=folder,
            commit_message=COMMIT_MESSAGE,
            allow_patterns=ARTEFACT_FILES,
            delete_patterns=ARTEFACT_FILES,
        )
        if tag is not None:
            api.create_tag(repository, tag=tag, revision=commit.oid)
    return commit


def holds(repository: str, revision: str, folder: Path) -> bool:
    """Whether a revision has exactly the artefact files of a folder, compared by checksum.

    Raises:
        HubError: if the Hub refuses.
        HubUnreachableError: if the Hub does not answer.
    """
    with explain_hub_errors(repository, revision):
        found = HfApi().verify_repo_checksums(repository, revision=revision, local_dir=folder)
    changed = [mismatch["path"] for mismatch in found.mismatches]
    return {*changed, *found.missing_paths, *found.extra_paths}.isdisjoint(ARTEFACT_FILES)


def pull(repository: str, revision: str | None = None) -> Path:
    """Fetch an artefact folder, or find it in the cache if the Hub cannot be reached.

    The files' content is not checked here: `artefact.read_config` compares their
    SHA-256 with the artefact's before any of them is opened.

    Args:
        repository: "user/name".
        revision: a tag, branch or commit; None for the newest commit.

    Returns:
        The folder in the Hub's cache; do not write to it.

    Raises:
        HubError: if the repository or revision does not exist or is not accessible, its
            files are too large, or the cache cannot be written to.
        HubUnreachableError: if the Hub does not answer and nothing is cached.
    """
    try:
        with explain_hub_errors(repository, revision or "main"):
            if re.fullmatch(COMMIT_PATTERN, revision or ""):
                # A commit never changes: if it is cached completely, the Hub is not asked.
                with suppress(CachedRepoTreeNotFoundError, LocalEntryNotFoundError):
                    get_cached_repo_tree(repository, revision=revision)
                    return _find_cached(repository, revision)
            # snapshot_download would wait forever for a silent Hub, and retry an unreachable one.
            info = HfApi().model_info(
                repository, revision=revision, timeout=MAX_ANSWER_SECONDS, files_metadata=True
            )
            _check_listing(info)
            # Fetch by commit, and cache which commit the name means only after that. If the
            # process is killed in between, the old files can still be found offline.
            folder = snapshot_download(
                repository, revision=info.sha, allow_patterns=PULLED_FILES, tqdm_class=_Meter
            )
            HfApi().resolve_revision(repository, revision=revision)
            return Path(folder)
    except HubUnreachableError as error:
        try:
            return _find_cached(repository, revision)
        except LocalEntryNotFoundError:
            raise HubUnreachableError(f"{error} Nothing usable is cached.") from error


def _find_cached(repository: str, revision: str | None) -> Path:
    """Find a revision in the cache; raises if files that the Hub listed are missing."""
    return Path(
        snapshot_download(
            repository, revision=revision, allow_patterns=PULLED_FILES, local_files_only=True
        )
    )


def _check_listing(info: ModelInfo) -> None:
    """Refuse files that are too large for an artefact, before any download."""
    # The client builds a path in its cache from the commit, so it must be a real one.
    if not re.fullmatch(COMMIT_PATTERN, str(info.sha)):
        raise ValueError(f"{info.sha!r} is no commit")
    for file in info.siblings or []:
        max_bytes = MAX_BYTES.get(file.rfilename)
        if max_bytes is not None and (file.size or 0) > max_bytes:
            raise HubError(
                f"Expected {file.rfilename} of {info.id} to have at most {max_bytes:,} bytes. "
                f"Received: {file.size:,}. Use a smaller model: nothing was fetched."
            )


class _Meter(tqdm):
    """A progress bar that stops a download of more bytes than an artefact may have."""

    received = 0

    def update(self, n: float | None = 1) -> Any:
        self.received += int(n or 0)
        max_bytes = sum(MAX_BYTES.values())
        if self.received > max_bytes:
            raise HubError(
                f"Expected at most {max_bytes:,} bytes for an artefact. Received: more from "
                f"{constants.ENDPOINT}, which did not say so. Use another model or Hub."
            )
        return super().update(n)
