"""A picture from a file, the camera or the clipboard."""

from pathlib import Path
from typing import Any

import gradio as gr

from digit_model.limits import MAX_UPLOAD_MB
from digit_model.page.sketchpad import take_or_tell

HERE = Path(__file__).parent


class Upload(gr.HTML):
    """A field to choose, drop, paste or photograph a picture; its value is an uploaded file.

    It takes files dropped or pasted anywhere on the page. It triggers `input` with each picture,
    and with None when the picture is removed.
    """

    def __init__(self, label: str = "Upload", **properties: Any) -> None:
        super().__init__(
            label=label,
            html_template=(HERE / "upload.html").read_text(encoding="utf-8"),
            js_on_load=(HERE / "upload.js").read_text(encoding="utf-8"),
            apply_default_css=False,
            most_mb=MAX_UPLOAD_MB,
            **properties,
        )

    def preprocess(self, payload: Any) -> Any:
        """Check the upload's form, without opening it.

        Raises:
            gr.Error: if it is neither an upload nor a data URL.
        """
        return take_or_tell(payload)

    def postprocess(self, value: Any) -> None:
        """Remove the picture: no event shows one here."""

    def api_info(self) -> dict[str, Any]:
        """Describe the input for programs: a file."""
        return {
            "type": "object",
            "title": "FileData",
            "description": "a picture or photo: handle_file(path)",
            "properties": {
                "path": {"type": "string"},
                "url": {"type": "string", "description": "a data URL, in place of the path"},
                "meta": {"type": "object", "default": {"_type": "gradio.FileData"}},
            },
        }

    def example_payload(self) -> None:
        """No picture."""

    def example_value(self) -> None:
        """No picture."""
