"""A Hugging Face Hub on the loopback, for the real client to push to and pull from.

By hand: python -m tests.support.hub_server --port 8800
"""

import argparse
import contextlib
import math
import re
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.support.hub_actions import TOKEN, HubActions
from tests.support.hub_repository import Answer, Half, RefusedError


class HubServer:
    """The Hub.

    Attributes:
        url: its address, kept over `stop` and `start`.
        environment: what a process needs in its environment, before it imports
            huggingface_hub, to use this Hub with a cache of its own.
        repositories: "user/name", or "spaces/user/name" -> what it holds.
        requests: "METHOD path" of every request so far.
        fault: an answer given in place of the right one, to every request, or
            where `faulty`, a pattern of "METHOD path", is found.
    """

    def __init__(self, port: int = 0) -> None:
        self.requests: list[str] = []
        self.fault: Answer | None = None
        self.faulty = ""
        self._last: float = math.inf  # Of the requests that are answered.
        # Bound and never listening, it keeps the port from others while the Hub is stopped.
        self._claim = socket.socket()
        self._claim.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._claim.bind(("127.0.0.1", port))
        self.url = "http://{}:{}".format(*self._claim.getsockname())
        self._actions = HubActions(self.url)
        self.repositories = self._actions.repositories
        self._home = tempfile.TemporaryDirectory(prefix="hub-")
        self.environment = {
            "HF_ENDPOINT": self.url,
            "HF_HOME": self._home.name,
            "HF_TOKEN": TOKEN,
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        }

    def start(self) -> None:
        """Answer requests, in the background."""
        self._server = ThreadingHTTPServer(self._claim.getsockname(), partial(_Handler, self))
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Refuse connections from now on; what was pushed is kept."""
        self._server.shutdown()
        self._server.server_close()

    @contextlib.contextmanager
    def unplugged(self) -> Iterator[None]:
        """While this lasts, the Hub is down."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    @contextlib.contextmanager
    def cut_off(self, after: int) -> Iterator[None]:
        """While this lasts, so many requests are answered, and the others refused."""
        self._last = len(self.requests) + after
        try:
            yield
        finally:
            self._last = math.inf

    @contextlib.contextmanager
    def holding(self, request: str) -> Iterator[threading.Event]:
        """While this lasts, requests of this pattern get half an answer; set once one has."""
        half = Half()
        self.fault, self.faulty = Answer(half), request
        try:
            yield half.sent
        finally:
            self.fault, self.faulty = None, ""
            half.over.set()

    def answer(self, method: str, path: str, body: bytes, token: str | None) -> Answer:
        """Answer one request."""
        self.requests.append(f"{method} {path}")
        if len(self.requests) > self._last:
            return Answer(b"", 403)
        # Data sets are kept as models are.
        path = path.replace("/api/datasets/", "/api/models/").removeprefix("/datasets")
        if self.fault and re.search(self.faulty, self.requests[-1]):
            return self.fault
        for pattern, action, methods in ROUTES:
            match = re.fullmatch(pattern, path)
            if match and method in methods:
                parts: dict[str, Any] = {
                    name: unquote(part) for name, part in match.groupdict().items()
                }
                writing = method in ("POST", "PUT")
                try:
                    if writing and token != TOKEN:
                        raise RefusedError(401, "Invalid username or password.")
                    if "name" in parts:
                        parts["repository"] = self._actions.open(parts.pop("name"), token)
                    return action(self._actions, body, **parts)
                except RefusedError as refusal:
                    return refusal.answer
        return RefusedError(404, f"No such page: {method} {path}").answer


NAME = r"(?P<name>[^/]+/[^/]+)"
REVISION = r"(?P<revision>[^/]+)"
ROUTES: list[tuple[str, Callable[..., Answer], tuple[str, ...]]] = [
    (r"/api/repos/create", HubActions.create, ("POST",)),
    (r"/api/validate-yaml", HubActions.validate, ("POST",)),
    (rf"/api/models/{NAME}", HubActions.info, ("GET",)),
    (rf"/api/models/{NAME}/revision/{REVISION}", HubActions.info, ("GET",)),
    (rf"/api/models/{NAME}/refs", HubActions.references, ("GET",)),
    (rf"/api/models/{NAME}/commits/{REVISION}", HubActions.history, ("GET",)),
    (rf"/api/models/{NAME}/branch/(?P<branch>[^/]+)", HubActions.branch, ("POST",)),
    (rf"/api/models/{NAME}/tree/{REVISION}", HubActions.tree, ("GET",)),
    (rf"/api/models/{NAME}/preupload/{REVISION}", HubActions.preupload, ("POST",)),
    (rf"/{NAME}\.git/info/lfs/objects/batch", HubActions.lfs_batch, ("POST",)),
    (r"/lfs/verify", HubActions.lfs_verify, ("POST",)),
    (r"/lfs/(?P<sha256>[0-9a-f]{64})", HubActions.lfs_upload, ("PUT",)),
    (rf"/api/models/{NAME}/commit/{REVISION}", HubActions.commit, ("POST",)),
    (rf"/api/models/{NAME}/tag/{REVISION}", HubActions.tag, ("POST",)),
    (rf"/{NAME}/resolve/{REVISION}/(?P<path>.+)", HubActions.resolve, ("GET", "HEAD")),
]
SPACE = r"(?P<name>spaces/[^/]+/[^/]+)"
ROUTES += [
    (pattern.replace("models/", "").replace(NAME, SPACE), action, methods)
    for pattern, action, methods in ROUTES
    if NAME in pattern
]
ROUTES.append((rf"/api/{SPACE}/variables", HubActions.variables, ("GET", "POST")))


class _Handler(BaseHTTPRequestHandler):
    """HTTP in and out of `HubServer.answer`."""

    def __init__(self, hub: HubServer, *arguments: Any) -> None:
        self._hub = hub
        super().__init__(*arguments)

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        address = urlsplit(self.path)
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ") or None
        if address.query.startswith("signature="):
            token = address.query.removeprefix("signature=")
        answer = self._hub.answer(self.command, address.path, body, token)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        parts = [answer.body] if isinstance(answer.body, bytes) else answer.body
        if isinstance(answer.body, bytes):
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            with contextlib.suppress(OSError):  # Whoever asked has heard enough.
                self.wfile.writelines(parts)

    do_GET = do_HEAD = do_POST = do_PUT = _serve  # noqa: N815

    def log_message(self, *_: Any) -> None:
        """Keep the tests' output clean; `HubServer.requests` is the log."""


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8800)
    hub = HubServer(parser.parse_args().port)
    hub.start()
    print("Ready. To use it, from another terminal (stop with Ctrl+C):")
    for name, value in hub.environment.items():
        print(f"export {name}={value}")
    with contextlib.suppress(KeyboardInterrupt):
        threading.Event().wait()
