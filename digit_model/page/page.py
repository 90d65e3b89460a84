"""The page: draw digits or upload a picture of some, and see what was read."""

from collections.abc import Callable
from functools import partial
from typing import Any

import gradio as gr

from digit_model.errors import DigitModelError
from digit_model.limits import MAX_WAITING
from digit_model.page.about import describe_model
from digit_model.page.answer import Answer, refuse
from digit_model.page.answer_box import AnswerBox
from digit_model.page.corrections import LABEL_PATTERN, keep
from digit_model.page.examples import Examples
from digit_model.page.keeper import CorrectionKeeper
from digit_model.page.readings import Readings, Sent
from digit_model.page.sketchpad import Sketchpad
from digit_model.page.texts import Texts, texts_for
from digit_model.page.upload import Upload

PAGE_NAME = "Inkling"


def build_demo(readings: Readings, corrections: CorrectionKeeper | None = None) -> gr.Interface:
    """Build the page; its texts are added at launch.

    Args:
        readings: reads drawings and uploads.
        corrections: keeps visitors' corrections; None if the page asks for none.
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
            return await readings.read(sketchpad, upload, Answer.for_programs)
        except DigitModelError as error:
            raise gr.Error(str(error), print_exception=False) from error

    async def show(
        sketchpad: Sent | None,
        upload: Sent | None,
        request: gr.Request,
        present: Callable[[Answer, Texts], tuple[Any, ...]] = Answer.for_page,
    ) -> tuple[Any, ...]:
        """Read for the page; errors are shown in place of the answer."""
        texts = texts_for(request.headers.get("accept-language", ""))
        try:
            return await readings.read(sketchpad, upload, lambda answer: present(answer, texts))
        except DigitModelError as error:
            return refuse(error, texts)

    async def show_more(
        sketchpad: Sent | None, upload: Sent | None, request: gr.Request, event: gr.EventData
    ) -> dict[str, Any]:
        """Explain the digit that was pressed, and show the steps of the reading."""
        try:
            number = None if event.index is None else int(event.index)
            steps = bool(event.steps)
        except (AttributeError, TypeError, ValueError) as error:
            message = "Expected the number of a digit or null as `index`, and `steps`."
            raise gr.Error(message, print_exception=False) from error
        present = partial(readings.tell_more, number=number, steps=steps)
        value: dict[str, Any]
        value, _ = await show(sketchpad, upload, request, present)
        return value

    async def tell_about(request: gr.Request) -> str:
        """Describe the model that is served now."""
        return describe_model(
            readings.served, texts_for(request.headers.get("accept-language", ""))
        )

    async def correct(
        sketchpad: Sent | None, upload: Sent | None, request: gr.Request, event: gr.EventData
    ) -> dict[str, Any]:
        """Keep a visitor's correction."""
        label = getattr(event, "label", None)
        if corrections is None or not isinstance(label, str) or not LABEL_PATTERN.fullmatch(label):
            message = "Expected a digit, or a number of at most 12, as `label`."
            raise gr.Error(message, print_exception=False)
        texts = texts_for(request.headers.get("accept-language", ""))
        present = partial(
            keep, served=readings.served, corrections=corrections, label=label, texts=texts
        )
        try:
            return await readings.read(sketchpad, upload, present)
        except DigitModelError as error:
            return {"kept": texts.explain_error(error)}

    static = gr.I18n()  # Refers to the texts that `write_static` translates.
    inputs = [Sketchpad(elem_classes="stage"), Upload(elem_classes="photos")]
    keeps = "" if corrections is None else corrections.dataset or "here"
    box = AnswerBox(elem_classes="answer", keeps=keeps)
    label = gr.Label(
        label=static("probabilities"), show_heading=False, elem_classes="probabilities"
    )
    shown = [box, label]
    # Only for programs: the page draws boxes itself, and shows the frame of a pressed digit.
    pictures = [
        gr.HTML(label="The picture, with boxes", visible=False),
        gr.HTML(label="What the model sees", visible=False),
    ]
    demo = gr.Interface(
        predict,
        inputs,
        [*shown, *pictures],
        title=PAGE_NAME,
        description=str(static("description")),
        # The page needs no button, but this one makes the endpoint for programs.
        submit_btn=gr.Button("Read", visible=False),
        clear_btn=None,
        flagging_mode="never",
        fill_width=True,
        api_name="predict",
        analytics_enabled=False,
        deep_link=False,
    )
    sketchpad, upload = inputs
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    with demo:
        Examples()
        with gr.Accordion(static("about"), open=False) as about:
            card = gr.Markdown(elem_classes="about")
        # One event for both inputs, so that answers come in the order of the pictures. Using one
        # input clears the other at once, in the browser.
        touch = [sketchpad.input, upload.input]
        gr.on(touch, show, inputs, shown, trigger_mode="always_last", **quiet)
        box.select(show_more, inputs, box, trigger_mode="multiple", **quiet)
        about.expand(tell_about, None, card, **quiet)
        if corrections is not None:
            box.submit(correct, inputs, box, **quiet)
    # Gradio's queue holds nothing back: readings wait in the queues of `readings`.
    demo.queue(api_open=False, default_concurrency_limit=None, max_size=4 * MAX_WAITING)
    return demo
