"""What a crowd of bytes costs the app's memory."""

import base64
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from PIL import Image

from scripts.app_server import AppServer
from tests.support.attack import (
    API,
    call,
    forget_peak,
    memory_mb,
    open_raw,
    peak_mb,
    post_json,
    reading_event,
    upload,
)
from tests.support.files import encode
from tests.support.strokes import draw_digit

MOST_MB = 50
MB = 1024**2
SENT_MB = 200
ANSWERS = 60  # In a row: fewer than may wait.
BOUNDARY = "gap"
FORM = f"Content-Type: multipart/form-data; boundary={BOUNDARY}"


def part(name: str) -> bytes:
    """The head of a form's part."""
    return f"--{BOUNDARY}\r\nContent-Disposition: form-data; {name}\r\n\r\n".encode()


FILE, FIELD = part('name="files"; filename="a.png"'), part('name="field"')


@pytest.fixture(scope="module")
def warm(server: AppServer, seven: bytes) -> AppServer:
    """An app that has read some photos and drawings, in all its threads."""
    photo = upload(server, encode(Image.effect_noise((2000, 1500), 60), "JPEG"))
    drawing = f"data:image/png;base64,{base64.b64encode(seven).decode()}"
    for _ in range(8):
        call(server, [None, {"path": photo}])
        call(server, [drawing, None])
    return server


@pytest.fixture
def bounded(warm: AppServer) -> Iterator[AppServer]:
    """A warm app, which may not hold much more at any moment of the test, nor after it."""
    before = memory_mb(warm)
    forget_peak(warm)
    yield warm
    assert peak_mb(warm) - before < MOST_MB
    assert memory_mb(warm) - before < MOST_MB


def send(server: AppServer, path: str, kind: str, first: bytes, size_mb: float) -> socket.socket:
    """Send the beginning of a body without end, in chunks, as far as it is taken."""
    head = [
        f"POST {API}/{path} HTTP/1.1",
        "Host: localhost",
        "Transfer-Encoding: chunked",
        kind,
    ]
    connection = open_raw(server, head)
    connection.settimeout(1)
    chunk = b"a" * 65536
    with suppress(OSError):
        connection.sendall(f"{len(first):x}\r\n".encode() + first + b"\r\n")
        for _ in range(round(size_mb * MB / len(chunk))):
            connection.sendall(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
    return connection


BODIES: dict[str, Callable[[AppServer, float], socket.socket]] = {
    "json": lambda server, mb: send(
        server, "call/predict", "Content-Type: application/json", b'{"data": ["', mb
    ),
    "page's json": lambda server, mb: send(
        server, "queue/join", "Content-Type: application/json", b'{"data": ["', mb
    ),
    "file": lambda server, mb: send(server, "upload", FORM, FILE + b"\r\n", mb),
    "field": lambda server, mb: send(server, "upload", FORM, FIELD, mb),
    "header": lambda server, mb: send(server, "upload", FORM, FIELD[:20], mb),
    "blob": lambda server, mb: send(server, "component_server", FORM, FILE, mb),
    "recording": lambda server, mb: send(server, "process_recording", FORM, FILE, mb),
}


@pytest.mark.parametrize("kind", BODIES)
def test_one_huge_body_is_refused_while_it_arrives(bounded: AppServer, kind: str) -> None:
    """Otherwise it is in memory before it is refused."""
    with BODIES[kind](bounded, SENT_MB) as connection, suppress(ConnectionError, TimeoutError):
        assert connection.recv(100).split()[1] in (b"400", b"404", b"413")


@pytest.mark.parametrize("kind", BODIES)
def test_many_unfinished_bodies_take_little_memory(bounded: AppServer, kind: str) -> None:
    """Otherwise a crowd of slow visitors fills the memory; each stays just under its limit."""
    each = 3.5
    connections = [BODIES[kind](bounded, each) for _ in range(round(SENT_MB / each))]
    assert "Draw a digit" in call(bounded, [None, None])
    for connection in connections:
        connection.close()


def test_a_call_of_very_many_values_is_refused(bounded: AppServer) -> None:
    """Otherwise four megabytes of brackets become a hundred of objects."""
    for value in (b"[]", b"{}", b"0", b'""', b'{"a":[]}'):
        body = b'{"data": [' + b",".join([value] * 400_000) + b"]}"
        assert post_json(bounded, f"{API}/call/predict", body).status_code == 400


def test_answers_that_nobody_fetches_do_not_pile_up(warm: AppServer) -> None:
    """Otherwise asking without listening fills the memory; each answer here has 300 kB."""
    photo = Image.effect_noise((1000, 1000), 40).point(lambda grey: 255 - abs(grey - 128))
    photo.paste(draw_digit("7", 500, 40), (250, 250))
    path = upload(warm, encode(photo, "PNG"))
    data = [None, {"path": path}]
    event = reading_event(warm)
    held = []
    for _ in range(4):
        for number in range(ANSWERS):
            body: dict[str, Any] = {"data": data}
            if number % 2:
                page = {"fn_index": event, "session_hash": f"s{number % 9}"}
                asked = post_json(warm, f"{API}/queue/join", body | page)
            else:
                asked = post_json(warm, f"{API}/call/predict", body)
            assert asked.is_success
        assert len(call(warm, data)) > 250_000  # Answered after all the others.
        held.append(memory_mb(warm))
    assert held[3] - held[2] < ANSWERS * 0.3 * 0.8, held  # As many as are kept came before.


def test_who_listens_and_takes_nothing_cannot_fill_the_memory(warm: AppServer) -> None:
    """Otherwise a crowd that never reads its answers is kept them all."""
    photo = Image.effect_noise((700, 700), 40).point(lambda grey: 255 - abs(grey - 128))
    photo.paste(draw_digit("7", 400, 40), (150, 150))
    path = upload(warm, encode(photo, "PNG"))
    before = memory_mb(warm)
    deaf = []
    for _ in range(3):
        for _ in range(ANSWERS):
            body = {"data": [None, {"path": path}]}
            event = post_json(warm, f"{API}/call/predict", body).json()["event_id"]
            head = [f"GET {API}/call/predict/{event} HTTP/1.1", "Host: localhost"]
            deaf.append(open_raw(warm, head, receive_buffer=4096))
        assert "This looks like a 7." in call(warm, [None, {"path": path}])
    assert memory_mb(warm) - before < MOST_MB
    for connection in deaf:
        connection.close()
