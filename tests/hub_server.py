"""A Hugging Face Hub on the loopback, for the real client to push to and pull from.

By hand: python -m tests.hub_server --port 8800
"""

import argparse
import base64
import contextlib
import hashlib
import json
import re
import secrets
import socket
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

TOKEN = "hf_loopback"
USER = "tester"
LFS_SUFFIXES = (".keras", ".tflite", ".png")

Files = dict[str, bytes]


class Answer(NamedTuple):
    """What the server says to a request."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = MappingProxyType({})


class RefusedError(Exception):
    """A request that the Hub turns down, in the Hub's own terms."""

    def __init__(self, status: int, message: str, code: str = "") -> None:
        super().__init__(message)
        headers = {"X-Error-Message": message} | ({"X-Error-Code": code} if code else {})
        self.answer = Answer(json.dumps({"error": message}).encode(), status, headers)


@dataclass
class Repository:
    """A model repository: its commits, and the names that point to them."""

    name: str
    private: bool
    commits: dict[str, Files] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    def commit(self, files: Files, message: str) -> str:
        """Make `files` the newest commit of main; returns its hash."""
        sha = secrets.token_hex(20)
        self.commits[sha] = files
        self.messages.append(message)
        self.branches["main"] = sha
        return sha

    def resolve(self, revision: str) -> str:
        """The hash of the commit that a tag, branch or hash names."""
        sha = self.tags.get(revision) or self.branches.get(revision) or revision
        if sha not in self.commits:
            raise RefusedError(404, f"Invalid rev id: {revision}", "RevisionNotFound")
        return sha


def to_json(value: object) -> Answer:
    """An answer in JSON."""
    return Answer(json.dumps(value).encode(), headers={"Content-Type": "application/json"})


def oid(path: str, content: bytes) -> str:
    """What the Hub identifies a file's content by: SHA-256 for LFS, git's SHA-1 otherwise."""
    if path.endswith(LFS_SUFFIXES):
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class HubServer:
    """The Hub.

    Attributes:
        url: its address, kept over `stop` and `start`.
        environment: what a process needs in its environment, before it imports
            huggingface_hub, to use this Hub with a cache of its own.
        repositories: "user/name" -> what it holds.
        requests: "METHOD path" of every request so far.
        fault: an answer given to every request in place of the right one.
    """

    def __init__(self, port: int = 0) -> None:
        self.repositories: dict[str, Repository] = {}
        self.requests: list[str] = []
        self.fault: Answer | None = None
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

    def answer(self, method: str, path: str, body: bytes, token: str | None) -> Answer:
        """Answer one request."""
        self.requests.append(f"{method} {path}")
        # Data sets are kept as models are.
        path = path.replace("/api/datasets/", "/api/models/").removeprefix("/datasets")
        if self.fault:
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
        files = [{"rfilename": path} for path in repository.commits[sha]]
        return to_json(
            {
                "id": repository.name,
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
                message = value["summary"]
            elif key == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif key == "lfsFile" and value["oid"] in self._lfs:
                files[value["path"]] = self._lfs[value["oid"]]
            elif key == "deletedFile" and value["path"] in files:
                del files[value["path"]]
            else:
                raise RefusedError(400, f"Cannot commit {line!r}")
        sha = repository.commit(files, message)
        return to_json(
            {"commitUrl": f"{self.url}/{repository.name}/commit/{sha}", "commitOid": sha}
        )

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


NAME = r"(?P<name>[^/]+/[^/]+)"
REVISION = r"(?P<revision>[^/]+)"
ROUTES: list[tuple[str, Callable[..., Answer], tuple[str, ...]]] = [
    (r"/api/repos/create", HubServer.create, ("POST",)),
    (r"/api/validate-yaml", HubServer.validate, ("POST",)),
    (rf"/api/models/{NAME}", HubServer.info, ("GET",)),
    (rf"/api/models/{NAME}/revision/{REVISION}", HubServer.info, ("GET",)),
    (rf"/api/models/{NAME}/refs", HubServer.references, ("GET",)),
    (rf"/api/models/{NAME}/tree/{REVISION}", HubServer.tree, ("GET",)),
    (rf"/api/models/{NAME}/preupload/{REVISION}", HubServer.preupload, ("POST",)),
    (rf"/{NAME}\.git/info/lfs/objects/batch", HubServer.lfs_batch, ("POST",)),
    (r"/lfs/verify", HubServer.lfs_verify, ("POST",)),
    (r"/lfs/(?P<sha256>[0-9a-f]{64})", HubServer.lfs_upload, ("PUT",)),
    (rf"/api/models/{NAME}/commit/{REVISION}", HubServer.commit, ("POST",)),
    (rf"/api/models/{NAME}/tag/{REVISION}", HubServer.tag, ("POST",)),
    (rf"/{NAME}/resolve/{REVISION}/(?P<path>.+)", HubServer.resolve, ("GET", "HEAD")),
]


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
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

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
