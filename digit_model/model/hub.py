"""An artefact folder <-> a Hugging Face Hub repository at a pinned revision."""

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
    MOST_BYTES,
    PROMOTION_FILE,
    VERSION,
    read_config,
)
from digit_model.model.hub_errors import asking

MESSAGE = "Upload a digit model"  # Of a commit.
PULLED_FILES = [*ARTEFACT_FILES, PROMOTION_FILE]
COMMIT = r"[0-9a-f]{40}"
ANSWER_SECONDS = 5.0


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
        HubError: if there is no such repository or revision, or no access to it, it has
            more bytes than an artefact may have, or the cache cannot be written to.
        HubUnreachableError: if the Hub does not answer and nothing is cached.
    """
    try:
        with asking(repository, revision or "main"):
            if re.fullmatch(COMMIT, revision or ""):
                # Of a commit, nothing changes: what is cached as a whole needs no Hub.
                with suppress(CachedRepoTreeNotFoundError, LocalEntryNotFoundError):
                    get_cached_repo_tree(repository, revision=revision)
                    return _find_cached(repository, revision)
            # snapshot_download would wait for a silent Hub without end, and retry a dead one.
            info = HfApi().model_info(
                repository, revision=revision, timeout=ANSWER_SECONDS, files_metadata=True
            )
            _check_listing(info)
            # By its commit: what a name means is noted only when the files are there, so that
            # whoever is killed before still finds the old ones without a Hub.
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
    """A revision in the cache; an error if the Hub listed more files than are there."""
    return Path(
        snapshot_download(
            repository, revision=revision, allow_patterns=PULLED_FILES, local_files_only=True
        )
    )


def _check_listing(info: ModelInfo) -> None:
    """Refuse, before any download, what cannot be an artefact, by its files' sizes alone."""
    # The client names a file in its cache after the commit, wherever that leads.
    if not re.fullmatch(COMMIT, str(info.sha)):
        raise ValueError(f"{info.sha!r} is no commit")
    for file in info.siblings or []:
        most = MOST_BYTES.get(file.rfilename)
        if most is not None and (file.size or 0) > most:
            raise HubError(
                f"Expected {file.rfilename} of {info.id} to have at most {most:,} bytes. "
                f"Received: {file.size:,}. Use a smaller model: nothing was fetched."
            )


class _Meter(tqdm):
    """A progress bar that ends a download of more bytes than an artefact may have."""

    seen = 0

    def update(self, n: float | None = 1) -> Any:
        self.seen += int(n or 0)
        most = sum(MOST_BYTES.values())
        if self.seen > most:
            raise HubError(
                f"Expected at most {most:,} bytes for an artefact. Received: more from "
                f"{constants.ENDPOINT}, which did not say so. Use another model or Hub."
            )
        return super().update(n)
