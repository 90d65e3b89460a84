"""Acts as a visitor of the page, in a real browser."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    FilePayload,
    Page,
    Request,
    expect,
    sync_playwright,
)

from scripts.strokes import STROKES

PATIENCE_MS = 10_000  # Longest wait for anything that is not timed.
QUIET_MS = 400  # Time without requests after which the page is idle.
STREAM_SECONDS = 4  # Age after which an open answer stream is ignored: Gradio may not close it.
STROKES_TO_HEIGHT = 0.7  # Side of the square that holds a digit's strokes, of the paper's height.
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 3,
}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Open Chromium or Chrome until the block ends."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found, f"Expected one of {BROWSERS} on the PATH; scripts/test installs Chromium."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


class Visit:
    """A visitor's page, with its requests and errors.

    Attributes:
        page: the loaded page.
        errors: errors of the browser's console.
        hosts: hosts that the page sent requests to.
        pending: requests without an answer yet, and when each began.
        answer: the element that shows the answer.
        pad: the canvas of the sketchpad.
    """

    def __init__(self, browser: Browser, url: str, screen: dict[str, Any]) -> None:
        self.page: Page = browser.new_page(**screen)
        self._by_touch = bool(screen.get("has_touch"))
        self.page.set_default_timeout(PATIENCE_MS)
        self.errors: list[str] = []
        self.hosts: set[str] = set()
        self.pending: dict[Request, float] = {}
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", self._begin)
        self.page.on("requestfinished", self._end)
        self.page.on("requestfailed", self._end)
        self.page.goto(url)
        self.answer = self.page.locator(".answer [role=status]")
        self.pad = self.page.locator("canvas.paper")
        self.pad.wait_for()

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} {message.location.get('url')}")

    def _begin(self, request: Request) -> None:
        if request.url.startswith("http"):
            self.hosts.add(request.url.split("/")[2])
        if "/heartbeat/" not in request.url:  # It never ends while the page is open.
            self.pending[request] = time.monotonic()

    def _end(self, request: Request) -> None:
        self.pending.pop(request, None)

    def settle(self) -> None:
        """Wait until no request has been pending for `QUIET_MS`.

        Raises:
            TimeoutError: if that takes longer than `PATIENCE_MS`.
        """
        limit = time.monotonic() + PATIENCE_MS / 1000
        quiet = 0
        while quiet < QUIET_MS:
            if time.monotonic() > limit:
                raise TimeoutError(f"Expected rest. Still on its way: {self.pending}.")
            self.page.wait_for_timeout(50)
            quiet = 0 if self._is_waiting() else quiet + 50

    def slow_down(self) -> None:
        """Emulate a slow network, which takes 300 ms each way."""
        self.page.context.new_cdp_session(self.page).send(
            "Network.emulateNetworkConditions",
            {"offline": False, "latency": 600, "downloadThroughput": -1, "uploadThroughput": -1},
        )

    def _is_waiting(self) -> bool:
        latest = time.monotonic() - STREAM_SECONDS
        return any(
            begun > latest or "/queue/data" not in request.url
            for request, begun in self.pending.items()
        )

    def draw(self, number: str, step: int = 4) -> None:
        """Draw digits by touch or mouse, using every `step`-th point of their strokes."""
        self.pad.scroll_into_view_if_needed()
        box = self.pad.bounding_box()
        assert box
        side = min(STROKES_TO_HEIGHT * box["height"], 0.9 * box["width"] / len(number))
        left = box["x"] + (box["width"] - side * len(number)) / 2
        top = box["y"] + (box["height"] - side) / 2
        draw_stroke = self._draw_by_touch if self._by_touch else self._draw_by_mouse
        for place, digit in enumerate(number):
            for stroke in STROKES[digit]:
                points = [*stroke[:-1:step], stroke[-1]] if len(stroke) > 4 else stroke
                draw_stroke([(left + (place + x) * side, top + y * side) for x, y in points])

    def _draw_by_mouse(self, stroke: list[tuple[float, float]]) -> None:
        self.page.mouse.move(*stroke[0])
        self.page.mouse.down()
        for point in stroke[1:]:
            self.page.mouse.move(*point)
        self.page.mouse.up()

    def _draw_by_touch(self, stroke: list[tuple[float, float]]) -> None:
        session = self.page.context.new_cdp_session(self.page)

        def touch(kind: str, *points: tuple[float, float]) -> None:
            places = [{"x": x, "y": y} for x, y in points]
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

        touch("touchStart", stroke[0])
        for point in stroke[1:]:
            touch("touchMove", point)
        touch("touchEnd")

    def upload(self, name: str, content: bytes) -> None:
        """Upload a file."""
        file = FilePayload(name=name, mimeType="image/png", buffer=content)
        self.page.locator("input[type=file]").set_input_files(file)

    def press(self, name: str) -> None:
        """Press a button."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def boxes(self) -> list[tuple[float, float]]:
        """Return the left and right edge of each digit's box, as shares of the picture's width."""
        places = self.page.locator("svg.boxes").evaluate(
            """svg => [svg.parentElement, ...svg.querySelectorAll("rect")].map((part) => {
                const { left, right } = part.getBoundingClientRect();
                return [left, right];
            })"""
        )
        (start, end), *found = places
        width = end - start
        return [((left - start) / width, (right - start) / width) for left, right in found]

    def clear(self) -> None:
        """Press Clear, and wait until the page is empty."""
        self.press("Clear")
        self.expect_answer("Draw a digit")

    def close_notices(self) -> None:
        """Close Gradio's own error messages."""
        for notice in self.page.get_by_test_id("toast-close").all():
            notice.dispatch_event("click")

    def expect_answer(self, text: str) -> None:
        """Wait for an answer that contains a text."""
        expect(self.answer).to_contain_text(text, timeout=PATIENCE_MS)

    def expect_no_error(self) -> None:
        """Check that neither the page nor the console shows an error."""
        expect(self.page.get_by_test_id("toast-body")).to_have_count(0)
        assert not self.errors, self.errors
