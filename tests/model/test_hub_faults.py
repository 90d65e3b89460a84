"""What a Hub may do wrong, by mistake or on purpose, and what must come of it."""

import json
import socket
import subprocess
import sys
import time
from dataclasses import replace
from itertools import repeat
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from huggingface_hub import HfApi

from digit_model import ArtefactError, HubError, HubUnreachableError, load
from digit_model.model.artefact import MAX_BYTES
from digit_model.model.hub import pull, push
from digit_model.model.hub_dataset import pull_dataset
from scripts.app_server import ROOT, START_SECONDS
from tests.support.folders import contents
from tests.support.hub_repository import Answer
from tests.support.hub_server import HubServer


@pytest.mark.parametrize(
    "fault",
    [
        Answer(b"Internal error", 500),
        Answer(b"Slow down", 429),
        Answer(b"<html>Log in to the hotel's wireless</html>"),
        Answer(b"[]"),
        Answer(b"{}"),
    ],
    ids=["500", "429", "html", "list", "object"],
)
def test_a_hub_that_answers_nonsense_is_as_good_as_down(
    hub: HubServer,
    folder: Path,
    repository: str,
    fault: Answer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Otherwise people get a traceback, or lose the model that they have cached."""
    push(folder, repository, tag="v0")
    cached = pull(repository, "v0")
    monkeypatch.setattr(hub, "fault", fault)

    assert pull(repository, "v0") == cached
    with pytest.raises(HubUnreachableError):
        pull(f"{repository}-new")
    with pytest.raises(HubUnreachableError):
        push(folder, repository)


def test_a_hub_that_never_answers_is_given_up_soon(
    hub: HubServer, folder: Path, repository: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the app would not start behind a firewall that drops everything."""
    monkeypatch.setattr("digit_model.model.hub.MAX_ANSWER_SECONDS", 0.3)
    push(folder, repository, tag="v0")
    cached = pull(repository, "v0")
    with hub.unplugged(), socket.create_server(("127.0.0.1", urlsplit(hub.url).port or 0)):
        start = time.monotonic()
        assert pull(repository, "v0") == cached
        with pytest.raises(HubUnreachableError, match="timed out"):
            pull(f"{repository}-new")
        assert time.monotonic() - start < 10


def test_what_is_larger_than_an_artefact_is_refused_before_a_download(
    hub: HubServer, folder: Path, repository: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a wrong name fills the disk with somebody's language model."""
    push(folder, repository)
    monkeypatch.setitem(MAX_BYTES, "model.keras", 1000)

    with pytest.raises(HubError, match=r"model\.keras .* at most 1,000 bytes"):
        pull(repository)
    assert not any("/resolve/" in request and repository in request for request in hub.requests)


def test_a_stream_without_end_is_ended(
    hub: HubServer, folder: Path, repository: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a Hub that does not stop sending fills the disk."""
    push(folder, repository)
    for model in ("model.keras", "model.tflite"):
        monkeypatch.setitem(MAX_BYTES, model, 3_000_000)
    monkeypatch.setattr(hub, "faulty", r"GET .*model\.tflite")
    monkeypatch.setattr(hub, "fault", Answer(repeat(bytes(1_000_000))))

    with pytest.raises(HubError, match="did not say so"):
        pull(repository)
    assert not [*Path(hub.environment["HF_HOME"]).rglob("*.incomplete")]


def test_a_file_of_another_size_than_is_said_is_not_kept(
    hub: HubServer, folder: Path, repository: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise half a model stays in the cache for good."""
    push(folder, repository)
    with monkeypatch.context() as patch:
        patch.setattr(hub, "faulty", r"GET .*model\.tflite")
        patch.setattr(hub, "fault", Answer(b"half"))
        with pytest.raises(HubError, match="should be of size"):
            pull(repository)

    assert contents(pull(repository)) == contents(folder)


def test_no_path_leads_out_of_the_cache(hub: HubServer, folder: Path, repository: str) -> None:
    """Otherwise a stranger's repository can read or replace any file of whoever tries it."""
    sha = push(folder, repository).oid
    outside = [str(folder.parent / "config.json"), "../../../../outside/config.json"]
    link = b"../../../../../../../../etc/passwd"  # As a link, the Hub sends the text of one.
    there = hub.repositories[repository].commits[sha]
    there |= dict.fromkeys(outside, b"{}") | {"config.json": link}

    assert contents(pull(repository)) == contents(folder) | {"config.json": link}
    assert not (folder.parent / "config.json").exists()
    assert not [*Path(hub.environment["HF_HOME"]).rglob("outside")]
    with pytest.raises(ArtefactError, match=r"Expected JSON in .*config\.json"):
        load(repository)


def test_no_picture_of_a_data_set_leads_out_of_the_cache(hub: HubServer, repository: str) -> None:
    """Otherwise whoever learns from a stranger's corrections loses a file to them."""
    HfApi().create_repo(repository, repo_type="dataset")
    hub.repositories[repository].commit({"../../../../outside/1.png": b"1"}, "hostile")

    with pytest.raises(HubError, match=r"cannot contain a '\.\.'"):
        pull_dataset(repository)
    assert not [*Path(hub.environment["HF_HOME"]).rglob("outside")]


def test_a_commit_that_is_none_leads_nowhere(
    hub: HubServer, folder: Path, repository: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the client writes what the Hub listed to a place that the Hub chose."""
    push(folder, repository, tag="v0")
    answer = hub.answer
    info = {"id": repository, "sha": f"../../../../../..{folder}/outside", "siblings": []}
    lie = Answer(json.dumps(info).encode())
    honest = answer("GET", f"/api/models/{repository}/revision/v0", b"", None)
    said = iter([lie, honest, lie])
    monkeypatch.setattr(
        hub, "answer", lambda *asked: next(said) if "/revision/" in asked[1] else answer(*asked)
    )

    with pytest.raises(HubError, match="is no commit"):
        pull(repository, "v0")
    assert contents(pull(repository, "v0")) == contents(folder)
    assert not [*said]
    assert not (folder / "outside.json").exists()


def test_killed_while_it_fetches_a_version_the_old_or_the_new_one_is_there(
    hub: HubServer, folder: Path, repository: str
) -> None:
    """Otherwise a page that was killed as it went on to another model does not start again."""
    push(folder, repository)
    old = contents(pull(repository))
    (folder / "README.md").write_text("New.", encoding="utf-8")
    (folder / "errors.png").write_bytes(b"new")
    push(folder, repository)
    fetch = f"from digit_model.model.hub import pull; pull({repository!r})"
    with hub.holding(r"GET .*errors\.png") as reached:
        process = subprocess.Popen([sys.executable, "-c", fetch], cwd=ROOT)
        assert reached.wait(START_SECONDS)
        process.kill()
        process.wait()

    with hub.unplugged():
        assert contents(pull(repository)) == old
    assert contents(pull(repository)) == contents(folder)


def test_the_token_does_not_follow_to_another_host(
    hub: HubServer, folder: Path, repository: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a redirect takes the right to write to all that somebody published."""
    sha = push(folder, repository).oid
    other = HubServer()
    other.repositories[repository] = replace(hub.repositories[repository], private=True)
    other.start()
    place = f"{other.url.replace('127.0.0.1', 'localhost')}/{repository}/resolve/{sha}"
    monkeypatch.setattr(hub, "faulty", r"GET .*model\.tflite")
    monkeypatch.setattr(hub, "fault", Answer(b"", 302, {"Location": f"{place}/model.tflite"}))

    with pytest.raises(HubError, match="private or gated"):  # With the token, it is open.
        pull(repository)
    other.stop()
    assert f"GET /{repository}/resolve/{sha}/model.tflite" in other.requests
