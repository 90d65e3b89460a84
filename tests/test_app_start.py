"""How the app starts, with which model, and what it says when it cannot."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from digit_model.model.hub import push
from digit_model.reader import EMBEDDED_WEIGHTS
from scripts.app_server import ROOT, AppServer, free_port, serve
from scripts.benchmark import APPS
from tests.support.hub_server import HubServer

START_RATIO = 1.5


def test_the_app_starts_about_as_quickly_as_gradio_does(tmp_path: Path) -> None:
    """Otherwise opening the model, or an import, holds every start up."""

    def start_seconds(*command: str) -> float:
        begin = time.monotonic()
        server = AppServer(tmp_path / "app.log", *command)
        try:
            server.wait()
            return time.monotonic() - begin
        finally:
            server.stop()

    rounds = [(start_seconds(*APPS["bare"]), start_seconds(*APPS["this app"])) for _ in range(2)]
    bare, app = map(min, zip(*rounds, strict=True))
    assert app <= START_RATIO * bare, (app, bare)


def test_the_app_is_loaded_anew_when_its_code_changes(tmp_path: Path) -> None:
    """Otherwise `gradio app.py`, which runs it outside of the main thread, dies."""
    code = tmp_path / "app.py"
    shutil.copy(ROOT / "app.py", code)
    shutil.copytree(ROOT / "digit_model", tmp_path / "digit_model")
    port = free_port()
    log = tmp_path / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "gradio", "app.py", "--", "--port", str(port)],
            cwd=tmp_path,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for_page(url, "Inkling", time.sleep)
        part = tmp_path / "digit_model" / "page" / "page.py"
        part.write_text(part.read_text().replace('"Inkling"', '"A changed title"'))
        # A change is seen once Gradio has begun to watch.
        wait_for_page(url, "A changed title", lambda _: part.touch())
        assert "Traceback" not in log.read_text()
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # Gradio runs the app in a process of its own.
        process.wait()


def wait_for_page(url: str, text: str, between: Callable[[float], object]) -> None:
    """Wait until a page holds a text, and do something between the looks."""
    limit = time.monotonic() + 60
    page = ""
    while text not in page:
        assert time.monotonic() < limit, page[:500]
        between(0.5)
        time.sleep(0.5)
        try:
            page = urllib.request.urlopen(url, timeout=60).read().decode()
        except OSError as error:
            page = str(error)


def test_the_app_can_be_imported_without_opening_a_model() -> None:
    """Otherwise nobody can test it, and gradio's reload opens models."""
    check = "import sys, app; assert 'ai_edge_litert' not in sys.modules"
    subprocess.run([sys.executable, "-c", check], cwd=ROOT, check=True)


@pytest.fixture(scope="module")
def published(hub: HubServer) -> dict[str, str]:
    """A Hub with a tagged model, as the environment of who uses it."""
    push(EMBEDDED_WEIGHTS, "tester/digits", tag="v0")
    return hub.environment


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (["--model", "tester/digits", "--revision", "v0"], {}),
        ([], {"DIGIT_MODEL": "tester/digits", "DIGIT_MODEL_REVISION": "v0"}),
        (["--revision", "v0"], {"DIGIT_MODEL": "tester/digits", "DIGIT_MODEL_REVISION": "v1"}),
    ],
    ids=["flags", "environment", "both"],
)
def test_a_model_at_a_revision_is_served_from_the_hub(
    published: dict[str, str],
    arguments: list[str],
    environment: dict[str, str],
    tmp_path: Path,
) -> None:
    """Otherwise what train.py publishes cannot be shown, here or on Spaces."""
    with serve(tmp_path, *arguments, **published, **environment) as app:
        told = json.load(urllib.request.urlopen(f"{app.url}/about/model.json"))
    assert told == {"model": "tester/digits at v0"}


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("tester/nothing", "tester/nothing"),
        ("no such model", "no such model"),
        (".", "config.json"),
    ],
)
def test_a_wrong_model_ends_the_app_with_a_sentence(
    hub: HubServer, model: str, expected: str, tmp_path: Path
) -> None:
    """Otherwise a typing slip serves another model, or a traceback."""
    ended = run_app(tmp_path, "--model", model, **hub.environment)
    assert ended.returncode == 1
    assert expected in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("shell", "home"),
    [("ulimit -f 100;", "{folder}/hub"), ("", "/dev/null/hub")],
    ids=["full", "read-only"],
)
def test_a_cache_without_room_ends_the_app_with_a_sentence(
    published: dict[str, str], tmp_path: Path, shell: str, home: str
) -> None:
    """Otherwise a full disk looks like a broken network."""
    cache = home.format(folder=tmp_path)
    command = f'{shell} exec "{sys.executable}" "{ROOT}/app.py" --model tester/digits'
    ended = subprocess.run(
        ["bash", "-c", command],
        env={**os.environ, **published, "HF_HOME": cache, "HF_HUB_CACHE": f"{cache}/hub"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert "Make room there" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_taken_port_ends_the_app_with_a_sentence(tmp_path: Path) -> None:
    """Otherwise the second app of an afternoon dies in a traceback."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        ended = run_app(tmp_path, "--port", str(other.getsockname()[1]))
    assert ended.returncode == 1
    assert "port" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_share_without_a_network_says_so_and_serves_locally(tmp_path: Path) -> None:
    """Otherwise a classroom without a network has no page at all."""
    nowhere = {"https_proxy": f"http://127.0.0.1:{free_port()}", "no_proxy": "127.0.0.1"}
    with serve(tmp_path, "--share", **nowhere) as app:
        app.wait_for_log("No public link")
        assert urllib.request.urlopen(app.url).status == 200


def run_app(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run an app that is to end by itself."""
    return subprocess.run(
        [sys.executable, ROOT / "app.py", *arguments],
        env={**os.environ, **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
