"""Add files to a data set on the Hugging Face Hub, and download one."""

from pathlib import Path

from huggingface_hub import CommitScheduler, HfApi, snapshot_download

from digit_model.model.hub import MAX_ANSWER_SECONDS
from digit_model.model.hub_errors import explain_hub_errors

COMMIT_MINUTES = 5  # Between commits of new files.
METADATA = "metadata.jsonl"  # `datasets` recognises a folder of images by this file.
FILE_PATTERNS = ["*.jsonl", "*.png"]


def schedule_commits(repository: str, folder: Path) -> CommitScheduler:
    """Commit the files added to a folder to a data set: now, and every few minutes.

    Args:
        repository: "user/name" of the data set; a missing one is created as private.
        folder: files may only be added to it, never changed.

    Raises:
        HubError: if the Hub refuses.
        HubUnreachableError: if the Hub does not answer.
    """
    with explain_hub_errors(repository, "main"):
        return CommitScheduler(
            repo_id=repository,
            repo_type="dataset",
            folder_path=folder,
            every=COMMIT_MINUTES,
            private=True,
            allow_patterns=FILE_PATTERNS,
        )


def pull_dataset(repository: str) -> Path:
    """Fetch the newest pictures of a data set, and their metadata.

    Raises:
        HubError: if the data set does not exist or is not accessible.
        HubUnreachableError: if the Hub does not answer.
    """
    with explain_hub_errors(repository, "main"):
        HfApi().dataset_info(repository, timeout=MAX_ANSWER_SECONDS)
        return Path(
            snapshot_download(repository, repo_type="dataset", allow_patterns=FILE_PATTERNS)
        )
