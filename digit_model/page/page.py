"""The page: draw digits or upload a picture of some, and see what was read."""

from typing import Any

import gradio as gr

from digit_model.errors import DigitModelError
from digit_model.limits import WAITING
from digit_model.page.answer import Answer
from digit_model.page.answer_box import AnswerBox, PictureBox
from digit_model.page.readings import Readings, Sent
from digit_model.page.sketchpad import Sketchpad
from digit_model.page.upload import Upload
from digit_model.show import FRAMES_A_ROW

LEGEND = (
    f"*Show why* colours the frames of up to {FRAMES_A_ROW} digits: blue ink spoke for the answer, "
    "orange ink for the next best; where it is violet, ink would have changed the answer. Under "
    "each frame, black on white, stands the most similar example from training."
)


def build_demo(readings: Readings, model: str = "built in", warning: str = "") -> gr.Interface:
    """Build the page.

    Args:
        readings: reads what is drawn or uploaded.
        model: the name and revision of the model, for the foot of the page.
        warning: what the visitor must know, for the head of the page.
    """

    async def predict(sketchpad: Sent | None = None, upload: Sent | None = None) -> tuple[Any, ...]:
        """Read handwritten digits, numbers or pages of numbers, drawn or uploaded.

        Args:
            sketchpad: a drawing, as a data URL.
            upload: a picture or photo, read where nothing is drawn.

        Returns:
            what it looks like, in a sentence; the best readings with their
            probabilities: of one digit the ten classes, of a page its lines
            joined by newlines; the picture with a box round each digit; and the
            28x28 pictures that the model sees; both pictures as data URLs.
            The last three are None where no digit is found.
        """
        try:
            said = await readings.read(sketchpad, upload)
        except DigitModelError as error:
            raise gr.Error(str(error), print_exception=False) from error
        return said[:4] if upload or said.verdict != "blank" else Answer()[:4]

    async def show(sketchpad: Sent | None, upload: Sent | None) -> tuple[Any, ...]:
        """The same, with what went wrong where the answer stands."""
        try:
            return await predict(sketchpad, upload)
        except gr.Error as error:
            return Answer(error.message)[:4]

    async def explain(sketchpad: Sent | None, upload: Sent | None) -> Any:
        """The frames of a few digits, explained, which takes several times as long as reading."""
        try:
            return await readings.explain(sketchpad, upload)
        except DigitModelError as error:
            raise gr.Error(str(error), print_exception=False) from error

    sketchpad = Sketchpad(elem_classes="stage")
    upload = Upload()
    answer = AnswerBox(elem_classes="answer")
    label = gr.Label(label="Probabilities", show_heading=False, elem_classes="probabilities")
    marked = PictureBox("What was read", "A box round each digit", elem_classes="marked")
    frames = PictureBox(
        "What the model sees", "Each digit in 28x28 pixels", "Show why", elem_classes="frame"
    )
    outputs = [answer, label, marked, frames]
    demo = gr.Interface(
        predict,
        [sketchpad, upload],
        outputs,
        title="Handwritten digit reader",
        description=(f"⚠️ **{warning}**\n\n" if warning else "")
        + "Draw a number, or upload a photo of numbers; the answer comes by itself.",
        article=f"{LEGEND}\n\nModel: {model}.",
        # The page needs no button: this is the endpoint for programs.
        submit_btn=gr.Button("Read", visible=False),
        clear_btn=None,
        flagging_mode="never",
        api_name="predict",
        analytics_enabled=False,
        deep_link=False,
    )
    with demo:
        for touched, other in ((sketchpad, upload), (upload, sketchpad)):
            # In the browser: of both, the one that was touched last is what is read.
            touched.input(None, None, other, js="() => null", api_visibility="private")
        inputs = [sketchpad, upload]
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        touch = [sketchpad.input, upload.input]
        gr.on(touch, show, inputs, outputs, trigger_mode="always_last", **quiet)
        frames.click(explain, inputs, frames, **quiet)
    # Every reading goes through the queue at once: it waits in the lines of `readings`.
    demo.queue(api_open=False, default_concurrency_limit=None, max_size=4 * WAITING)
    return demo
