"""Files -> a row each of what was read in them, as a table, CSV or JSON."""

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
from digit_model.reader import load

SUFFIXES = {".avif", ".bmp", ".gif", ".heic", ".heif", ".jfif", ".jpeg", ".jpg", ".pbm", ".pgm"}
SUFFIXES |= {".png", ".pnm", ".ppm", ".tif", ".tiff", ".webp"}
COLUMNS = ["file", "text", "written", "verdict", "probability", "boxes", "error"]
CHUNK = 4  # Pictures that a process takes at a time.
# With one of these, a cell begins that a spreadsheet runs (OWASP, "CSV Injection").
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

open_reader = functools.cache(load)  # Once a process: a reader cannot be sent to one.


def find_pictures(paths: Iterable[str]) -> list[str]:
    """The files, and the pictures in the folders and below, in order."""
    found: list[str] = []
    for path in map(Path, paths):
        if _is_folder(path):
            files = sorted(path.rglob("*"))
            named = (file for file in files if file.suffix.lower() in SUFFIXES)
            # A pipe or a broken link that is named as a picture gets a row, which says why.
            found += [str(file) for file in named if not _is_folder(file)]
        else:
            found.append(str(path))
    return found


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # Of a name too long, or in a folder that may not be entered: its row says so.
        return False


def read_row(
    path: str, model: str | None, revision: str | None, digits: int | None
) -> dict[str, Any]:
    """What was read in one file, or why nothing was: a value for each of `COLUMNS`."""
    text, written, verdict, probability, boxes, error = "", "", "error", 0.0, [], ""
    try:
        reading = open_reader(model, revision).read(path, digits)
        text, written, verdict = reading.text, reading.written, reading.verdict
        probability = round(reading.probabilities.get(text, 0.0), 4)
        boxes = [digit.box for digit in reading.digits]
    except PictureError as failure:
        error = _decodable(str(failure))
    values = [_decodable(path), text, written, verdict, probability, boxes, error]
    return dict(zip(COLUMNS, values, strict=True))


def _decodable(name: str) -> str:
    """A file's name, without the bytes of other codes that old archives leave in names."""
    return name.encode(errors="surrogateescape").decode(errors="replace")


def read_rows(paths: list[str], *options: Any) -> Generator[dict[str, Any], None, None]:
    """Read the files with all cores, in order; the options are those of `read_row`."""
    processes = min(os.cpu_count() or 1, -(-len(paths) // CHUNK))
    if processes < 2:
        yield from (read_row(path, *options) for path in paths)
        return
    # Spawned, because threads do not survive a fork; Ctrl-C is for the first process alone.
    spawn = multiprocessing.get_context("spawn")
    ignore = (signal.SIGINT, signal.SIG_IGN)
    with ProcessPoolExecutor(processes, spawn, signal.signal, ignore) as pool:
        columns = [itertools.repeat(option, len(paths)) for option in options]
        yield from pool.map(read_row, paths, *columns, chunksize=CHUNK)


def write_rows(rows: Iterable[dict[str, Any]], form: str, file: TextIO) -> bool:
    """Write rows as they come, as "table", "csv" or "json"; whether all were read.

    In a table and in CSV, a file's name can neither command the terminal nor be a formula.
    """
    good = True
    separator = "[\n"
    if form == "csv":
        # Quoted, so that a spreadsheet that parts cells at semicolons finds none in a name.
        table = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
        table.writerow(COLUMNS)
    try:
        for row in rows:
            good &= not row["error"]
            name = row["file"].translate(ESCAPES)
            if form == "json":
                file.write(separator + json.dumps(row))
                separator = ",\n"
            elif form == "csv":
                cells = row | {"file": name, "boxes": json.dumps(row["boxes"])}
                table.writerow(map(_harmless, cells.values()))
            else:
                said = row["error"] or row["written"].replace("\n", " | ")
                file.write(f"{row['probability']:.3f}  {row['verdict']:11}  {name}  {said}\n")
    finally:
        if form == "json":
            file.write("\n]\n" if separator == ",\n" else "[]\n")
    return good


def _harmless(cell: Any) -> Any:
    """A cell that a spreadsheet shows as it is; numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
