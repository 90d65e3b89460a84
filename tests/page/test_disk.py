"""What the app leaves on the disk, and where."""

import os
import time
from pathlib import Path

import pytest

from digit_model.page.uploads import remove_files_before
from scripts.app_server import AppServer, serve
from tests.support.attack import API, call, client, open_raw, stop_hard, upload
from tests.support.folders import files_in

FORM = "Content-Type: multipart/form-data; boundary=gap"
HEAD = b'--gap\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'


def test_an_upload_that_is_cut_off_leaves_nothing_behind(server: AppServer, kept: Path) -> None:
    """Otherwise a bad connection fills the disk."""
    call(server, [None, None])
    before = files_in(kept)
    for size in (0, 1000, 5_000_000):
        head = [f"POST {API}/upload HTTP/1.1", "Host: localhost", FORM, "Content-Length: 9000000"]
        open_raw(server, head, HEAD + bytes(size)).close()
    with client(server) as http:
        body = HEAD.replace(b"; filename", b"; name2") + b"\r\n--gap--\r\n"
        kind = {"content-type": "multipart/form-data; boundary=gap"}
        assert http.post(f"{API}/upload", content=body, headers=kind).status_code == 400
        assert http.post(f"{API}/upload", content=b"a").status_code == 400
    time.sleep(0.5)
    assert files_in(kept) == before


def test_what_a_killed_app_left_is_removed_at_the_next_start(tmp_path: Path, seven: bytes) -> None:
    """Otherwise each crash leaves its visitors' pictures on the disk for good."""
    kept = tmp_path / "kept"
    with serve(tmp_path, GRADIO_TEMP_DIR=str(kept)) as first:
        left = Path(upload(first, seven))
        stop_hard(first)
        assert left.is_file()
    with serve(tmp_path, GRADIO_TEMP_DIR=str(kept)) as second:
        assert not left.exists()
        theirs = Path(upload(second, seven))
        with serve(tmp_path, GRADIO_TEMP_DIR=str(kept)):
            assert theirs.is_file()
    assert files_in(kept) == set()


def test_the_app_writes_in_its_own_folder_alone(tmp_path: Path, seven: bytes) -> None:
    """Otherwise visitors' pictures lie where nobody looks for them."""
    home, kept, temporary = (tmp_path / name for name in ("home", "kept", "temporary"))
    for folder in (home, temporary):
        folder.mkdir()
    places = {"HOME": home, "XDG_CACHE_HOME": home, "TMPDIR": temporary, "GRADIO_TEMP_DIR": kept}
    with serve(tmp_path, **{name: str(folder) for name, folder in places.items()}) as app:
        path = upload(app, seven * 1000)
        assert Path(path).is_relative_to(kept)
        call(app, [None, {"path": path}])
        with client(app) as http:
            http.post(f"{API}/process_recording", files={"files": ("a.png", seven)})
            http.get(f"{API}/deep_link?session_hash=abc")
        assert files_in(home) == files_in(temporary) == set()
        assert {file.name for file in files_in(tmp_path) - files_in(kept)} == {"app.log"}


def test_files_are_removed_when_they_are_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a page that runs for a month keeps a month of pictures."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    old, new = tmp_path / "a" / "old.png", tmp_path / "b" / "new.png"
    for path in (old, new):
        path.parent.mkdir()
        path.touch()
    os.utime(old, (0, 0))
    remove_files_before(time.time() - 60)
    assert not old.parent.exists()
    assert new.exists()
