"""A repository of the Hub on the loopback: commits, branches, tags, and what it refuses."""

import hashlib
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from threading import Event
from types import MappingProxyType
from typing import NamedTuple

LFS_SUFFIXES = (".keras", ".tflite", ".png")

Files = dict[str, bytes]


class Answer(NamedTuple):
    """What the server says to a request."""

    body: bytes | Iterable[bytes]  # Of unsaid length, if in parts.
    status: int = 200
    headers: Mapping[str, str] = MappingProxyType({})


class Half:
    """The body of an answer that stops halfway, until it is said to be over.

    Attributes:
        sent: set when somebody waits for the other half.
        over: to be set.
    """

    def __init__(self) -> None:
        self.sent, self.over = Event(), Event()

    def __iter__(self) -> Iterator[bytes]:
        """Send the first half."""
        yield b"half"
        self.sent.set()
        self.over.wait()


class RefusedError(Exception):
    """A request that the Hub turns down, in the Hub's own terms."""

    def __init__(self, status: int, message: str, code: str = "") -> None:
        super().__init__(message)
        headers = {"X-Error-Message": message} | ({"X-Error-Code": code} if code else {})
        self.answer = Answer(json.dumps({"error": message}).encode(), status, headers)


@dataclass
class Repository:
    """A repository of a model or a Space: its commits, and the names that point to them."""

    name: str
    private: bool
    commits: dict[str, Files] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)
    parents: dict[str, str | None] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)  # Of a Space.

    def commit(self, files: Files, message: str, branch: str = "main") -> str:
        """Make `files` the newest commit of a branch; returns its hash."""
        sha = secrets.token_hex(20)
        self.commits[sha] = files
        self.messages[sha] = message
        self.parents[sha] = self.branches.get(branch)
        self.branches[branch] = sha
        return sha

    def history(self, revision: str) -> list[str]:
        """Hashes of a commit and those before it, the newest first."""
        sha: str | None = self.resolve(revision)
        hashes = []
        while sha:
            hashes.append(sha)
            sha = self.parents[sha]
        return hashes

    def resolve(self, revision: str) -> str:
        """The hash of the commit that a tag, branch or hash names."""
        sha = self.tags.get(revision) or self.branches.get(revision) or revision
        if sha not in self.commits:
            raise RefusedError(404, f"Invalid rev id: {revision}", "RevisionNotFound")
        return sha


def oid(path: str, content: bytes) -> str:
    """What the Hub identifies a file's content by: SHA-256 for LFS, git's SHA-1 otherwise."""
    if path.endswith(LFS_SUFFIXES):
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
