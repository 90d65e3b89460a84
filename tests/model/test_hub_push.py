"""Pushing to a Hub, over real HTTP with the real client, and what is there then."""

import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest
from huggingface_hub import HfApi

from digit_model import ArtefactError, HubError
from digit_model.model.hub import pull, push
from scripts.app_server import ROOT, START_SECONDS
from tests.support.folders import contents
from tests.support.hub_server import HubServer

HUBS_OWN = {".gitattributes"}


@pytest.mark.usefixtures("hub")
def test_an_artefact_comes_back_byte_for_byte(folder: Path, repository: str) -> None:
    """Otherwise what people run is not what was trained."""
    push(folder, repository, tag="v0")

    assert contents(pull(repository, "v0")) == contents(folder)


def test_a_push_is_one_commit_with_its_tag(hub: HubServer, folder: Path, repository: str) -> None:
    """Otherwise somebody could pull half a model."""
    commit = push(folder, repository, tag="v0")

    assert [*hub.repositories[repository].messages.values()] == [
        "initial commit",
        "Upload a digit model",
    ]
    assert hub.repositories[repository].tags == {"v0": commit.oid}


@pytest.mark.usefixtures("hub")
def test_an_old_tag_and_commit_give_the_old_files_after_a_new_push(
    folder: Path, repository: str
) -> None:
    """Otherwise a pinned revision is no pin."""
    old = contents(folder)
    sha = push(folder, repository, tag="v0").oid
    (folder / "README.md").write_text("Second.", encoding="utf-8")
    (folder / "errors.png").unlink()
    push(folder, repository, tag="v1")

    assert contents(pull(repository, "v0")) == contents(pull(repository, sha)) == old
    assert contents(pull(repository)) == contents(folder)


def test_a_push_again_changes_nothing(hub: HubServer, folder: Path, repository: str) -> None:
    """Otherwise whoever repeats a command to be sure makes another version."""
    first = push(folder, repository, tag="v0").oid
    (folder / "notes.txt").write_text("No part of an artefact.", encoding="utf-8")
    HfApi().upload_file(path_or_fileobj=b"1", path_in_repo="notes.md", repo_id=repository)
    commits = dict(hub.repositories[repository].commits)

    assert push(folder, repository, tag="v0").oid == first
    push(folder, repository)
    assert hub.repositories[repository].commits == commits


def visible(hub: HubServer, repository: str) -> dict[str, dict[str, bytes]]:
    """What each branch and tag leads to, but for the Hub's own file."""
    there = hub.repositories[repository]
    names = there.branches | there.tags
    return {
        name: {path: there.commits[sha][path] for path in there.commits[sha].keys() - HUBS_OWN}
        for name, sha in names.items()
    }


def test_cut_off_at_any_request_the_same_push_finishes(
    hub: HubServer, folder: Path, repository: str
) -> None:
    """Otherwise a lost connection leaves half a version, one without a name, or a taken name."""
    HfApi().create_repo(repository)
    for allowed in count():
        before, tag = visible(hub, repository), f"v{allowed}"
        (folder / "errors.png").write_bytes(tag.encode())  # Another version each time.
        whole = before | {"main": contents(folder)}
        try:
            with hub.cut_off(allowed):
                push(folder, repository, tag=tag)
            break
        except HubError:
            assert visible(hub, repository) in (before, whole)

        push(folder, repository, tag=tag)
        assert visible(hub, repository) == whole | {tag: contents(folder)}
        assert len(hub.repositories[repository].commits) == allowed + 2
    assert allowed > 5


def test_killed_at_any_step_the_same_command_publishes(
    hub: HubServer, folder: Path, repository: str
) -> None:
    """Otherwise a closed laptop leaves half a version, or one without a name."""
    (folder / "errors.png").write_bytes(b"Not uploaded by another test.")
    command = [sys.executable, "scripts/publish.py", str(folder), repository, "--tag", "v0"]
    for step, newest in {"PUT /lfs/": {}, "/commit/": {}, "/tag/": contents(folder)}.items():
        with hub.holding(step) as reached:
            process = subprocess.Popen(command, cwd=ROOT)
            assert reached.wait(START_SECONDS)
            process.kill()
            process.wait()
        assert visible(hub, repository) == {"main": newest}

    subprocess.run(command, cwd=ROOT, check=True)

    assert visible(hub, repository) == dict.fromkeys(("main", "v0"), contents(folder))
    assert len(hub.repositories[repository].commits) == 2


@pytest.mark.usefixtures("hub")
def test_what_is_no_part_of_an_artefact_is_left_alone(folder: Path, repository: str) -> None:
    """Otherwise a push into a shared repository would destroy a colleague's work."""
    (folder / "unfinished").mkdir()
    (folder / "unfinished" / "epoch-3.bin").write_bytes(b"3")
    push(folder, repository)
    theirs = {"notes.txt", "docs/photo.png"}
    for name in theirs:
        HfApi().upload_file(path_or_fileobj=b"1", path_in_repo=name, repo_id=repository)
    sha = push(folder, repository).oid

    there = HfApi().list_repo_files(repository, revision=sha)
    assert theirs <= set(there)
    assert "unfinished/epoch-3.bin" not in there
    assert not (pull(repository) / "notes.txt").exists()


@pytest.mark.usefixtures("hub")
def test_a_private_push_is_private(folder: Path, repository: str) -> None:
    """Otherwise somebody's unpublished model is public."""
    push(folder, repository, private=True)

    assert HfApi().model_info(repository).private


def test_a_private_push_to_a_public_repository_is_refused(
    hub: HubServer, folder: Path, repository: str
) -> None:
    """Otherwise the Hub would keep the repository public without a word."""
    push(folder, repository)
    (folder / "README.md").write_text("Secret.", encoding="utf-8")

    with pytest.raises(HubError, match="public"):
        push(folder, repository, private=True)
    assert len(hub.repositories[repository].messages) == 2


@pytest.mark.parametrize("tag", ["v0", "main", "v 1"])
def test_a_tag_that_cannot_be_made_is_refused_before_the_upload(
    hub: HubServer, folder: Path, repository: str, tag: str
) -> None:
    """Otherwise a failed push would have replaced the newest files."""
    push(folder, repository, tag="v0")
    (folder / "README.md").write_text("Second.", encoding="utf-8")

    with pytest.raises(HubError, match="Choose another tag"):
        push(folder, repository, tag=tag)
    assert len(hub.repositories[repository].messages) == 2


def test_a_broken_artefact_is_not_published(hub: HubServer, folder: Path, repository: str) -> None:
    """Otherwise everybody who pulls it gets the error instead of who made it."""
    (folder / "model.tflite").write_bytes(b"cut off")

    with pytest.raises(ArtefactError, match=r"model\.tflite"):
        push(folder, repository)
    assert repository not in hub.repositories


@pytest.mark.usefixtures("hub")
def test_without_a_token_a_push_says_how_to_log_in(
    folder: Path, repository: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the first push of every beginner ends in a traceback."""
    monkeypatch.delenv("HF_TOKEN")

    with pytest.raises(HubError, match="hf auth login"):
        push(folder, repository)
