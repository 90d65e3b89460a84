"""Which files a visitor can make the app open, and which addresses it fetches: none but uploads."""

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.app_server import AppServer
from tests.support.attack import API, META, call, client, post_json, upload
from tests.support.bait import lay_bait

EVENTS = range(10)  # More than the page has.
UNIFORM = "Expected the path of a picture that was uploaded here."


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory, seven: bytes) -> Path:
    """A picture of the server's own."""
    path = tmp_path_factory.mktemp("secret") / "seven.png"
    path.write_bytes(seven)
    return path


@pytest.fixture(scope="module")
def targets(server: AppServer, kept: Path, secret: Path, seven: bytes) -> list[str]:
    """Paths of all kinds that must not be opened, some inside the app's own folder."""
    own = Path(upload(server, seven)).parents[1]
    sha = own / ("a" * 64)
    sha.mkdir(exist_ok=True)
    (sha / "link.png").symlink_to(secret)
    (own / "link").symlink_to(secret.parent)
    os.mkfifo(sha / "pipe")
    (sha / "folder").mkdir()
    (own / "loose.png").write_bytes(seven)
    return [
        str(secret),
        str(secret.with_name("missing.png")),
        os.path.relpath(secret),
        f"{own}/../{secret.name}",
        f"{sha}/../../../{secret.parent.name}/{secret.name}",
        f"{sha}/./link.png",
        str(sha / "link.png"),
        str(own / "link" / secret.name),
        str(sha / "pipe"),
        str(sha / "folder"),
        str(sha),
        str(own),
        str(own / "loose.png"),
        str(kept),
        "/dev/zero",
        "/dev/stdin",
        "/etc/passwd",
        "/proc/self/environ",
        "/proc/self/fd/0",
        "app.py",
        "~/.ssh/id_rsa",
        "file:///etc/passwd",
        "",
        "\0",
        "a" * 5000,
    ]


def payloads(path: str) -> Iterator[Any]:
    """Ways to name a file in a call."""
    metas: list[Any] = [META, {}, None, "gradio.FileData", {"_type": "other"}]
    for meta in metas:
        yield {"path": path, "meta": meta}
    yield {"path": path}
    yield {"path": path, "meta": META, "is_stream": True}
    yield {"path": path, "url": f"{API}/file={path}", "orig_name": "seven.png"}
    yield {"composite": {"path": path}}
    yield {"composite": {"path": path, "meta": META}, "layers": [{"path": path, "meta": META}]}
    yield {"composite": {"composite": {"path": path, "meta": META}}}
    yield {"video": {"path": path, "meta": META}, "path": path}
    yield [[{"path": path, "meta": META}]]


def test_no_call_opens_a_file_that_is_no_upload(server: AppServer, targets: list[str]) -> None:
    """Otherwise a visitor reads the server's pictures, or hangs it at a pipe."""
    for path in targets:
        for payload in payloads(path):
            for data in ([payload, None], [None, payload]):
                said = call(server, data)
                assert UNIFORM in said or "Expected an uploaded picture" in said, (path, said)


def test_no_event_of_the_page_opens_a_file_that_is_no_upload(
    server: AppServer, targets: list[str]
) -> None:
    """Otherwise what is not public does what the public endpoint refuses."""
    for path in targets:
        for number in EVENTS:
            for data in ([{"path": path, "meta": META}], [{"path": path}, {"path": path}]):
                body = {"data": data, "fn_index": number, "session_hash": "abc"}
                refused = post_json(server, f"{API}/queue/join", body)
                assert refused.status_code in (400, 403), (path, number, refused.text)


@pytest.mark.parametrize("field", ["event_data", "session_hash", "trigger_id", "fn_index", "extra"])
def test_no_other_field_of_a_call_names_a_file(server: AppServer, secret: Path, field: str) -> None:
    """Otherwise only the obvious field is checked."""
    body = {"data": [None, None], field: {"path": str(secret), "meta": META}}
    for path in ("call/predict", "queue/join"):
        assert post_json(server, f"{API}/{path}", body).status_code in (400, 403)


def test_a_refusal_does_not_tell_whether_a_file_exists(server: AppServer, secret: Path) -> None:
    """Otherwise a visitor learns what lies on the server."""
    there, missing = str(secret), str(secret.with_name("missing.png"))
    said = [call(server, [None, {"path": path, "meta": META}]) for path in (there, missing)]
    assert said[0] == said[1]
    assert str(secret.parent) not in said[0]


def test_an_upload_is_opened_and_shown(server: AppServer, seven: bytes) -> None:
    """Otherwise the door is shut to everybody."""
    path = upload(server, seven)
    for payload in ({"path": path, "meta": META}, {"path": path}):
        assert "This looks like a 7." in call(server, [None, payload])
        assert "This looks like a 7." in call(server, [{"composite": payload}, None])
    with client(server) as http:
        assert http.get(f"{API}/file={path}").content == seven


def test_no_file_is_served_but_an_upload(server: AppServer, targets: list[str]) -> None:
    """Otherwise the address of a preview is one of every file."""
    with client(server) as http:
        for path in filter(None, targets):
            for way in ("file=", "file/", "proxy=", "stream/", "custom_component/", "../"):
                answer = http.get(f"{API}/{way}{path}".replace("\0", "%00"))
                assert answer.status_code == 404, (way, path)


@pytest.mark.parametrize(
    "name",
    ["../../escape.png", "/etc/passwd", "..", ".", "", "a/b\\c.png", "\0.png", "x" * 500, "🙂.png"],
)
def test_an_upload_is_kept_under_no_name_that_leaves_its_folder(
    server: AppServer, kept: Path, seven: bytes, name: str
) -> None:
    """Otherwise a visitor writes where the app can."""
    with client(server) as http:
        answer = http.post(f"{API}/upload", files={"files": (name, seven)})
    if answer.is_success:
        path = Path(answer.json()[0])
        assert path.resolve().is_relative_to(kept)
        assert path.read_bytes() == seven
    else:
        assert answer.status_code == 400


def test_the_pages_configuration_names_no_path_of_the_server(server: AppServer, kept: Path) -> None:
    """Otherwise an attacker knows where to look."""
    with client(server) as http:
        for path in ("/", "/config", f"{API}/info"):
            said = http.get(path).text
            assert str(kept) not in said
            assert str(Path.cwd()) not in said
            assert str(Path.home()) not in said.replace(str(Path.home()) + "'", "")


def test_no_endpoint_fetches_an_address(server: AppServer, seven: bytes) -> None:
    """Otherwise a visitor sees what only the server may, or hides behind it."""
    path = upload(server, seven)
    with lay_bait() as (url, asked):
        for file in (
            {"path": url, "meta": META},
            {"url": url, "meta": META},
            {"path": None, "url": url, "meta": META},
            {"path": path, "url": url, "meta": META},
            {"path": url.replace("http", "HTTP"), "url": url},
            {"composite": {"url": url, "meta": META}},
            url,
        ):
            call(server, [file, None])
            call(server, [None, file])
            for number in EVENTS:
                body = {"data": [file, file], "fn_index": number, "session_hash": "abc"}
                post_json(server, f"{API}/queue/join", body)
        with client(server) as http:
            for way in ("file=", "file/", "proxy=", "deep_link?url="):
                http.get(f"{API}/{way}{url}")
            http.get("/", params={"deep_link": url, "url": url})
    assert asked == []


def test_a_picture_may_come_as_a_data_url(server: AppServer, seven: bytes) -> None:
    """Otherwise a web page that sends its canvas is told that it is blank."""
    url = f"data:image/png;base64,{base64.b64encode(seven).decode()}"
    for payload in (url, {"url": url, "meta": META}):
        for data in ([payload, None], [None, payload]):
            assert "This looks like a 7." in call(server, data)


@pytest.mark.parametrize(
    "url",
    ["data:", "data:,7", "data:image/png;base64,!!", "data:text/html;base64,PGI+", "javascript:7"],
)
def test_a_data_url_that_holds_no_picture_is_explained(server: AppServer, url: str) -> None:
    """Otherwise a program's slip is a riddle."""
    assert "Expected" in json.dumps(call(server, [url, None]))
