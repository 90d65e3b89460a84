"""A Hugging Face Hub on the loopback, for the real client to push to and pull from.

By hand: python -m tests.support.hub_server --port 8800
"""

import argparse
import base64
import contextlib
import hashlib
import json
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

from tests.support.hub_repository import (
    LFS_SUFFIXES,
    Answer,
    Files,
    Half,
    RefusedError,
    Repository,
    oid,
)

TOKEN = "hf_loopback"
USER = "tester"


def to_json(value: object) -> Answer:
    """An answer in JSON."""
    return Answer(json.dumps(value).encode(), headers={"Content-Type": "application/json"})


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
        self.repositories: dict[str, Repository] = {}
        self.requests: list[str] = []
        self.fault: Answer | None = None
        self.faulty = ""
        self._last: float = math.inf  # Of the requests that are answered.
        self._lfs: Files = {}
        # Bound and never listening, it keeps the port from others while the Hub is stopped.
        self._claim = socket.socket()
        self._claim.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._claim.bind(("127.0.0.1", port))
        self.url = "http://{}:{}".format(*self._claim.getsockname())
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
                        parts["repository"] = self._open(parts.pop("name"), token)
                    return action(self, body, **parts)
                except RefusedError as refusal:
                    return refusal.answer
        return RefusedError(404, f"No such page: {method} {path}").answer

    def _open(self, name: str, token: str | None) -> Repository:
        repository = self.repositories.get(name)
        if repository is None or (repository.private and token != TOKEN):
            # The real Hub tells strangers no difference between absent and private.
            raise RefusedError(404 if token else 401, "Repository not found", "RepoNotFound")
        return repository

    def create(self, body: bytes) -> Answer:
        """Make a repository, with a first commit as the Hub does."""
        asked = json.loads(body)
        name = f"{asked['organization'] or USER}/{asked['name']}"
        if asked.get("type") == "space":
            name = f"spaces/{name}"
        answer = to_json({"url": f"{self.url}/{name}", "error": "You already created this"})
        if name in self.repositories:
            return answer._replace(status=409)
        self.repositories[name] = Repository(name, asked.get("visibility") == "private")
        self.repositories[name].commit({".gitattributes": b""}, "initial commit")
        return answer

    def validate(self, body: bytes) -> Answer:
        """Accept a model card."""
        del body
        return to_json({"errors": [], "warnings": []})

    def info(self, body: bytes, repository: Repository, revision: str = "main") -> Answer:
        """Describe a repository at a revision."""
        del body
        sha = repository.resolve(revision)
        files = [
            {"rfilename": path, "size": len(content)}
            for path, content in repository.commits[sha].items()
        ]
        return to_json(
            {
                "id": repository.name.removeprefix("spaces/"),
                "sha": sha,
                "private": repository.private,
                "tags": [],
                "siblings": files,
            }
        )

    def references(self, body: bytes, repository: Repository) -> Answer:
        """List branches and tags."""
        del body
        kinds = {"branches": ("heads", repository.branches), "tags": ("tags", repository.tags)}
        listed = {
            kind: [
                {"name": name, "ref": f"refs/{place}/{name}", "targetCommit": sha}
                for name, sha in names.items()
            ]
            for kind, (place, names) in kinds.items()
        }
        return to_json(listed | {"converts": []})

    def history(self, body: bytes, repository: Repository, revision: str) -> Answer:
        """List commits, the newest first."""
        del body
        listed = []
        for sha in repository.history(revision):
            title, _, message = repository.messages[sha].partition("\n\n")
            listed.append({"id": sha, "title": title, "message": message, "authors": []})
        return to_json([item | {"date": "2026-01-01T00:00:00.000Z"} for item in listed])

    def tree(self, body: bytes, repository: Repository, revision: str) -> Answer:
        """List the files at a revision."""
        del body
        listed = []
        for path, content in repository.commits[repository.resolve(revision)].items():
            entry = {"type": "file", "path": path, "size": len(content), "oid": oid(path, content)}
            if path.endswith(LFS_SUFFIXES):
                entry["lfs"] = {"size": len(content), "oid": entry["oid"], "pointerSize": 128}
            listed.append(entry)
        return to_json(listed)

    def preupload(self, body: bytes, repository: Repository, revision: str) -> Answer:
        """Say which files go by LFS, and what is there already."""
        there = repository.commits[repository.resolve(revision)]
        files = [
            {
                "path": file["path"],
                "uploadMode": "lfs" if file["path"].endswith(LFS_SUFFIXES) else "regular",
                "shouldIgnore": False,
                "oid": oid(file["path"], there[file["path"]]) if file["path"] in there else None,
            }
            for file in json.loads(body)["files"]
        ]
        return to_json({"files": files})

    def lfs_batch(self, body: bytes, repository: Repository) -> Answer:
        """Say where to upload large files to."""
        del repository
        objects = json.loads(body)["objects"]
        for item in objects:
            if item["oid"] not in self._lfs:
                item["actions"] = {
                    "upload": {"href": f"{self.url}/lfs/{item['oid']}?signature={TOKEN}"},
                    "verify": {"href": f"{self.url}/lfs/verify"},
                }
        return to_json({"transfer": "basic", "objects": objects})

    def lfs_upload(self, body: bytes, sha256: str) -> Answer:
        """Store a large file."""
        if hashlib.sha256(body).hexdigest() != sha256:
            raise RefusedError(400, "The content does not match its SHA-256")
        self._lfs[sha256] = body
        return Answer(b"")

    def lfs_verify(self, body: bytes) -> Answer:
        """Confirm an upload."""
        asked = json.loads(body)
        if len(self._lfs.get(asked["oid"], b"")) != asked["size"]:
            raise RefusedError(404, "No such upload")
        return Answer(b"")

    def commit(self, body: bytes, repository: Repository, revision: str) -> Answer:
        """Make a commit from operations, one JSON object a line."""
        files = dict(repository.commits[repository.resolve(revision)])
        message = ""
        for line in body.splitlines():
            key, value = json.loads(line).values()
            if key == "header":
                message = "\n\n".join(filter(None, (value["summary"], value["description"])))
                if value.get("parentCommit") not in (None, repository.branches.get(revision)):
                    raise RefusedError(412, "A commit has happened since. Please refresh.")
            elif key == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif key == "lfsFile" and value["oid"] in self._lfs:
                files[value["path"]] = self._lfs[value["oid"]]
            elif key == "deletedFile" and value["path"] in files:
                del files[value["path"]]
            else:
                raise RefusedError(400, f"Cannot commit {line!r}")
        sha = repository.commit(files, message, revision)
        return to_json(
            {"commitUrl": f"{self.url}/{repository.name}/commit/{sha}", "commitOid": sha}
        )

    def branch(self, body: bytes, repository: Repository, branch: str) -> Answer:
        """Begin a branch."""
        if branch in repository.branches:
            raise RefusedError(409, f"Branch {branch} exists")
        start = json.loads(body).get("startingPoint", "main")
        repository.branches[branch] = repository.resolve(start)
        return Answer(b"")

    def tag(self, body: bytes, repository: Repository, revision: str) -> Answer:
        """Name a commit."""
        tag = json.loads(body)["tag"]
        if tag in repository.tags:
            raise RefusedError(409, f"Tag {tag} exists")
        if not re.fullmatch(r"[\w][\w.-]*", tag):
            raise RefusedError(400, f"Invalid tag {tag}")
        repository.tags[tag] = repository.resolve(revision)
        return Answer(b"")

    def resolve(self, body: bytes, repository: Repository, revision: str, path: str) -> Answer:
        """Send a file."""
        del body
        sha = repository.resolve(revision)
        if path not in repository.commits[sha]:
            raise RefusedError(404, f"{path} does not exist", "EntryNotFound")
        content = repository.commits[sha][path]
        headers = {"X-Repo-Commit": sha, "ETag": f'"{oid(path, content)}"'}
        if path.endswith(LFS_SUFFIXES):
            headers |= {"X-Linked-ETag": headers["ETag"], "X-Linked-Size": str(len(content))}
        return Answer(content, headers=headers)

    def variables(self, body: bytes, repository: Repository) -> Answer:
        """Set a Space's variable, if one is sent, and list them."""
        if body:
            asked = json.loads(body)
            repository.variables[asked["key"]] = asked["value"]
        return to_json({key: {"value": value} for key, value in repository.variables.items()})


NAME = r"(?P<name>[^/]+/[^/]+)"
REVISION = r"(?P<revision>[^/]+)"
ROUTES: list[tuple[str, Callable[..., Answer], tuple[str, ...]]] = [
    (r"/api/repos/create", HubServer.create, ("POST",)),
    (r"/api/validate-yaml", HubServer.validate, ("POST",)),
    (rf"/api/models/{NAME}", HubServer.info, ("GET",)),
    (rf"/api/models/{NAME}/revision/{REVISION}", HubServer.info, ("GET",)),
    (rf"/api/models/{NAME}/refs", HubServer.references, ("GET",)),
    (rf"/api/models/{NAME}/commits/{REVISION}", HubServer.history, ("GET",)),
    (rf"/api/models/{NAME}/branch/(?P<branch>[^/]+)", HubServer.branch, ("POST",)),
    (rf"/api/models/{NAME}/tree/{REVISION}", HubServer.tree, ("GET",)),
    (rf"/api/models/{NAME}/preupload/{REVISION}", HubServer.preupload, ("POST",)),
    (rf"/{NAME}\.git/info/lfs/objects/batch", HubServer.lfs_batch, ("POST",)),
    (r"/lfs/verify", HubServer.lfs_verify, ("POST",)),
    (r"/lfs/(?P<sha256>[0-9a-f]{64})", HubServer.lfs_upload, ("PUT",)),
    (rf"/api/models/{NAME}/commit/{REVISION}", HubServer.commit, ("POST",)),
    (rf"/api/models/{NAME}/tag/{REVISION}", HubServer.tag, ("POST",)),
    (rf"/{NAME}/resolve/{REVISION}/(?P<path>.+)", HubServer.resolve, ("GET", "HEAD")),
]
SPACE = r"(?P<name>spaces/[^/]+/[^/]+)"
ROUTES += [
    (pattern.replace("models/", "").replace(NAME, SPACE), action, methods)
    for pattern, action, methods in ROUTES
    if NAME in pattern
]
ROUTES.append((rf"/api/{SPACE}/variables", HubServer.variables, ("GET", "POST")))


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
