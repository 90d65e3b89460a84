"""Read many files, one row per file, as a table, CSV or JSON."""

import csv
import functools
import itertools
import json
import multiprocessing
import os
import signal
from collections.abc import Generator, Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, TextIO

from digit_model.errors import ESCAPES, PictureError
from digit_model.picture.files import suffixes
from digit_model.reader import load

COLUMNS = ["file", "text", "written", "verdict", "probability", "boxes", "error"]
CHUNK_PICTURES = 4  # Pictures that a process takes at a time.
# A spreadsheet runs a cell that starts with one of these (OWASP, "CSV Injection").
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

open_reader = functools.cache(load)  # Once per process: a reader cannot be pickled.


def find_pictures(paths: Iterable[str]) -> list[str]:
    """List the given files, and the pictures in the given folders and below, in order."""
    found: list[str] = []
    for path in map(Path, paths):
        if _is_folder(path):
            files, known = sorted(path.rglob("*")), suffixes()
            pictures = (file for file in files if file.suffix.lower() in known)
            # A pipe or a broken link with a picture's suffix gets a row with an error.
            found += [str(file) for file in pictures if not _is_folder(file)]
        else:
            found.append(str(path))
    return found


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # The name is too long, or access is denied: the row will say so.
        return False


def read_row(
    path: str, model: str | None, revision: str | None, digits: int | None
) -> dict[str, Any]:
    """Read one file; the row has a value for each of `COLUMNS`, and `error` says what failed."""
    text, written, verdict, probability, boxes, error = "", "", "error", 0.0, [], ""
    try:
        reading = open_reader(model, revision).read(path, digits)
        text, written, verdict = reading.text, reading.written, reading.verdict
        probability = round(reading.probabilities.get(text, 0.0), 4)
        boxes = [digit.box for digit in reading.digits]
    except PictureError as failure:
        error = _make_decodable(str(failure))
    values = [_make_decodable(path), text, written, verdict, probability, boxes, error]
    return dict(zip(COLUMNS, values, strict=True))


def _make_decodable(name: str) -> str:
    """Replace the bytes of a file name that are not UTF-8, as in old archives."""
    return name.encode(errors="surrogateescape").decode(errors="replace")


def read_rows(paths: list[str], *options: Any) -> Generator[dict[str, Any], None, None]:
    """Yield the files' rows in order, using all cores; `options` are those of `read_row`."""
    processes = min(os.cpu_count() or 1, -(-len(paths) // CHUNK_PICTURES))
    if processes < 2:
        yield from (read_row(path, *options) for path in paths)
        return
    # Spawn, because threads do not survive a fork. Only the parent process handles Ctrl-C.
    spawn = multiprocessing.get_context("spawn")
    ignore = (signal.SIGINT, signal.SIG_IGN)
    with ProcessPoolExecutor(processes, spawn, signal.signal, ignore) as pool:
        columns = [itertools.repeat(option, len(paths)) for option in options]
        yield from pool.map(read_row, paths, *columns, chunksize=CHUNK_PICTURES)


def write_rows(rows: Iterable[dict[str, Any]], form: str, file: TextIO) -> bool:
    """Write rows as they come, as "table", "csv" or "json"; return whether all were read.

    In a table and in CSV, file names are escaped: no control characters, no formulas.
    """
    all_read = True
    separator = "[\n"
    if form == "csv":
        # Quoted, because some spreadsheets split cells at semicolons, also inside a name.
        table = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
        table.writerow(COLUMNS)
    try:
        for row in rows:
            all_read &= not row["error"]
            name = row["file"].translate(ESCAPES)
            if form == "json":
                file.write(separator + json.dumps(row))
                separator = ",\n"
            elif form == "csv":
                cells = row | {"file": name, "boxes": json.dumps(row["boxes"])}
                table.writerow(map(_escape_formula, cells.values()))
            else:
                outcome = row["error"] or row["written"].replace("\n", " | ")
                file.write(f"{row['probability']:.3f}  {row['verdict']:11}  {name}  {outcome}\n")
    finally:
        if form == "json":
            file.write("\n]\n" if separator == ",\n" else "[]\n")
    return all_read


def _escape_formula(cell: Any) -> Any:
    """Prefix a text that a spreadsheet would run as a formula; numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
