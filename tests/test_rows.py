"""Rows as a table, CSV or JSON: what a cell may hold."""

import csv
import io
import json
from pathlib import Path

import pytest

from digit_model.rows import COLUMNS, find_pictures, write_rows


def write(form: str, **values: object) -> str:
    """What is written of one row."""
    row = dict.fromkeys(COLUMNS, "") | {"probability": 0.5, "boxes": []} | values
    file = io.StringIO()
    write_rows([row], form, file)
    return file.getvalue()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\N{FULLWIDTH EQUALS SIGN}"])
@pytest.mark.parametrize("column", ["file", "text", "error"])
def test_no_cell_is_a_formula(column: str, start: str) -> None:
    """Otherwise a scan's name runs a program when the table is opened in a spreadsheet."""
    cell = f'{start}HYPERLINK("http://a.example";"7").png'

    _, line = csv.reader(io.StringIO(write("csv", **{column: cell})))

    assert line[COLUMNS.index(column)] == f"'{cell}"


def test_a_semicolon_in_a_name_starts_no_cell() -> None:
    """Otherwise a spreadsheet that parts cells at semicolons finds a formula behind one."""
    line = write("csv", file="a;=1+1.png").splitlines()[1]

    assert next(csv.reader([line], delimiter=";"))[0].startswith("a;=1+1.png")


def test_numbers_stay_numbers_in_csv() -> None:
    """Otherwise a spreadsheet cannot sort by them."""
    assert ",-0.5," in write("csv", probability=-0.5)


@pytest.mark.parametrize("form", ["table", "csv"])
def test_a_name_cannot_command_the_terminal(form: str) -> None:
    """Otherwise a scan's name hides the other rows, or invents one."""
    name = "\x1b[2J\x9b2J\r0.999  sure\n7\x07\N{RIGHT-TO-LEFT OVERRIDE}gnp.png"

    *_, line = write(form, file=name).splitlines()

    assert line.isprintable()
    assert r"\x1b[2J\x9b2J\r0.999  sure\n7\x07\u202egnp.png" in line


def test_json_has_names_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise a program cannot find the file again."""
    names = sorted(["=1+1.png", "-.png", "\x1b[2J.png", "a\nb.png"])
    for name in names:
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)

    found = find_pictures(["."])

    assert found == names
    assert [json.loads(write("json", file=name))[0]["file"] for name in found] == names
