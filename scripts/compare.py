"""Compare the reader with the spotter, the network that finds the digits, on the same pictures.

    python scripts/compare.py --dev FOLDER --spotter build/spotter/spotter.tflite

Prints how many strings each reads right in every digit, spaces aside, and the middle time of a
picture. Takes about five minutes on two cores.
"""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import digit_model
from digit_model.lines.page_reader import PageReader
from digit_model.lines.spotter import Spotter
from digit_model.picture import Picture
from digit_model.training.comparison import Read, compare, comparison_table


def main() -> None:
    """Parse, read, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dev", type=Path, required=True, help="folder of the development sets")
    parser.add_argument("--spotter", type=Path, help="its LiteRT file; none: the reader alone")
    parser.add_argument("--only", help="words, parted by commas, that the sets' names hold")
    parser.add_argument("--json", type=Path, help="write the rows and what was misread here")
    arguments = parser.parse_args()
    reader = digit_model.load()

    def read(picture: Picture) -> str:
        return reader.read(picture).text

    ways: dict[str, Read] = {"reader": read}
    if arguments.spotter:
        ways["spotter"] = PageReader(Spotter(arguments.spotter), reader.classifier).read
    only = arguments.only.split(",") if arguments.only else []
    rows = list(compare(ways, arguments.dev, only))
    print(comparison_table(rows))
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
