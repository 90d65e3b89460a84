"""The component that shows the answer, its boxes and its explanation."""

from pathlib import Path
from typing import Any

import gradio as gr

from digit_model.explain.show import BOX_COLOUR

HERE = Path(__file__).parent
MAX_BUTTONS = 12  # With more digits than this, they get no buttons.


class AnswerBox(gr.HTML):
    """The answer as a sentence, boxes on the picture, and an explanation on request.

    The value is a sentence, or a dict from `Answer.for_page`, with optional `why` and `steps`.
    `select` asks for these, with `index` (a digit's number or null) and `steps` (a bool).
    `submit` sends a correction as `label`; the reply comes as `kept`. Screen readers announce
    each new sentence and nothing else.

    Args:
        label: the component's name.
        keeps: where corrections are kept: "here", the name of a data set on the Hub, or "" for
            nowhere; then nobody is asked for one.
        properties: Gradio's properties.
    """

    def __init__(self, label: str = "Answer", keeps: str = "", **properties: Any) -> None:
        super().__init__(
            label=label,
            html_template=(HERE / "answer_box.html").read_text(encoding="utf-8"),
            js_on_load=(HERE / "answer_box.js").read_text(encoding="utf-8"),
            apply_default_css=False,
            most_buttons=MAX_BUTTONS,
            mark=BOX_COLOUR,
            keeps=keeps,
            **properties,
        )

    def postprocess(self, value: Any) -> Any:
        """Show an answer."""
        return value
