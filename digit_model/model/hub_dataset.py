"""A data set on the Hugging Face Hub: what is added to it, and what is in it."""

from pathlib import Path

from huggingface_hub import CommitScheduler, HfApi, snapshot_download

from digit_model.model.hub import ANSWER_SECONDS
from digit_model.model.hub_errors import asking

COMMIT_MINUTES = 5  # Between commits of what is added to a folder.
METADATA = "metadata.jsonl"  # The name by which `datasets` knows a folder of images.
FILES = ["*.jsonl", "*.png"]


def schedule_commits(repository: str, folder: Path) -> CommitScheduler:
    """Commit what is added to a folder to a data set: now, and every few minutes.

    Args:
        repository: "user/name" of the data set; it is made, private, if need be.
        folder: nothing in it is changed but by adding.

    Raises:
        HubError: if the Hub refuses.
        HubUnreachableError: if the Hub does not answer.
    """
    with asking(repository, "main"):
        return CommitScheduler(
            repo_id=repository,
            repo_type="dataset",
            folder_path=folder,
            every=COMMIT_MINUTES,
            private=True,
            allow_patterns=FILES,
        )


def pull_dataset(repository: str) -> Path:
    """Fetch the pictures of a data set, as they are now, and what is said of them.

    Raises:
        HubError: if there is no such data set, or no access to it.
        HubUnreachableError: if the Hub does not answer.
    """
    with asking(repository, "main"):
        HfApi().dataset_info(repository, timeout=ANSWER_SECONDS)
        return Path(snapshot_download(repository, repo_type="dataset", allow_patterns=FILES))
