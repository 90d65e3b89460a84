"""What search engines see of the page, and those who are sent a link to it."""

import html
import os
from pathlib import Path
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digit_model.page.door import PREVIEW
from digit_model.page.page import NAME
from digit_model.page.texts import Texts, write_script

PICTURE = Path(__file__).with_name("preview.jpg")  # Made by `scripts/screenshots.py`.
START = b"<head>"


def write_head(root_path: str | None) -> str:
    """The texts, name and description, and a preview where the page's address is known.

    Args:
        root_path: where a proxy in front of it serves it: a path or a whole address.
    """
    described = html.escape(Texts()("description"))
    tags = {
        'name="description"': described,
        'property="og:title"': NAME,
        'property="og:description"': described,
    }
    space = os.environ.get("SPACE_HOST", "").split(",")[0]
    address = f"https://{space}" if space else root_path or ""
    if urlsplit(address).hostname:  # A path alone is of no use to another site.
        tags['property="og:image"'] = html.escape(address.rstrip("/") + PREVIEW)
    lines = [f'<meta {name} content="{content}">' for name, content in tags.items()]
    return "\n".join([*lines, write_script()])


class Head:
    """Writes into the page's head, before what Gradio says of itself there.

    What `launch` is given as `head` is added by a script: those who show links run none.

    Args:
        app: serves the page.
        text: HTML.
    """

    def __init__(self, app: ASGIApp, text: str) -> None:
        self._app = app
        self._text = text.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http" or scope["path"] != "/":
            await self._app(scope, receive, send)
            return
        starts: list[Message] = []  # Held back until it is known how long the page is.

        async def write(message: Message) -> None:
            if message["type"] == "http.response.start":
                starts.append(message)
                return
            if starts:
                page = message.get("body", b"")
                longer = page.replace(START, START + self._text, 1)
                headers = MutableHeaders(raw=starts[0]["headers"])
                if page and "content-length" in headers:
                    length = int(headers["content-length"]) + len(longer) - len(page)
                    headers["content-length"] = str(length)
                message = {**message, "body": longer}
                await send(starts.pop())
            await send(message)

        await self._app(scope, receive, write)


async def show_preview(_: Request) -> FileResponse:
    """The picture that is shown beside a link."""
    return FileResponse(PICTURE)
