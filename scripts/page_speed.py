"""Measure the page in a real browser, beside bare Gradio apps: python -m scripts.page_speed.

Prints the time from pen-up to the answer, also for a stock sketchpad whose app only counts; the
number of answers while somebody draws; how much the layout shifts; and how much is loaded, also for
an app that does nothing.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, Response, expect

from scripts.app_server import ROOT, running, serve
from scripts.baselines import LIVE
from scripts.visit import DESK, PATIENCE_MS, PHONE, Visit, open_browser

DRAWING_SECONDS = 3.0  # How long somebody draws while answers are counted.
MOVE_MS = 20  # Pause after each move of the pointer.
SETTLED_MS = 5000  # Time after which a page loads nothing more.
# Sums Cumulative Layout Shift, but counts shifts after an input too, and, because entries are
# buffered, shifts before this script runs.
WATCH_SHIFTS = """() => {
  window.shifts = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.shifts += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
}"""
# Records the time of the last pen-up, and the times of the answers.
WATCH_ANSWERS = """(place) => {
  window.answers = [];
  addEventListener("pointerup", () => { window.penUp = performance.now(); }, true);
  const changes = { childList: true, subtree: true, characterData: true };
  new MutationObserver(() => window.answers.push(performance.now()))
    .observe(document.querySelector(place), changes);
}"""
ANSWER_TIME = "answers.at(-1) - penUp"


def time_answers(visit: Visit, repeat: int) -> list[float]:
    """Measure milliseconds from pen-up to the answer, for strokes too short to be read earlier."""
    visit.page.evaluate(WATCH_ANSWERS, ".answer")
    times = []
    for _ in range(repeat):
        visit.draw("1")
        visit.expect_answer("a 1.")
        times.append(visit.page.evaluate(ANSWER_TIME))
        visit.clear()
        visit.settle()
    return times


def time_stock(browser: Browser, url: str, repeat: int) -> list[float]:
    """Measure milliseconds from pen-up to the answer, for a stock sketchpad."""
    page: Page = browser.new_page(**DESK)
    page.goto(url)
    page.get_by_role("button", name="Brush").click()
    page.wait_for_timeout(SETTLED_MS)
    page.evaluate(WATCH_ANSWERS, "main")
    box = page.locator("canvas").first.bounding_box()
    assert box
    left, top = box["x"] + box["width"] / 3, box["y"] + box["height"] / 3
    label = page.get_by_test_id("label-output-value")
    times = []
    for number in range(repeat + 1):  # The first stroke warms up.
        before = label.inner_text() if number else ""
        page.mouse.move(left, top)
        page.mouse.down()
        page.mouse.move(left + 3 * number, top + 60)
        page.mouse.up()
        expect(label).not_to_have_text(before, timeout=PATIENCE_MS)
        times.append(page.evaluate(ANSWER_TIME))
        page.wait_for_timeout(1000)
    page.close()
    return times[1:]


def count_answers(visit: Visit) -> float:
    """Count the answers a second while somebody draws without a pause."""
    urls: list[str] = []
    visit.page.on("request", lambda request: urls.append(request.url))
    box = visit.pad.bounding_box()
    assert box
    visit.page.mouse.move(box["x"] + 20, box["y"] + 20)
    visit.page.mouse.down()
    begin, step = time.monotonic(), 0
    while (seconds := time.monotonic() - begin) < DRAWING_SECONDS:
        step += 1
        visit.page.mouse.move(box["x"] + 20 + 2 * step, box["y"] + 20 + step % 9 * 20)
        visit.page.wait_for_timeout(MOVE_MS)
    # The page asks again once it has an answer, so all requests but the last were answered.
    answered = sum("/queue/join" in url for url in urls) - 1
    visit.page.mouse.up()
    return answered / seconds


def measure_load(browser: Browser, url: str) -> tuple[int, int]:
    """Count the requests, and the bytes as sent, until a page is loaded."""
    page: Page = browser.new_page(**DESK)
    sizes: list[int] = []

    def note(response: Response) -> None:
        if "/heartbeat/" not in response.url:  # It never ends while the page is open.
            sizes.append(response.request.sizes()["responseBodySize"])

    page.on("response", note)
    page.goto(url)
    page.wait_for_timeout(SETTLED_MS)
    page.close()
    return len(sizes), sum(sizes)


def main() -> None:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=30, help="repetitions of each measurement")
    repeat = parser.parse_args().repeat
    with (
        tempfile.TemporaryDirectory() as logs,
        serve(Path(logs)) as app,
        open_browser() as browser,
    ):
        for name, screen in ("desktop", DESK), ("phone", PHONE):
            visit = Visit(browser, app.url, screen)
            expect(visit.answer).to_be_visible()
            visit.page.evaluate(WATCH_SHIFTS)
            visit.settle()
            print(f"layout shift on load, {name}: {visit.page.evaluate('shifts'):.3f}")
            visit.page.evaluate("window.shifts = 0")
            times = time_answers(visit, repeat)
            print(f"layout shift while answers come, {name}: {visit.page.evaluate('shifts'):.3f}")
            print(f"pen-up to the answer, {name}, ms: {statistics.median(times):.0f} (n={repeat})")
            if screen is DESK:
                print(f"answers a second while drawing: {count_answers(visit):.1f}")
            visit.page.close()
        baselines = str(ROOT / "scripts" / "baselines.py")
        with running(Path(logs) / "live.log", baselines, LIVE) as live:
            stock = statistics.median(time_stock(browser, live.url, repeat))
        print(f"pen-up to the answer, stock sketchpad, ms: {stock:.0f} (n={repeat})")
        with running(Path(logs) / "bare.log", baselines, "bare") as bare:
            for name, url in ("this app", app.url), ("bare", bare.url):
                requests, size = measure_load(browser, url)
                print(f"loaded by {name}: {requests} requests, {size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
