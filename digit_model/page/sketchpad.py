"""The sketchpad; Gradio's own sends the drawing only 1.5 seconds after pen-up."""

from pathlib import Path
from typing import Any

import gradio as gr

from digit_model.page.readings import Sent, take

HERE = Path(__file__).parent


class Sketchpad(gr.HTML):
    """White paper to draw on; its value is a PNG of 480x320 pixels, as a data URL, or None.

    It triggers `input` during drawing and at pen-up.
    """

    def __init__(self, label: str = "Draw here", **properties: Any) -> None:
        super().__init__(
            label=label,
            html_template=(HERE / "sketchpad.html").read_text(encoding="utf-8"),
            js_on_load=(HERE / "sketchpad.js").read_text(encoding="utf-8"),
            apply_default_css=False,
            **properties,
        )

    def preprocess(self, payload: Any) -> Any:
        """Check the drawing's form, without opening it.

        Raises:
            gr.Error: if it is neither a data URL nor an upload.
        """
        return take_or_tell(payload)

    def postprocess(self, value: str | None) -> str | None:
        """Show a drawing, a data URL; None clears the paper."""
        return value

    def api_info(self) -> dict[str, Any]:
        """Describe the input for programs."""
        return {"type": "string", "description": "a drawing, as data:image/png;base64,..."}

    def example_payload(self) -> str | None:
        """Nothing drawn."""
        return None

    def example_value(self) -> str | None:
        """Nothing drawn."""
        return None


def take_or_tell(payload: Any) -> Sent | None:
    """Call `take`, and raise its error as one that Gradio shows."""
    try:
        return take(payload)
    except ValueError as error:
        raise gr.Error(str(error), print_exception=False) from error
