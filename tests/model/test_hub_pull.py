"""Pulling from a Hub, over real HTTP with the real client."""

import json
import re
import shutil
import time
from pathlib import Path

import pytest
from huggingface_hub import HfApi, ModelCard, hf_hub_download

from digit_model import ArtefactError, HubError, HubUnreachableError, load
from digit_model.model.hub import pull, push
from digit_model.reader import EMBEDDED_WEIGHTS
from digit_model.training.report import update_metrics
from tests.support.artefacts import edit_config
from tests.support.folders import contents
from tests.support.hub_repository import Answer
from tests.support.hub_server import HubServer
from tests.support.strokes import draw_digit


@pytest.mark.usefixtures("hub")
def test_a_pulled_model_reads(folder: Path, repository: str) -> None:
    """Otherwise `load("user/repo")` does not give a reader."""
    push(folder, repository, tag="v0")

    assert load(repository, revision="v0").read(draw_digit("0")).text == "0"


@pytest.mark.usefixtures("hub")
def test_a_repository_that_holds_only_a_keras_model_reads(tmp_path: Path, repository: str) -> None:
    """Otherwise a model that was published by other means cannot be shown."""
    shutil.copy(EMBEDDED_WEIGHTS / "model.keras", tmp_path)
    HfApi().create_repo(repository)
    HfApi().upload_folder(repo_id=repository, folder_path=tmp_path)

    assert load(repository).read(draw_digit("0")).text == "0"


@pytest.mark.usefixtures("hub")
def test_the_cards_examples_run_as_they_stand(
    folder: Path,
    repository: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Otherwise the first thing that a visitor of the Hub pastes fails."""
    training = json.loads((folder / "config.json").read_text(encoding="utf-8"))["training"]
    edit_config(folder, training=training | {"repository": repository, "tag": "v1"})
    update_metrics(folder)
    push(folder, repository, tag="v1")
    draw_digit("7").save(tmp_path / "photo.jpg")
    monkeypatch.chdir(tmp_path)
    card = ModelCard.load(folder / "README.md")

    for example in re.findall(r"```python\n(.*?)```", card.content, re.DOTALL):
        exec(example, {})

    printed = capsys.readouterr().out
    assert printed.startswith("7\n")
    assert "[[" in printed
    (result,) = card.data.eval_results
    assert result.task_name
    assert result.dataset_config
    assert result.dataset_split == "test"
    assert result.source_url.endswith(f"{repository}/blob/v1/metrics.json")


def test_a_file_altered_on_the_hub_is_named_and_not_opened(
    hub: HubServer, folder: Path, repository: str
) -> None:
    """Otherwise a damaged or forged model would read digits."""
    sha = push(folder, repository).oid
    files = hub.repositories[repository].commits[sha]
    files["model.tflite"] = files["model.tflite"][:-1] + b"!"

    with pytest.raises(ArtefactError, match=r"model\.tflite"):
        load(repository)


@pytest.mark.parametrize("pin", ["tag", "commit"])
def test_a_cached_revision_opens_at_once_with_the_hub_down(
    hub: HubServer, folder: Path, repository: str, pin: str
) -> None:
    """Otherwise a talk without a network is a talk without a demo."""
    sha = push(folder, repository, tag="v0").oid
    revision = "v0" if pin == "tag" else sha
    pull(repository, revision)

    with hub.unplugged():
        start = time.monotonic()
        load(repository, revision)
        assert time.monotonic() - start < 10  # The client alone would retry for 23.


def test_a_commit_that_is_cached_as_a_whole_asks_the_hub_nothing(
    hub: HubServer, folder: Path, repository: str
) -> None:
    """Otherwise a pinned app waits for a Hub that it does not need."""
    sha = push(folder, repository).oid
    hf_hub_download(repository, "config.json", revision=sha)  # A part of it is not the whole.
    assert contents(pull(repository, sha)) == contents(folder)

    before = len(hub.requests)
    cached = pull(repository, sha)
    assert len(hub.requests) == before

    (cached / "model.tflite").unlink()
    assert contents(pull(repository, sha)) == contents(folder)


@pytest.mark.parametrize("revision", [None, "v0", "0" * 40])
def test_with_the_hub_down_and_nothing_cached_the_answer_comes_soon(
    hub: HubServer, repository: str, revision: str | None
) -> None:
    """Otherwise the app would hang for the client's 23 seconds of retries."""
    with hub.unplugged():
        start = time.monotonic()
        with pytest.raises(HubUnreachableError, match="connection"):
            pull(repository, revision)
        assert time.monotonic() - start < 5


@pytest.mark.usefixtures("hub")
def test_an_unknown_repository_or_revision_says_what_to_do(folder: Path, repository: str) -> None:
    """Otherwise a typing error costs an evening."""
    with pytest.raises(HubError, match="hf auth login"):
        load(repository)
    push(folder, repository)
    with pytest.raises(HubError, match="'v9', which it does not have"):
        load(repository, revision="v9")
    with pytest.raises(HubError, match="USER/NAME"):
        load("no/such/folder")


@pytest.mark.usefixtures("hub")
def test_a_private_repository_is_closed_to_strangers(
    folder: Path, repository: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise whoever lacks the token is not told that a token is what they lack."""
    push(folder, repository, private=True)
    monkeypatch.delenv("HF_TOKEN")

    with pytest.raises(HubError, match="private or gated"):
        pull(repository)


def test_a_gated_repository_says_so(
    hub: HubServer, repository: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise people look for a mistake in the name."""
    monkeypatch.setattr(hub, "fault", Answer(b"", 403, {"X-Error-Code": "GatedRepo"}))

    with pytest.raises(HubError, match="private or gated"):
        pull(repository)
