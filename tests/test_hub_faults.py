"""What a Hub may do wrong, by mistake or on purpose, and what must come of it."""

import json
import socket
import time
from dataclasses import replace
from itertools import repeat
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from digit_model import HubError, HubUnreachableError
from digit_model.artefact import MOST_BYTES
from digit_model.hub import pull, push
from tests.artefacts import contents
from tests.hub_repository import Answer
from tests.hub_server import HubServer


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
    monkeypatch.setattr("digit_model.hub.ANSWER_SECONDS", 0.3)
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
    monkeypatch.setitem(MOST_BYTES, "model.keras", 1000)

    with pytest.raises(HubError, match=r"model\.keras .* at most 1,000 bytes"):
        pull(repository)
    assert not any("/resolve/" in request and repository in request for request in hub.requests)


def test_a_stream_without_end_is_ended(
    hub: HubServer, folder: Path, repository: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a Hub that does not stop sending fills the disk."""
    push(folder, repository)
    for model in ("model.keras", "model.tflite"):
        monkeypatch.setitem(MOST_BYTES, model, 3_000_000)
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
    """Otherwise a stranger's repository can replace any file of whoever tries it."""
    sha = push(folder, repository).oid
    outside = [str(folder.parent / "config.json"), "../../../../outside/config.json"]
    hub.repositories[repository].commits[sha] |= dict.fromkeys(outside, b"{}")

    assert contents(pull(repository)) == contents(folder)
    assert not (folder.parent / "config.json").exists()
    assert not [*Path(hub.environment["HF_HOME"]).rglob("outside")]


def test_a_commit_that_is_none_leads_nowhere(
    hub: HubServer, folder: Path, repository: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the client writes what the Hub listed to a place that the Hub chose."""
    push(folder, repository, tag="v0")
    info = {"id": repository, "sha": f"../../../../../..{folder}/outside", "siblings": []}
    monkeypatch.setattr(hub, "faulty", f"{repository}/revision")
    monkeypatch.setattr(hub, "fault", Answer(json.dumps(info).encode()))

    with pytest.raises(HubError, match="is no commit"):
        pull(repository, "v0")
    assert not (folder / "outside.json").exists()


def test_the_token_does_not_follow_to_another_host(
    hub: HubServer, folder: Path, repository: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a redirect takes the right to write to all that somebody published."""
    sha = push(folder, repository).oid
    other = HubServer()
    other.repositories = {repository: replace(hub.repositories[repository], private=True)}
    other.start()
    place = f"{other.url.replace('127.0.0.1', 'localhost')}/{repository}/resolve/{sha}"
    monkeypatch.setattr(hub, "faulty", r"GET .*model\.tflite")
    monkeypatch.setattr(hub, "fault", Answer(b"", 302, {"Location": f"{place}/model.tflite"}))

    with pytest.raises(HubError, match="private or gated"):  # With the token, it is open.
        pull(repository)
    other.stop()
    assert f"GET /{repository}/resolve/{sha}/model.tflite" in other.requests
