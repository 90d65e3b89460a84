"""Record the README's film of the page: python -m scripts.record.

A number is drawn stroke by stroke, then the page is asked why it reads one digit so.
"""

import io
import json
import tempfile
from pathlib import Path

from PIL import Image

from scripts.app_server import ROOT, serve
from scripts.visit import Visit, open_browser

FILM = ROOT / "assets" / "film.webp"
SCREEN = {"viewport": {"width": 1000, "height": 640}}
PAPER_WIDTH = 480  # Width of the paper, in units of the examples' strokes.
POINTS_PER_PICTURE = 6  # Points of a stroke from one picture to the next.
PICTURE_MS = 80  # How long most pictures are shown.
HOLD_MS = 2500  # How long the answer is shown.
QUALITY = 60  # WebP quality, 0..100.


class Film:
    """Pictures of a page, and how long each is shown."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._pictures: list[Image.Image] = []
        self._times: list[int] = []

    def take(self, milliseconds: int) -> None:
        """Take a picture to be shown for a time."""
        shot = self._visit.page.screenshot()
        self._pictures.append(Image.open(io.BytesIO(shot)).convert("RGB"))
        self._times.append(milliseconds)

    def save(self, path: Path) -> None:
        """Write an animated WebP that loops forever."""
        first, *others = self._pictures
        first.save(
            path,
            save_all=True,
            append_images=others,
            duration=self._times,
            loop=0,
            quality=QUALITY,
            method=6,
        )


def main() -> None:
    """Act as a visitor, and record the film."""
    examples = json.loads((ROOT / "digit_model" / "page" / "examples.json").read_text())
    strokes = next(e["strokes"] for e in examples if e["name"] == "example_number")
    with (
        tempfile.TemporaryDirectory() as logs,
        serve(Path(logs)) as app,
        open_browser() as browser,
    ):
        visit = Visit(browser, app.url, SCREEN)
        visit.settle()
        film = Film(visit)
        film.take(10 * PICTURE_MS)
        paper = visit.pad.bounding_box()
        assert paper
        scale = paper["width"] / PAPER_WIDTH
        for stroke in strokes:
            points = [(paper["x"] + scale * x, paper["y"] + scale * y) for x, y in stroke]
            visit.page.mouse.move(*points[0])
            visit.page.mouse.down()
            for number, point in enumerate(points):
                visit.page.mouse.move(*point)
                if number % POINTS_PER_PICTURE == 0:
                    film.take(PICTURE_MS)
            visit.page.mouse.up()
            film.take(PICTURE_MS)
        visit.expect_answer("2026")
        visit.settle()
        film.take(HOLD_MS)
        visit.press("Why 0?")
        visit.page.locator(".why").wait_for()
        film.take(2 * HOLD_MS)
        film.save(FILM)
    print(f"Wrote {FILM.name}: {FILM.stat().st_size / 1e3:,.0f} kB.")


if __name__ == "__main__":
    main()
