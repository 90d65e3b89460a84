"""Read the numbers in pictures, one row a picture.

    python -m digit_model photo.jpg scans/ --format csv --output numbers.csv

A folder stands for the pictures in it and below. What cannot be read becomes a row that says
why, and the exit status is then 1. With Ctrl-C, the rows so far are kept.
"""

import argparse
import sys
from contextlib import closing
from pathlib import Path

from tqdm import tqdm

from digit_model.errors import ESCAPES, DigitModelError
from digit_model.rows import find_pictures, open_reader, read_rows, write_rows


def main() -> int:
    """Run the command line and return the exit status."""
    parser = argparse.ArgumentParser("python -m digit_model", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("pictures", nargs="+", metavar="IMAGE|FOLDER")
    parser.add_argument("--digits", type=int, help="how many each picture holds, if you know")
    parser.add_argument("--format", choices=["table", "csv", "json"], default="table")
    parser.add_argument("--output", type=Path, help="write to this file (default: the terminal)")
    parser.add_argument("--model", help="an artefact folder or a Hub repository")
    parser.add_argument("--revision", help="the repository's tag, branch or commit")
    arguments = parser.parse_args()
    if arguments.digits is not None and arguments.digits < 1:
        parser.error(f"--digits wants 1 or more. Received: {arguments.digits}")
    paths = find_pictures(arguments.pictures)
    if not paths:
        names = ", ".join(arguments.pictures).translate(ESCAPES)
        parser.error(f"Expected pictures. Found none in: {names}")
    try:
        open_reader(arguments.model, arguments.revision)
        rows = read_rows(paths, arguments.model, arguments.revision, arguments.digits)
        if arguments.output is None:
            with closing(rows):
                return 0 if write_rows(rows, arguments.format, sys.stdout) else 1
        progress = tqdm(rows, total=len(paths), unit="picture", disable=None)
        with arguments.output.open("w", encoding="utf-8", newline="") as file, closing(rows):
            return 0 if write_rows(progress, arguments.format, file) else 1
    except (DigitModelError, OSError) as error:
        print(f"digit_model: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
