"""Reading on the command line: python -m digit_model."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from digit_model.rows import COLUMNS
from scripts.app_server import ROOT
from tests.support.strokes import draw_digit

COMMAND = [sys.executable, "-m", "digit_model"]


def read(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command from this folder."""
    command = [*COMMAND, *map(str, arguments)]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder of nine digits, one of them in a folder below, and a text."""
    (tmp_path / "below").mkdir()
    for label in range(1, 9):
        draw_digit(str(label)).save(tmp_path / f"{label}.png")
    draw_digit("0").save(tmp_path / "below" / "0.JPG")
    (tmp_path / "notes.txt").write_text("no picture")
    return tmp_path


def test_a_folder_becomes_a_table_in_order(pictures: Path) -> None:
    """Otherwise a box of scans must be named one by one."""
    run = read(pictures)

    assert run.returncode == 0, run.stderr
    rows = [line.split() for line in run.stdout.splitlines()]
    assert [row[-1] for row in rows] == list("123456780")
    assert [Path(row[2]).stem for row in rows] == list("123456780")
    assert all(float(row[0]) > 0.5 for row in rows)


def test_names_of_any_bytes_and_folders_named_as_pictures_hold_up_nothing(pictures: Path) -> None:
    """Otherwise one file out of an old archive ends the whole batch."""
    (pictures / "folder.png").mkdir()
    one = (pictures / "1.png").read_bytes()
    Path(os.fsdecode(os.fsencode(pictures) + b"/\xff.png")).write_bytes(one)

    table, rows = read(pictures), read(pictures, "--format", "json")

    assert (table.returncode, rows.returncode) == (0, 0), table.stderr
    assert "\N{REPLACEMENT CHARACTER}.png" in table.stdout
    files = [row["file"] for row in json.loads(rows.stdout)]
    assert len(files) == 10
    assert f"{pictures}/\N{REPLACEMENT CHARACTER}.png" in files


def test_csv_and_json_say_the_same(pictures: Path) -> None:
    """Otherwise one of the two cannot be trusted."""
    table = list(csv.DictReader(io.StringIO(read(pictures, "--format", "csv").stdout)))
    rows = json.loads(read(pictures, "--format", "json").stdout)

    assert list(table[0]) == COLUMNS
    assert len(table) == len(rows) == 9
    for line, row in zip(table, rows, strict=True):
        assert line["text"] == row["text"]
        assert float(line["probability"]) == row["probability"]
        assert json.loads(line["boxes"]) == row["boxes"]
        assert len(row["boxes"][0]) == 4


def test_a_bad_file_becomes_a_row_and_the_exit_status(pictures: Path) -> None:
    """Otherwise one damaged scan of thousands stops the rest, or goes unseen."""
    output = pictures / "rows.json"

    run = read(
        pictures / "3.png",
        pictures / "notes.txt",
        pictures / "none.png",
        pictures / "4.png",
        *("--format", "json", "--output", output),
    )

    rows = json.loads(output.read_text())
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    assert [row["text"] for row in rows] == ["3", "", "", "4"]
    assert [row["verdict"] == "error" for row in rows] == [False, True, True, False]
    assert rows[1]["error"].startswith("Expected a picture")
    assert rows[2]["error"].startswith("Expected a file")


def test_pipes_devices_and_endless_files_become_rows(pictures: Path) -> None:
    """Otherwise one of them holds up the night's work, or fills the memory."""
    os.mkfifo(pictures / "pipe.png")
    (pictures / "device.png").symlink_to("/dev/zero")
    (pictures / "nothing.png").symlink_to("none")
    (pictures / "endless.png").touch()
    os.truncate(pictures / "endless.png", 10**13)
    os.mkfifo(pictures / "named")
    long = "a" * 300 + ".png"

    run = read(pictures, pictures / "named", "/dev/zero", long, "--format", "json")

    rows = {Path(row["file"]).name: row for row in json.loads(run.stdout)}
    bad = {"pipe.png", "device.png", "nothing.png", "endless.png", "named", "zero", long}
    assert run.returncode == 1
    assert len(rows) == 9 + len(bad)
    assert {name for name, row in rows.items() if row["error"].startswith("Expected a")} == bad


def test_rows_may_be_written_to_a_device(pictures: Path) -> None:
    """Otherwise they cannot be passed on to another program."""
    run = read(pictures / "3.png", "--output", "/dev/stdout")

    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1].split()[-1] == "3"


def test_a_missing_file_whose_name_is_no_text_becomes_a_row(tmp_path: Path) -> None:
    """Otherwise its error cannot be written, and ends the batch."""
    run = read(tmp_path / os.fsdecode(b"\xff\x1b.png"), "--format", "csv")

    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    assert "\N{REPLACEMENT CHARACTER}\\x1b.png" in run.stdout


@pytest.mark.parametrize("form", ["csv", "json"])
def test_ctrl_c_leaves_a_valid_file(tmp_path: Path, form: str) -> None:
    """Otherwise an hour's reading is lost with the last row."""
    for number in range(3000):
        (tmp_path / f"{number:04}.png").symlink_to(tmp_path / "digit.png")
    draw_digit("7").save(tmp_path / "digit.png")
    output = tmp_path / "rows"
    command = [*COMMAND, str(tmp_path), "--format", form, "--output", str(output)]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    limit = time.monotonic() + 60
    while time.monotonic() < limit and not (output.exists() and output.stat().st_size):
        time.sleep(0.05)

    process.send_signal(signal.SIGINT)
    _, complaints = process.communicate(timeout=60)

    content = output.read_text()
    rows = json.loads(content) if form == "json" else list(csv.DictReader(io.StringIO(content)))
    assert process.returncode == 130
    assert "Traceback" not in complaints
    assert 0 < len(rows) < 3000
    assert {row["text"] for row in rows} == {"7"}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--digits", "0", "a.png"], "--digits wants 1 or more. Received: 0"),
        (["tests"], "Expected pictures. Found none in: tests"),
        (["a.png", "--model", "tests"], "config.json"),
        (["a.png", "--output", "no/folder/rows"], "No such file or directory"),
    ],
)
def test_a_slip_on_the_command_line_is_explained(arguments: list[str], complaint: str) -> None:
    """Otherwise a traceback hides what to do."""
    run = read(*arguments)

    assert run.returncode == 2
    assert complaint in run.stderr
    assert "Traceback" not in run.stderr
