"""Take screenshots of the page in every state: python -m scripts.screenshots [FOLDER].

Each state is taken on three screens, light and dark. The README's picture of a phone and the
preview image for links to the page are written too.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser

from scripts.app_server import ROOT, serve
from scripts.benchmark import make_picture
from scripts.visit import DESK, PHONE, Visit, open_browser

SCREENS: dict[str, dict[str, Any]] = {
    "phone": PHONE,
    "tablet": {"viewport": {"width": 820, "height": 1180}, "has_touch": True},
    "desktop": DESK,
}
README_SCREEN = {**PHONE, "device_scale_factor": 1, "color_scheme": "dark"}
PREVIEW_SCREEN = {"viewport": {"width": 1200, "height": 630}}


def show_example(visit: Visit, name: str, answer: str) -> None:
    """Press an example, and wait for its answer."""
    visit.press(name)
    visit.expect_answer(answer)


def draw_unsure(visit: Visit) -> None:
    """Draw two digits on top of each other."""
    visit.draw("6")
    visit.draw("7")
    visit.expect_answer("or perhaps")


def upload_damaged(visit: Visit) -> None:
    """Upload a file that is not a picture."""
    visit.upload("broken.png", b"broken")
    visit.expect_answer("Expected")


def show_steps(visit: Visit) -> None:
    """Show a number, and open the steps of its reading."""
    show_example(visit, "A number", "2026")
    visit.page.locator("summary").click()
    visit.page.locator(".steps li").first.wait_for()


def upload_photo(visit: Visit) -> None:
    """Upload the photo of a digit."""
    visit.upload("photo.jpg", make_picture("photo", np.random.default_rng(0), first=4))
    visit.expect_answer("a 4.")


def ask_why(visit: Visit) -> None:
    """Show a number, and ask why one digit was read so."""
    show_example(visit, "A number", "2026")
    visit.press("Why 0?")
    visit.page.locator(".why").wait_for()


STATES: dict[str, Callable[[Visit], None]] = {
    "empty": lambda _: None,
    "digit": lambda visit: show_example(visit, "A 7 with a bar", "a 7."),
    "number": lambda visit: show_example(visit, "A number", "2026"),
    "unsure": draw_unsure,
    "not-a-digit": lambda visit: show_example(visit, "Not a digit", "does not look like"),
    "upload": upload_photo,
    "page": lambda visit: show_example(visit, "A photo of a page", "306"),
    "error": upload_damaged,
    "why": ask_why,
    "steps": show_steps,
}


def visit_each(browser: Browser, url: str) -> Iterator[tuple[str, Visit]]:
    """Visit each state; yield a name for the picture, and the visit."""
    for size, screen in SCREENS.items():
        for mode in ("light", "dark"):
            for state, act in STATES.items():
                visit = Visit(browser, url, {**screen, "color_scheme": mode})
                act(visit)
                visit.settle()
                visit.close_notices()
                yield f"{size}-{mode}-{state}", visit
                visit.page.close()


def main() -> None:
    """Write all pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "folder",
        type=Path,
        nargs="?",
        default=ROOT / "build" / "screenshots",
        help="folder for the pictures",
    )
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as logs,
        serve(Path(logs)) as app,
        open_browser() as browser,
    ):
        for name, visit in visit_each(browser, app.url):
            visit.page.screenshot(path=folder / f"{name}.png")
        visit = Visit(browser, app.url, README_SCREEN)
        show_example(visit, "A number", "2026")
        visit.settle()
        visit.page.screenshot(path=ROOT / "assets" / "phone.png")
        visit = Visit(browser, app.url, PREVIEW_SCREEN)
        show_example(visit, "A number", "2026")
        preview = ROOT / "digit_model" / "page" / "preview.jpg"
        visit.page.screenshot(path=preview, quality=80)


if __name__ == "__main__":
    main()
