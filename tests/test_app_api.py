"""The app as programs see it: its endpoint."""

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from scripts.app_server import AppServer, serve
from tests.support.bad_files import damaged_files
from tests.support.strokes import draw_digit


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
