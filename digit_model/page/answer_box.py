"""Where the answer stands, in words and in pictures."""

from typing import Any

import gradio as gr

from digit_model.page.answer import HINT


class AnswerBox(gr.HTML):
    """The answer in words; screen readers are told each new one, and nothing else."""

    def __init__(self, label: str = "Answer", **properties: Any) -> None:
        super().__init__(
            label=label,
            html_template='<p role="status">${value || hint}</p>',
            js_on_load=None,
            apply_default_css=False,
            hint=HINT,
            **properties,
        )


class PictureBox(gr.HTML):
    """A picture as a data URL: in a file it would cost a write, a request and a clean-up.

    Args:
        label: what it shows, as its heading.
        alternative: the same for who cannot see it.
        action: the text of a button under it, which triggers `click`; "" for none.
    """

    def __init__(
        self, label: str = "", alternative: str = "", action: str = "", **properties: Any
    ) -> None:
        super().__init__(
            label=label,
            show_label=True,
            container=True,
            html_template="""
                ${value ? `<img src="${value}" alt="${alternative}">` : ""}
                ${value && action ? `<button type="button">${action}</button>` : ""}
            """,
            js_on_load="""
                element.addEventListener("click", ({target}) => {
                    if (target.matches("button")) trigger("click");
                });
            """,
            apply_default_css=False,
            alternative=alternative,
            action=action,
            **properties,
        )
