"""A page that goes on to a newer model, over a Hub on the loopback."""

import json
import urllib.request
from pathlib import Path

import numpy as np
import pytest

import digit_model
from digit_model.model import hub as client
from digit_model.model.artefact import CONFIG_FILE
from digit_model.page.follower import Follower, may_move
from digit_model.page.readings import Readings, Served
from scripts.app_server import serve
from tests.support.hub_server import HubServer

NAME = "tester/followed"


def change(folder: Path, temperature: float) -> None:
    """Make an artefact another one."""
    config = json.loads((folder / CONFIG_FILE).read_text())
    (folder / CONFIG_FILE).write_text(json.dumps(config | {"temperature": temperature}))


def test_a_running_page_goes_on_to_what_was_published_since(
    hub: HubServer, folder: Path, tmp_path: Path
) -> None:
    """Otherwise a better model waits for a restart that nobody makes."""
    client.push(folder, NAME)
    arguments = "--model", NAME, "--check-minutes", "0.01"
    with serve(tmp_path, *arguments, **hub.environment) as server:
        change(folder, 1.5)
        client.push(folder, NAME)
        server.wait_for_log("which is new")

        told = json.load(urllib.request.urlopen(f"{server.url}/about/model.json"))
    assert told == {"model": NAME}


def test_what_does_not_work_is_not_gone_on_to(
    hub: HubServer, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Otherwise one bad push ends every running page."""
    client.push(folder, NAME)
    old = digit_model.load(NAME)
    readings = Readings(Served(old, NAME))
    follower = Follower(readings, NAME, None, 60)
    repository = hub.repositories[NAME]
    files = dict(repository.commits[repository.resolve("main")])
    repository.commit(files | {CONFIG_FILE: b"{}"}, "damaged")

    follower.look()
    assert readings.served.reader is old
    assert "goes on" in caplog.text
    caplog.clear()
    follower.look()
    assert "goes on" not in caplog.text
    hub.stop()
    follower.look()
    hub.start()
    assert readings.served.reader is old

    repository.commit(files, "mended")
    follower.look()
    assert readings.served.reader is not old
    frame = np.pad(np.full((20, 2), 255, np.uint8), ((4, 4), (13, 13)))
    assert readings.served.reader.read(frame).text == "1"


def test_a_commit_and_a_folder_are_not_looked_at_again(tmp_path: Path) -> None:
    """Otherwise a page asks the Hub for what cannot change."""
    assert may_move(NAME, None)
    assert may_move(NAME, "serving")
    assert not may_move(NAME, 40 * "a")
    assert not may_move(str(tmp_path), None)
    assert not may_move(None, None)
