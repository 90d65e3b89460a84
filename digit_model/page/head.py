"""What search engines see of the page, and those who are sent a link to it."""

import html
import os
from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import FileResponse

from digit_model.page.door import PREVIEW
from digit_model.page.texts import Texts, write_script

PICTURE = Path(__file__).with_name("preview.jpg")  # Made by `scripts/screenshots.py`.


def write_head(root_path: str | None) -> str:
    """The texts, a description, and a preview where it is known where others find the page.

    Args:
        root_path: where a proxy in front of it serves it: a path or a whole address.
    """
    head = f'<meta name="description" content="{html.escape(Texts()("description"))}">'
    head += write_script()
    space = os.environ.get("SPACE_HOST", "").split(",")[0]
    address = f"https://{space}" if space else root_path or ""
    if urlsplit(address).hostname:  # A path alone is of no use to another site.
        picture = html.escape(address.rstrip("/") + PREVIEW)
        head += f'<meta property="og:image" content="{picture}">'
    return head


async def show_preview(_: Request) -> FileResponse:
    """The picture that is shown beside a link."""
    return FileResponse(PICTURE)
