"""Serve a published version, unless it is worse than the one served now.

    python scripts/promote.py USER/REPO v2 --data mnist.npz --dev FOLDER

Reads the same pictures with the new version and with the one served now. If the new version is
significantly worse on no set (McNemar's exact test, p < 0.05), it becomes the newest commit of the
branch `serving`, which `app.py --model USER/REPO --revision serving` pulls; otherwise nothing
changes. The first version and versions served before are not tested, so to roll back, give an
earlier tag. If the command is interrupted, run it again to finish.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import digit_model
from digit_model.training import promotion
from digit_model.training.corrections import open_extra
from digit_model.training.data import load_mnist
from digit_model.training.pairs import compare_readers, pair_table, worse_sets

Rows = list[dict[str, Any]]


def decide(
    arguments: argparse.Namespace, commit: str, served: promotion.Served
) -> tuple[str, Rows]:
    """Decide whether a version is served; return the reason, a sentence, and the figures.

    Raises:
        DigitModelError: if it must not be served, or cannot be compared.
    """
    version, before = arguments.version, served.version or "what is served"
    if not served.promotions:
        return "the first version that is served.", []
    if served.had(commit):
        return f"served before, it takes the place of {before}.", []
    test = load_mnist(arguments.data).test
    try:
        now = digit_model.load(arguments.repository, served.head)
        new = digit_model.load(arguments.repository, commit)
        extra = open_extra(arguments.extra)
        rows = compare_readers(now, new, test, arguments.dev, extra)
    except digit_model.ArtefactError:
        if not arguments.force:
            raise
        # The served version may have a format that is no longer supported.
        return f"not compared with {before}, as one of them cannot be opened.", []
    print(pair_table(rows, before, version))
    worse = ", ".join(worse_sets(rows))
    if worse and not arguments.force:
        raise digit_model.DigitModelError(
            f"Expected {version} to be no worse than {before}, beyond noise. Received: worse on "
            f"{worse}. {before} stays; to serve {version} all the same, give --force and a reason."
        )
    compared = f"worse than {before} on {worse}" if worse else f"no worse than {before}"
    return f"{compared}, beyond noise.", rows


def promote(arguments: argparse.Namespace) -> None:
    """Find what is served, decide, and commit the version to the branch."""
    repository, version = arguments.repository, arguments.version
    commit = promotion.find_version(repository, version)
    served = promotion.find_served(repository)
    if promotion.serves(repository, served, commit):
        print(f"{version} is what {repository} serves already: nothing was changed.")
        return
    decision, rows = decide(arguments, commit, served)
    if arguments.force:
        decision += f" Forced: {arguments.force}"
    address = promotion.promote(repository, version, commit, served, decision, rows)
    print(f"{repository} serves {version}: {decision}\n{address}")


def main() -> None:
    """Promote, or print in one sentence why not."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("repository", metavar="USER/REPO", help="repository on the Hub")
    parser.add_argument("version", help="a tag of the repository, e.g. v2")
    parser.add_argument("--data", type=Path, help="an mnist.npz; without it, Keras downloads MNIST")
    parser.add_argument("--dev", type=Path, help="folder of other sets to compare on")
    parser.add_argument(
        "--extra",
        metavar="FOLDER|USER/DATASET",
        help="as for train.py; only what it holds out counts",
    )
    parser.add_argument("--force", metavar="WHY", help="serve it even if it is worse")
    arguments = parser.parse_args()
    if arguments.dev and not arguments.dev.is_dir():
        parser.error(f"--dev wants a folder. Received: {arguments.dev}")
    try:
        promote(arguments)
    except digit_model.DigitModelError as error:
        sys.exit(f"promote.py: {error}")


if __name__ == "__main__":
    main()
