"""The page's metadata for search engines and link previews."""

import html
from pathlib import Path
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digit_model.page.door import PREVIEW_PATH
from digit_model.page.page import PAGE_NAME
from digit_model.page.texts import Texts, write_script

PREVIEW_FILE = Path(__file__).with_name("preview.jpg")  # Made by `scripts/screenshots.py`.
HEAD_TAG = b"<head>"


def write_head(address: str | None) -> str:
    """Write the head's HTML: texts, name, description, and a preview if the address is known.

    Args:
        address: where the page is served: a path or a full URL.
    """
    described = html.escape(Texts()("description"))
    tags = {
        'name="description"': described,
        'property="og:title"': PAGE_NAME,
        'property="og:description"': described,
    }
    if address and urlsplit(address).hostname:  # Other sites need a full URL.
        tags['property="og:image"'] = html.escape(address.rstrip("/") + PREVIEW_PATH)
    lines = [f'<meta {name} content="{content}">' for name, content in tags.items()]
    return "\n".join([*lines, write_script()])


class Head:
    """Middleware that writes HTML at the start of the page's head, before Gradio's own.

    The `head` of Gradio's `launch` is added by a script, and link previews run no scripts.

    Args:
        app: serves the page.
        text: the HTML.
    """

    def __init__(self, app: ASGIApp, text: str) -> None:
        self._app = app
        self._text = text.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http" or scope["path"] != "/":
            await self._app(scope, receive, send)
            return
        starts: list[Message] = []  # Held back until the length of the page is known.

        async def write(message: Message) -> None:
            if message["type"] == "http.response.start":
                starts.append(message)
                return
            if starts:
                page = message.get("body", b"")
                longer = page.replace(HEAD_TAG, HEAD_TAG + self._text, 1)
                headers = MutableHeaders(raw=starts[0]["headers"])
                if page and "content-length" in headers:
                    length = int(headers["content-length"]) + len(longer) - len(page)
                    headers["content-length"] = str(length)
                message = {**message, "body": longer}
                await send(starts.pop())
            await send(message)

        await self._app(scope, receive, write)


async def show_preview(_: Request) -> FileResponse:
    """Serve the picture for link previews."""
    return FileResponse(PREVIEW_FILE)
