"""Measure a reader on MNIST's test part and on other people's digits, or compare two.

    python scripts/evaluate.py --data mnist.npz --dev FOLDER
    python scripts/evaluate.py build/artefact USER/REPO@v1 --data mnist.npz --dev FOLDER

Prints a row for each set: how many pictures, how many are read right, and the accuracy with its
95 % Wilson interval. The tables are for single digits, for the same when the reader is not told
that there is one digit, for whole numbers, for kinds of paper and writing, and for pictures without
a digit. Photos are not cropped; strokes are drawn on a canvas like the app's with a thin, a medium
and a thick brush. Takes about eleven minutes on two cores. With `--peers`, two general OCR programs
read the same numbers, photos and kinds of paper for comparison, which takes 17 minutes.

Two models are compared on the single digits only: the accuracy of each, the second's gain in
percentage points with a 95 % interval (Bonett and Price), and the p-value of McNemar's exact test.
"""

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

import digit_model
from digit_model.model.artefact import METRICS_FILE
from digit_model.reader import EMBEDDED_WEIGHTS
from digit_model.training.comparison import compare, comparison_table
from digit_model.training.corrections import open_extra
from digit_model.training.data import load_mnist
from digit_model.training.evaluation import confusion_text, markdown_table
from digit_model.training.pairs import compare_readers, pair_table
from digit_model.training.peers import Read, open_peers
from digit_model.training.rejection import score_table
from digit_model.training.report import (
    draw_errors,
    measure,
    table_rows,
    update_metrics,
    write_report,
)

TITLES = {
    "results": ("Single digits",),
    "untold": ("Single digits, when the reader is not told that there is one",),
    "numbers": ("Whole numbers, right in every digit",),
    "kinds": ("Kinds of paper and writing, right in every digit, without regard to spaces",),
    "accepted": ("Digits accepted, when not told that there is one", "accepted", "share"),
    "sure": ("Right when sure, when not told that there is one", "right", "share"),
    "refused": ("Pictures without a digit", "refused", "share"),
}


def save_rows(rows: Any, file: Path | None) -> None:
    """Write rows as JSON, if a file is given."""
    if file:
        file.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def open_model(name: str) -> digit_model.Reader:
    """Open the reader of an artefact folder, or of USER/REPO@REVISION."""
    repository, _, revision = (name, "", "") if Path(name).is_dir() else name.partition("@")
    return digit_model.load(repository, revision or None)


def print_pairs(arguments: argparse.Namespace) -> None:
    """Print a comparison of two models on each set."""
    first, second = arguments.pair
    test = load_mnist(arguments.data).test
    extra = open_extra(arguments.extra)
    rows = compare_readers(open_model(first), open_model(second), test, arguments.dev, extra)
    print(pair_table(rows, first, second))
    save_rows(rows, arguments.json)


def main() -> None:
    """Measure one reader, or compare two, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "pair", nargs="*", metavar="A B", help="models to compare: folders or USER/REPO@TAG"
    )
    parser.add_argument("--model", help="artefact folder or Hub repository")
    parser.add_argument("--revision", help="tag, branch or commit of the Hub repository")
    parser.add_argument("--data", type=Path, help="an mnist.npz; without it, Keras downloads MNIST")
    parser.add_argument("--dev", type=Path, help="folder of the development sets")
    parser.add_argument(
        "--extra",
        metavar="FOLDER|USER/DATASET",
        help="as for train.py; what it holds out is measured as one more set",
    )
    parser.add_argument("--json", type=Path, help="write the rows to this file too")
    parser.add_argument("--errors", type=Path, help="draw the wrongly read digits into this folder")
    parser.add_argument(
        "--card", action="store_true", help="write the rows into the model folder's card"
    )
    parser.add_argument(
        "--peers", action="store_true", help="only compare with RapidOCR and tesseract"
    )
    arguments = parser.parse_args()
    if arguments.peers and not arguments.dev:
        parser.error("--peers wants --dev FOLDER")
    excluded = ("model", "revision", "errors", "card", "peers")
    if arguments.pair and (len(arguments.pair) != 2 or any(vars(arguments)[n] for n in excluded)):
        parser.error(f"two models want none of --{', --'.join(excluded)}. Received: {sys.argv[1:]}")
    folder = Path(arguments.model or EMBEDDED_WEIGHTS)
    if arguments.card and not (folder / METRICS_FILE).is_file():
        parser.error(f"--card wants a folder that train.py made. Received: {folder}")
    try:
        if arguments.pair:
            print_pairs(arguments)
            return
        reader = digit_model.load(arguments.model, arguments.revision)
        if arguments.peers:
            ours: dict[str, Read] = {"this reader": lambda picture: reader.read(picture).text}
            compared = []
            for row in compare(ours | open_peers(), arguments.dev):
                print(f"{row['set']}, {row['way']}: {row['accuracy']:.1f} %", flush=True)
                compared.append(row)
            print(comparison_table(compared))
            save_rows(compared, arguments.json)
            if arguments.card:
                kept = [{k: v for k, v in row.items() if k != "misread"} for row in compared]
                update_metrics(folder, peers=kept)
            return
        test = load_mnist(arguments.data).test
        extra = open_extra(arguments.extra)
        measured = measure(reader, test, arguments.dev, extra)
    except digit_model.DigitModelError as error:
        sys.exit(f"evaluate.py: {error}")
    rows = table_rows(measured)
    for name, (title, *headings) in TITLES.items():
        print(f"\n{title}\n\n{markdown_table(rows[name], *headings)}")
    print(f"\nCalibration errors, and areas under the curve\n\n{score_table(rows['scores'])}")
    for result in measured["results"]:
        print(f"\n{confusion_text(result)}")
    if arguments.errors:
        arguments.errors.mkdir(parents=True, exist_ok=True)
        for result in measured["results"]:
            name = re.sub(r"\W+", "_", result.name).strip("_")
            draw_errors(result, arguments.errors / f"{name}.png")
    save_rows(rows, arguments.json)
    if arguments.card:
        write_report(folder, measured)


if __name__ == "__main__":
    main()
