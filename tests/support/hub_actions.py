"""What the Hub on the loopback does and says, action by action."""

import base64
import hashlib
import json
import re

from tests.support.hub_repository import LFS_SUFFIXES, Answer, Files, RefusedError, Repository, oid

TOKEN = "hf_loopback"
USER = "tester"


def to_json(value: object) -> Answer:
    """An answer in JSON."""
    return Answer(json.dumps(value).encode(), headers={"Content-Type": "application/json"})


class HubActions:
    """The Hub's actions, each of which answers one kind of request.

    Args:
        url: the Hub's address.

    Attributes:
        repositories: "user/name", or "spaces/user/name" -> what it holds.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.repositories: dict[str, Repository] = {}
        self._lfs: Files = {}

    def open(self, name: str, token: str | None) -> Repository:
        """A repository, if whoever asks may know of it."""
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
