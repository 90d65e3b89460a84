"""Which version a Hub repository serves: the newest commit of its branch `serving`.

A tag cannot mark the served version: the Hub cannot move a tag, only delete and create it. A
promotion is a single commit, so it is atomic, and the branch's history lists all promotions.
"""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from huggingface_hub import CommitInfo, HfApi, hf_hub_download
from huggingface_hub.errors import RemoteEntryNotFoundError

from digit_model.errors import HubError
from digit_model.model import hub
from digit_model.model.artefact import ARTEFACT_FILES, PROMOTION_FILE, read_config, read_promotion
from digit_model.model.hub_errors import explain_hub_errors
from digit_model.training.pairs import pair_table

BRANCH = "serving"


class Served(NamedTuple):
    """What a repository serves now, and what it served before.

    Attributes:
        head: the newest commit of the branch; None if there is no branch.
        promotions: the content of each commit's `promotion.json`, the newest first; `{}` if
            it is damaged.
    """

    head: str | None
    promotions: list[dict[str, Any]]

    @property
    def version(self) -> str | None:
        """The version that is served; None if there is none, or `promotion.json` is damaged."""
        return self.promotions[0].get("version") if self.promotions else None

    def had(self, commit: str) -> bool:
        """Whether the files of a commit are served now or were served before."""
        return any(promotion.get("commit") == commit for promotion in self.promotions)


def find_version(repository: str, version: str) -> str:
    """Find the commit of a tag.

    Raises:
        HubError: if there is no such tag or repository.
        HubUnreachableError: if the Hub does not answer.
    """
    with explain_hub_errors(repository, version):
        tags = {tag.name: tag.target_commit for tag in HfApi().list_repo_refs(repository).tags}
    if version not in tags:
        raise HubError(
            f"Expected a tag of {repository}. Received: {version!r}; it has "
            f"{', '.join(sorted(tags)) or 'none'}. Publish it with scripts/publish.py first."
        )
    return tags[version]


def find_served(repository: str) -> Served:
    """Find what a repository serves and what it served before.

    Raises:
        HubError: if there is no such repository.
        HubUnreachableError: if the Hub does not answer.
    """
    api, promotions = HfApi(), []
    with explain_hub_errors(repository, BRANCH):
        branches = [branch.name for branch in api.list_repo_refs(repository).branches]
        if BRANCH not in branches:
            return Served(None, [])
        commits = [item.commit_id for item in api.list_repo_commits(repository, revision=BRANCH)]
        for commit in commits:
            try:
                file = hf_hub_download(repository, PROMOTION_FILE, revision=commit)
            except RemoteEntryNotFoundError:  # Older commits are from before the first promotion.
                break
            promotions.append(read_promotion(Path(file).parent) or {})
    return Served(commits[0], promotions)


def serves(repository: str, served: Served, commit: str) -> bool:
    """Whether exactly the files of a commit are served.

    Raises:
        HubError: if the Hub refuses.
        HubUnreachableError: if the Hub does not answer.
    """
    if not served.promotions or served.promotions[0].get("commit") != commit:
        return False
    return hub.holds(repository, str(served.head), hub.pull(repository, commit))


def promote(
    repository: str,
    version: str,
    commit: str,
    served: Served,
    decision: str,
    results: list[dict[str, Any]],
) -> CommitInfo:
    """Start to serve a version, with one commit on the branch `serving`.

    Args:
        repository: "user/name".
        version: the tag of the version.
        commit: the commit of the tag.
        served: what is served until now; the promotion fails if this has changed.
        decision: why the version is served, in one sentence.
        results: the comparison with what is served, rows of `pair_row`; may be empty.

    Raises:
        ArtefactError: if a file of the version is missing, altered, or of another format.
        HubError: if the Hub refuses, or another version was promoted meanwhile.
        HubUnreachableError: if the Hub does not answer.
    """
    pulled = hub.pull(repository, commit)
    read_config(pulled)
    promotion = {
        "version": version,
        "commit": commit,
        "previous": served.version,
        "decision": decision,
        "results": results,
    }
    api = HfApi()
    with tempfile.TemporaryDirectory() as name, explain_hub_errors(repository, BRANCH):
        folder = Path(shutil.copytree(pulled, name, dirs_exist_ok=True))
        text = json.dumps(promotion, indent=1) + "\n"
        (folder / PROMOTION_FILE).write_text(text, encoding="utf-8")
        if served.head is None:
            # The branch starts at the version itself, so it never holds files of another version.
            api.create_branch(repository, branch=BRANCH, revision=commit)
        return api.upload_folder(
            repo_id=repository,
            folder_path=folder,
            revision=BRANCH,
            parent_commit=served.head or commit,
            commit_message=f"Serve {version}: {decision}",
            commit_description=pair_table(results, "before", version) if results else "",
            allow_patterns=[*ARTEFACT_FILES, PROMOTION_FILE],
            delete_patterns=ARTEFACT_FILES,
        )
