"""Publish an artefact folder to a Hub repository.

    python scripts/publish.py build/artefact USER/REPO --tag v2

If the command is interrupted, run it again to finish. If all is published, it changes nothing.
"""

import argparse
import sys
from pathlib import Path

from digit_model import DigitModelError
from digit_model.model import hub


def main() -> None:
    """Push the folder, and print its address."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("artefact", type=Path, help="a folder that train.py made")
    parser.add_argument("repository", metavar="USER/REPO", help="repository on the Hub")
    parser.add_argument("--tag", help="name the published revision, e.g. v2")
    parser.add_argument("--private", action="store_true", help="make a new repository private")
    arguments = parser.parse_args()
    try:
        address = hub.push(
            arguments.artefact,
            arguments.repository,
            tag=arguments.tag,
            private=arguments.private,
        )
    except DigitModelError as error:
        sys.exit(f"publish.py: {error}")
    print(f"Published: {address}")


if __name__ == "__main__":
    main()
