"""The app as programs see it: its endpoint, its command line, its start."""

import base64
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from digit_model.hub import push
from digit_model.reader import EMBEDDED_WEIGHTS
from scripts.app_server import ROOT, AppServer, free_port, serve
from scripts.benchmark import APPS
from tests.support.bad_files import damaged_files
from tests.support.hub_server import HubServer
from tests.support.strokes import draw_digit

START_RATIO = 1.5


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """The app with the embedded model."""
    with serve(tmp_path_factory.mktemp("app")) as running:
        yield running


@pytest.fixture(scope="module")
def client(server: AppServer) -> Client:
    """A program that calls the app."""
    return Client(server.url, verbose=False)


@pytest.fixture
def seven(tmp_path: Path) -> Any:
    """A picture of a 7, as a client sends it."""
    draw_digit("7").save(tmp_path / "seven.png")
    return handle_file(tmp_path / "seven.png")


def test_predict_is_the_only_public_endpoint_and_says_what_it_does(client: Client) -> None:
    """Otherwise "Use via API" shows the page's inner workings, or nothing."""
    endpoints = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert list(endpoints) == ["/predict"]
    assert "Read handwritten digits, numbers or pages" in endpoints["/predict"]["description"]


def open_data_url(url: str) -> Image.Image:
    """The picture that it holds."""
    return Image.open(io.BytesIO(base64.b64decode(url.partition(";base64,")[2])))


def test_either_input_alone_is_read(client: Client, seven: Any) -> None:
    """Otherwise callers must send a picture they do not have."""
    uploaded = client.predict(upload=seven, api_name="/predict")
    drawn = client.predict(sketchpad={"composite": seven}, api_name="/predict")
    for sentence, label, marked, frame in (uploaded, drawn):
        assert sentence == "This looks like a 7."
        assert label["label"] == "7"
        assert len(label["confidences"]) == 10
        assert open_data_url(marked).size == (280, 280)
        assert open_data_url(frame).size == (28, 28)


def test_no_input_gets_a_hint(client: Client) -> None:
    """Otherwise an empty call is an error."""
    sentence, label, marked, frame = client.predict(api_name="/predict")
    assert sentence.startswith("Draw a digit")
    assert not label
    assert marked is frame is None


def test_a_number_comes_back_with_its_probability(client: Client, tmp_path: Path) -> None:
    """Otherwise a program must put the digits together itself."""
    digits = [np.asarray(draw_digit(label)) for label in "203"]
    Image.fromarray(np.concatenate(digits, axis=1)).save(tmp_path / "number.png")
    sentence, label, _, frames = client.predict(
        upload=handle_file(tmp_path / "number.png"), api_name="/predict"
    )
    assert sentence == "This looks like 203."
    assert label["label"] == "203"
    assert 0.5 < label["confidences"][0]["confidence"] <= 1
    assert open_data_url(frames).size == (3 * 28, 28)


def test_a_data_url_is_read_as_a_file_is(client: Client, tmp_path: Path) -> None:
    """Otherwise a web page that sends its canvas is told that it is blank."""
    draw_digit("7").save(tmp_path / "seven.png")
    picture = base64.b64encode((tmp_path / "seven.png").read_bytes()).decode()
    upload = {"url": f"data:image/png;base64,{picture}", "meta": {"_type": "gradio.FileData"}}
    assert client.predict(upload=upload, api_name="/predict")[0] == "This looks like a 7."


@pytest.mark.parametrize("kind", ["upload", "sketchpad"])
@pytest.mark.parametrize("name", damaged_files())
def test_a_damaged_file_is_explained_and_the_app_serves_on(
    client: Client, seven: Any, tmp_path: Path, name: str, kind: str
) -> None:
    """Otherwise callers see "None" or a server's path for an error, or the app is gone."""
    (tmp_path / "file.png").write_bytes(damaged_files()[name])
    damaged = handle_file(tmp_path / "file.png")
    picture = {"composite": damaged} if kind == "sketchpad" else damaged
    with pytest.raises(AppError, match=r"^Expected (?!.*/)"):
        client.predict(**{kind: picture}, api_name="/predict")
    assert client.predict(upload=seven, api_name="/predict")[0] == "This looks like a 7."


def test_a_dot_of_a_picture_gets_a_hint(client: Client, tmp_path: Path) -> None:
    """Otherwise a 1x1 picture ends in a traceback."""
    Image.new("L", (1, 1)).save(tmp_path / "dot.png")
    dot = handle_file(tmp_path / "dot.png")
    assert client.predict(upload=dot, api_name="/predict")[0].startswith("Nothing dark")


def test_a_malformed_drawing_is_explained(client: Client) -> None:
    """Otherwise a caller's slip looks like a fault of the app."""
    with pytest.raises(AppError, match="Expected an uploaded picture, or a data URL"):
        client.predict(sketchpad={"composite": "seven"}, api_name="/predict")


def test_the_embedded_model_is_served_without_what_training_needs(
    client: Client, server: AppServer
) -> None:
    """Otherwise the first answer takes seconds and half a gigabyte more."""
    client.predict(api_name="/predict")
    libraries = Path(f"/proc/{server.process.pid}/maps").read_text()
    assert "site-packages/ai_edge_litert/" in libraries
    assert "site-packages/tensorflow/" not in libraries


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


def test_a_taken_port_ends_the_app_with_a_sentence(server: AppServer, tmp_path: Path) -> None:
    """Otherwise the second app of an afternoon dies in a traceback."""
    ended = run_app(tmp_path, "--port", server.url.rsplit(":", 1)[1])
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
