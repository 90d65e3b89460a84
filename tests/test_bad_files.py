"""What is no picture, or a damaged one, gets a sentence, in time and in bounded memory."""

import asyncio
import csv
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import digit_model
from scripts.app_server import ROOT, AppServer, serve
from scripts.callers import Caller, CallError, call_together
from tests.support.bad_files import make_bad_files, make_largest_files
from tests.support.files import encode
from tests.support.strokes import draw_digit

SECONDS = 2.0
MEMORY_MB = 400
# The command line, which prints the most kilobytes that it or a process of its own held; its own
# ru_maxrss would be that of pytest, from which it is forked.
MEASURED = """
import resource, sys
from digit_model.__main__ import main
status = main()
own = next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]
print(max(int(own), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(status)
"""
SEVEN = encode(draw_digit("7"), "PNG")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """The app with the embedded model."""
    with serve(tmp_path_factory.mktemp("app")) as running:
        yield running


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    """Name -> content of every bad file."""
    return dict(make_bad_files())


def complaint(reader: digit_model.Reader, content: bytes) -> str | None:
    """What the reader says of a file that it cannot read."""
    try:
        reader.read(content)
    except digit_model.PictureError as error:
        return str(error)
    return None


def test_there_are_many_bad_files(files: dict[str, bytes]) -> None:
    """Otherwise the tests below show little."""
    assert len(files) >= 300


def test_the_reader_answers_each_in_time_or_says_what_it_expected(
    reader: digit_model.Reader, files: dict[str, bytes]
) -> None:
    """Otherwise some file ends in a traceback, or holds everybody up."""
    for name, content in files.items():
        begin = time.monotonic()
        said = complaint(reader, content)
        assert said is None or said.startswith("Expected"), (name, said)
        assert time.monotonic() - begin < SECONDS, name


@given(st.binary(max_size=400), st.integers(0, len(SEVEN)), st.integers(0, 40))
@settings(deadline=None)
def test_nothing_put_into_a_picture_ends_in_another_error(
    reader: digit_model.Reader, junk: bytes, place: int, length: int
) -> None:
    """Otherwise a decoder's own error reaches the visitor."""
    said = complaint(reader, SEVEN[:place] + junk + SEVEN[place + length :])
    assert said is None or said.startswith("Expected")


def test_the_command_line_reads_on_in_bounded_memory(
    files: dict[str, bytes], tmp_path: Path
) -> None:
    """Otherwise one bomb in a folder ends the night's work."""
    folder, rows = tmp_path / "files", tmp_path / "rows.csv"
    folder.mkdir()
    contents = [*files.values(), *make_largest_files(), SEVEN]
    for number, content in enumerate(contents):
        (folder / f"{number:03}.png").write_bytes(content)
    command = [sys.executable, "-c", MEASURED, str(folder), "--format", "csv"]
    ended = subprocess.run(
        [*command, "--output", str(rows)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    with rows.open(encoding="utf-8", newline="") as table:
        *_, last = read = [*csv.DictReader(table)]
    assert len(read) == len(contents)
    assert last["text"] == "7"
    assert int(ended.stdout) < MEMORY_MB * 1024


def test_the_app_answers_each_in_time_and_the_next_good_one_rightly(
    server: AppServer, files: dict[str, bytes]
) -> None:
    """Otherwise a visitor's bad file is everybody's trouble."""
    names = [*files]
    slow, wrong = [], []

    async def call(caller: Caller, number: int) -> None:
        begin = time.monotonic()
        try:
            await caller.upload(files[names[number]])
        except CallError as error:
            if "Expected" not in str(error) or "/tmp" in str(error):
                wrong.append((names[number], str(error)))
        if time.monotonic() - begin > SECONDS:
            slow.append(names[number])
        answer = await caller.upload(SEVEN)
        if answer[0] != "This looks like a 7.":
            wrong.append((names[number], answer[0]))

    asyncio.run(call_together(server.url, clients=1, calls=len(names), call=call))
    assert not wrong
    assert not slow
    assert max(server.peaks_mb()) < MEMORY_MB
    assert "Traceback" not in server.log.read_text()
