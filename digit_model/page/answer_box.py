"""Where the answer stands: in words, over the picture itself, and why."""

from pathlib import Path
from typing import Any

import gradio as gr

from digit_model.explain.show import MARK

HERE = Path(__file__).parent
MOST_BUTTONS = 12  # Digits of which each has a button: of a page, nobody wants hundreds.


class AnswerBox(gr.HTML):
    """The answer in words; a box round each digit, on the picture that was read; and why.

    Its value is a sentence, or what `Answer.for_page` gives, with `why` and `steps` beside it. It
    triggers `select` where somebody asks for these: with the `index` of a digit or null, and
    `steps`. It triggers `submit` where somebody says what it really was, with the `label`, and
    `kept` is what is said to that. Screen readers are told each new sentence, and nothing else.

    Args:
        label: its name.
        keeps: where corrections are kept: "here", or in the data set of that name on the Hub; ""
            for nowhere, and then nobody is asked for one.
        properties: Gradio's.
    """

    def __init__(self, label: str = "Answer", keeps: str = "", **properties: Any) -> None:
        super().__init__(
            label=label,
            html_template=(HERE / "answer_box.html").read_text(encoding="utf-8"),
            js_on_load=(HERE / "answer_box.js").read_text(encoding="utf-8"),
            apply_default_css=False,
            most_buttons=MOST_BUTTONS,
            mark=MARK,
            keeps=keeps,
            **properties,
        )

    def postprocess(self, value: Any) -> Any:
        """Show an answer."""
        return value
