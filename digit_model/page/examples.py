"""Examples to tap, drawn by `scripts/draw_examples.py`."""

import json
from pathlib import Path
from typing import Any

import gradio as gr
from starlette.requests import Request
from starlette.responses import FileResponse

from digit_model.page.door import EXAMPLE_PATH

HERE = Path(__file__).parent


class Examples(gr.HTML):
    """A row of drawings and a photo; pressing one draws it on the pad, or uploads it."""

    def __init__(self, **properties: Any) -> None:
        super().__init__(
            value=json.loads((HERE / "examples.json").read_text(encoding="utf-8")),
            html_template=(HERE / "examples.html").read_text(encoding="utf-8"),
            js_on_load=(HERE / "examples.js").read_text(encoding="utf-8"),
            apply_default_css=False,
            photo=EXAMPLE_PATH.removeprefix("/"),
            **properties,
        )


async def show_example(_: Request) -> FileResponse:
    """Serve the example photo."""
    return FileResponse(HERE / "example.jpg")
