"""Write the README's picture of the page: python -m scripts.screenshot [FILE]."""

import argparse
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.app_server import ROOT, serve
from tests.visit import BROWSERS, FLAGS, Visit

SCREEN = {"viewport": {"width": 1000, "height": 640}}


def main() -> None:
    """Draw a number on the page as a visitor does, and photograph the answer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "file", type=Path, nargs="?", default=ROOT / "assets" / "screenshot.png", metavar="FILE"
    )
    file = parser.parse_args().file
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    with (
        tempfile.TemporaryDirectory() as folder,
        serve(Path(folder)) as app,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        visit = Visit(browser, app.url, SCREEN)
        visit.draw("2026", step=1)
        visit.expect_answer("This looks like 2026.")
        visit.press("Why is this a 0?")
        visit.page.locator(".why").wait_for()
        visit.settle()
        file.parent.mkdir(parents=True, exist_ok=True)
        visit.page.screenshot(path=file)


if __name__ == "__main__":
    main()
