"""A program that attacks a running app over HTTP."""

import json
import os
import signal
import socket
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx2

from scripts.app_server import AppServer

API = "/gradio_api"
META = {"_type": "gradio.FileData"}
TIMEOUT_SECONDS = 30.0


def client(server: AppServer) -> httpx2.Client:
    """A connection to an app."""
    # Without certificates, which take longer to load than most calls.
    return httpx2.Client(base_url=server.url, timeout=TIMEOUT_SECONDS, verify=False)


def post_json(server: AppServer, path: str, body: Any) -> httpx2.Response:
    """Send JSON, or bytes in place of JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    with client(server) as http:
        return http.post(path, content=content, headers={"content-type": "application/json"})


def call(server: AppServer, data: Any) -> str:
    """Call the public endpoint, and return all that is said to it."""
    joined = post_json(server, f"{API}/call/predict", {"data": data})
    if joined.is_error:
        return joined.text
    with client(server) as http:
        return http.get(f"{API}/call/predict/{joined.json()['event_id']}").text


def upload(server: AppServer, content: bytes, name: str = "picture.png") -> str:
    """Upload a file; its path at the server."""
    with client(server) as http:
        answer = http.post(f"{API}/upload", files={"files": (name, content)})
    path: str = answer.raise_for_status().json()[0]
    return path


def reading_event(server: AppServer) -> int:
    """The number of the page's own event that reads what was drawn or uploaded."""
    with client(server) as http:
        events = http.get("/config").json()["dependencies"]
    number: int = next(
        event["id"] for event in events if len(event["inputs"]) == len(event["targets"]) == 2
    )
    return number


def memory_mb(server: AppServer) -> float:
    """What the app's process holds now (Linux)."""
    return int(server.status()["VmRSS"].split()[0]) / 1024


def peak_mb(server: AppServer) -> float:
    """The most that the app's process has held since `forget_peak` (Linux)."""
    return int(server.status()["VmHWM"].split()[0]) / 1024


def forget_peak(server: AppServer) -> None:
    """Let the measure of the peak begin anew."""
    Path(f"/proc/{server.process.pid}/clear_refs").write_text("5")


def open_raw(
    server: AppServer, head: Iterable[str], body: bytes = b"", receive_buffer: int = 0
) -> socket.socket:
    """A connection that sends these lines and a body, and stays open.

    Args:
        server: whom it talks to.
        head: the lines of the request's head.
        body: what follows.
        receive_buffer: bytes that this side takes without reading; 0 for the system's choice.
    """
    host, port = server.url.removeprefix("http://").split(":")
    connection = socket.socket()
    connection.settimeout(TIMEOUT_SECONDS)
    if receive_buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connection.connect((host, int(port)))
    connection.sendall("\r\n".join([*head, "", ""]).encode() + body)
    return connection


def stop_hard(server: AppServer) -> None:
    """Kill -9."""
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
