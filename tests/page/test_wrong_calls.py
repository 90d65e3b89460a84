"""What is said to wrong calls, and to those that are broken off."""

from typing import Any

import pytest

from scripts.app_server import AppServer
from tests.support.attack import API, call, client, open_raw, post_json

WRONG_CALLS: list[Any] = [
    b"",
    b"seven",
    b"\xff\xfe",
    b"[]",
    b"{}",
    b"7",
    b'{"data": null}',
    b'{"data": {}}',
    b'{"data": []}',
    b'{"data": [1]}',
    b'{"data": [null, null, null]}',
    b'{"data": [null, null], "session_hash": 7}',
    b'{"data": [null, null], "session_hash": "../x"}',
    b'{"data": [null, null], "fn_index": "x"}',
    b'{"data": [null, null], "fn_index": 1e99}',
    b'{"data": [null, null], "fn_index": -1}',
    b'{"data": [null, null], "fn_index": 99999}',
    b'{"data": [null, null], "fn_index": true}',
    b'{"data": [null, null], "event_id": "x"}',
    b'{"data": [null, null], "simple_format": true}',
    b'{"data": [null, null], "batched": true}',
    b'{"data": [null, null], "oauth_token": "x"}',
    b'{"data": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    b'{"data": [' + b"{}," * 100_000 + b"{}]}",
    b'{"data": [' + b"1" * 10_000 + b", null]}",
]


@pytest.mark.parametrize("body", WRONG_CALLS, ids=lambda body: repr(body[:50]))
def test_a_wrong_call_is_refused_with_a_sentence(server: AppServer, body: bytes) -> None:
    """Otherwise a program's slip is a riddle, and the log is full of tracebacks."""
    for path in ("call/predict", "queue/join"):
        answer = post_json(server, f"{API}/{path}", body)
        if answer.is_success:  # A field of the page's own form, which the endpoint ignores.
            assert path == "call/predict"
            continue
        assert 400 <= answer.status_code < 500
        assert "Expected" in answer.json()["detail"]


@pytest.mark.parametrize(
    "value",
    [1, 1.5, True, [], [1], {}, "seven", {"path": 7}, {"url": 7}, {"composite": 7}, [[None]]],
)
def test_an_input_of_a_wrong_type_is_explained(server: AppServer, value: Any) -> None:
    """Otherwise a caller's slip looks like a fault of the app."""
    for data in ([value, None], [None, value]):
        assert "Expected" in call(server, data)


@pytest.mark.parametrize(
    "path",
    [
        "call/predict/abc",
        "call/predict/" + "a" * 3000,
        "queue/data?session_hash=abc",
        "queue/data?session_hash=",
        "queue/data?session_hash=a&session_hash=b",
        "queue/data",
    ],
)
def test_an_unknown_id_is_refused_with_a_sentence(server: AppServer, path: str) -> None:
    """Otherwise the log has a traceback for each, and the caller waits."""
    with client(server) as http:
        answer = http.get(f"{API}/{path}")
    assert answer.status_code == 404
    assert "Expected" in answer.json()["detail"]


def test_an_answer_is_fetched_once(server: AppServer) -> None:
    """Otherwise a program that asks twice waits without end, or sees another's answer."""
    event = post_json(server, f"{API}/call/predict", {"data": [None, None]}).json()["event_id"]
    with client(server) as http:
        assert "Draw a digit" in http.get(f"{API}/call/predict/{event}").text
        assert http.get(f"{API}/call/predict/{event}").status_code == 404


def test_a_dropped_connection_leaves_no_trace(server: AppServer) -> None:
    """Otherwise each impatient visitor is a traceback in the log."""
    for _ in range(5):
        event = post_json(server, f"{API}/call/predict", {"data": [None, None]}).json()["event_id"]
        open_raw(server, [f"GET {API}/call/predict/{event} HTTP/1.1", "Host: localhost"]).close()
        open_raw(server, [f"POST {API}/call/predict HTTP/1.1", "Host: localhost"]).close()
        head = [f"POST {API}/call/predict HTTP/1.1", "Host: localhost", "Content-Length: 99"]
        open_raw(server, head, b'{"data": [').close()
    assert "Draw a digit" in call(server, [None, None])
