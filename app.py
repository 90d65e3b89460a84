"""The page: draw digits or upload a picture of some, and see what was read.

python app.py                                       the model that comes with the package
python app.py --model user/repository --revision v1 a model from the Hugging Face Hub
python app.py --share                               a public link beside the local one
"""

import gc

gc.disable()  # Looking for garbage among what is only being imported takes a sixth of the start.

import argparse
import base64
import logging
import os
import signal
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from typing import Any

import gradio as gr
import numpy as np
from fastapi import Request
from fastapi.responses import PlainTextResponse
from gradio import processing_utils
from gradio.data_classes import FileData, ImageData
from gradio.events import Dependency

import digit_model
from digit_model.answer import HINT, Answer, answer
from digit_model.hub import DISK_ERRORS
from digit_model.limits import DATA_URL, KEPT_SECONDS, SESSIONS, UPLOAD, WAITING
from digit_model.show import FRAMES_A_ROW, data_url, explain_frame, tile_frames

gc.freeze()  # What was imported stays; to look it through again and again would delay answers.
gc.enable()

CANVAS = (480, 320)  # Pixels, width and height; wide, so that it invites a number.
PEN_RADIUS = 10  # Canvas pixels.
NOTICE_SECONDS = 30  # That it is told why an upload was not read.
BUTTON_WIDTH = 120  # Pixels at least; two fit beside each other on a phone.
BLANK = np.full((CANVAS[1], CANVAS[0], 3), 255, np.uint8)
LEGEND = (
    f"In what the model sees of up to {FRAMES_A_ROW} digits, blue ink spoke for the answer and "
    "orange ink for the next best; where it is violet, ink would have changed the answer. Under "
    "it, black on white, stands the most similar example from training."
)

# System fonts, so that the page asks no other host for anything.
THEME = gr.themes.Soft(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"])
# Pan, zoom, a palette of one colour and a second Clear are no use on a canvas shown whole.
CSS = """
.pad :is([title=Pan], [title^=Zoom], [title=Color], [title^=Clear], .zoom-number, .separator) {
  display: none;
}
.pad :is(.toolbar-wrap, .half-container) { flex-direction: row; width: auto; border: none; }
.pad .toolbar-wrap { inset: auto auto 0 50%; transform: translateX(-50%); }
.pad .half-container .size_picker { left: 50%; transform: translateX(-50%); }
.answer p { font-size: 1.5rem; font-weight: 600; }
.probabilities .confidence-set { margin-bottom: 0; }
:is(.frame, .marked) .html-container { min-height: 8rem; padding-top: 3rem; }
:is(.frame, .marked) label span { display: none; }
:is(.frame, .marked) img { width: 100%; max-height: 16rem; margin: 0; object-fit: contain; }
.frame img { image-rendering: pixelated; }
.unsent {
  position: fixed; inset: auto 1rem 1rem; padding: 1rem; text-align: center; z-index: 1;
  background: var(--error-background-fill); color: var(--error-text-color); font: 1rem var(--font);
}
@media (max-width: 640px) {
  h1 { font-size: 1.4rem !important; }
  .pad { height: 18rem !important; }  /* So that the answer needs no scrolling. */
  .photo { height: 8rem !important; }
}
"""
# Screen readers are told each answer. The pad says nothing of a drawing that cannot be sent: for
# some seconds, this does.
TELL = """() => {
  document.querySelector(".answer")?.setAttribute("aria-live", "polite");
  window.addEventListener("unhandledrejection", ({ reason }) => {
    if (!/^HTTP |fetch/.test(reason?.message)) return;
    document.querySelector(".unsent")?.remove();
    const told = Object.assign(document.createElement("div"), { className: "unsent" });
    told.setAttribute("role", "alert");
    told.textContent = `The drawing could not be sent. ${reason.message}`;
    document.body.append(told);
    setTimeout(() => told.remove(), 8000);
  });
}"""

UNTOUCHED = Answer()[:5]
UNCHANGED = (gr.skip(),) * 5

# After each event gradio would sum up those before, with pandas, for a page that is off here.
os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(sys.maxsize)
os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"

log = logging.getLogger("app")


def hand_on(picture: FileData | ImageData | bytes | None, **_: Any) -> str | bytes | None:
    """Leave a picture unopened: the package bounds its size, and its errors say what to do."""
    if not isinstance(picture, FileData | ImageData):
        return picture
    if picture.path:
        return picture.path
    # A program may send a data URL in place of a file.
    data = (picture.url or "").partition(",")[2]
    if len(data) * 3 / 4 > DATA_URL:
        raise gr.Error(f"Expected at most {UPLOAD}. Received more. Shrink the picture.")
    try:
        return base64.b64decode(data)
    except ValueError as error:
        raise gr.Error(f"Expected a picture in base64. {error}.", print_exception=False) from error


async def fetch_nothing(url: str, cache_dir: str) -> str:  # noqa: ARG001, gradio names them
    """Refuse to fetch a picture for a visitor: who asks might see what only the server may."""
    raise gr.Error(
        f"Expected a picture. Received the address {url}. Send the file itself.",
        print_exception=False,
    )


def picture_box(label: str, description: str, name: str) -> gr.HTML:
    """Show a data URL: a picture in a file would cost a write, a request and a clean-up."""
    return gr.HTML(
        label=label,
        show_label=True,
        container=True,
        html_template=f'${{value ? `<img src="${{value}}" alt="{description}">` : ""}}',
        elem_classes=name,
    )


def identify(sketchpad: dict[str, Any]) -> int:
    """Tell a drawing from another."""
    return hash(sketchpad["composite"])


def build_demo(
    reader: digit_model.Reader, model: str = "built in", warning: str = ""
) -> gr.Interface:
    """Build the page around a reader.

    Args:
        reader: reads what is drawn or uploaded.
        model: the name and revision of its model, for the foot of the page.
        warning: what the visitor must know, for the head of the page.
    """
    # Each thread that has read a photo keeps 20 MB, so there are no more than the cores.
    pool = ThreadPoolExecutor(os.cpu_count())

    def read(*pictures: Any) -> Answer:
        """Read the first picture that is not blank, or the last, as soon as a core is free."""
        return pool.submit(read_now, pictures).result()

    def read_now(pictures: Sequence[Any]) -> Answer:
        begin, verdict = time.perf_counter(), "refused"
        try:
            said = answer(reader, pictures)
            verdict = said.verdict
            return said
        except digit_model.DigitModelError as error:
            raise gr.Error(str(error), print_exception=False) from error
        finally:
            log.info("%s in %.0f ms", verdict, 1000 * (time.perf_counter() - begin))

    def predict(
        sketchpad: dict[str, Any] | None = None, upload: str | bytes | None = None
    ) -> tuple[str, dict[str, float] | None, str | None, str | None]:
        """Read handwritten digits, numbers or pages of numbers, drawn or uploaded.

        Args:
            sketchpad: a drawing, as {"composite": picture}.
            upload: a picture or photo, read where the drawing is blank.

        Returns:
            what it looks like, in a sentence; the best readings with their
            probabilities: of one digit the ten classes, of a page its lines
            joined by newlines; the picture with a box round each digit; and the
            28x28 pictures that the model sees; both pictures as data URLs.
            The last three are None where no digit is found.
        """
        said = read(sketchpad or BLANK, *filter(None, [upload]))
        return said[:4] if upload or said.verdict != "blank" else UNTOUCHED[:4]

    def follow_pen(sketchpad: dict[str, Any], upload: str | None) -> Any:
        """Read the pad, unless an upload has emptied it.

        Returns:
            the outputs, the digits, what is on the pad now, and the upload that stays.
        """
        said = read(sketchpad)
        if said.verdict != "blank":
            return *explained(said), identify(sketchpad), None
        return *(UNCHANGED if upload else UNTOUCHED), identify(sketchpad), upload

    def catch_up(sketchpad: dict[str, Any], upload: str | None, last: int | None) -> Any:
        """Read the pad if it holds something else than at pen-up, when it may have been behind."""
        if upload or identify(sketchpad) == last:
            return *UNCHANGED, last
        return follow_pen(sketchpad, None)[:-1]

    def explain(digits: Sequence[digit_model.Digit] | None) -> str | None:
        """The frames of a few digits, explained, which takes several times as long as reading."""
        if not digits or len(digits) > FRAMES_A_ROW:
            return None
        whys = pool.map(reader.explain, digits)
        frames = [explain_frame(digit.frame, why) for digit, why in zip(digits, whys, strict=True)]
        return data_url(tile_frames(frames), "png")

    def explained(said: Answer) -> tuple[Any, ...]:
        """What the page shows of an answer, and the digits."""
        return said._replace(frames=explain(said.digits) or said.frames)[:5]

    def take_upload(upload: str | None) -> Any:
        """Read an upload, or say why not and let go of it.

        Returns:
            the outputs, the digits, and the upload that stays.
        """
        try:
            return *(explained(read(upload)) if upload else UNTOUCHED), upload
        except gr.Error as error:
            # Raised, it would leave the page as it was.
            gr.Warning(error.message, duration=NOTICE_SECONDS, title="Not read")
            return *UNTOUCHED, None

    sketchpad = gr.Sketchpad(
        # Without a value the pad starts with no tool, and the first stroke draws nothing.
        value=BLANK,
        label="Draw here",
        canvas_size=CANVAS,
        fixed_canvas=True,
        height=CANVAS[1] + 60,
        layers=False,
        transforms=(),
        buttons=[],
        brush=gr.Brush(default_size=PEN_RADIUS, colors=["#000000"], color_mode="fixed"),
        eraser=gr.Eraser(default_size=2 * PEN_RADIUS),
        elem_classes="pad",
    )
    sketchpad.convert_and_format_image = hand_on  # type: ignore[method-assign, assignment]
    # As an array it would be written again each time, while another visitor's pad loads it.
    paper = sketchpad.value["composite"]["path"]
    upload = gr.Image(
        label="or upload", type="filepath", height=160, buttons=[], elem_classes="photo"
    )
    # An output that this may not skip: gradio would build it anew, with its own preprocess.
    upload.preprocess = hand_on  # type: ignore[method-assign, assignment]
    outputs = [
        gr.Markdown(HINT, label="Answer", elem_classes="answer"),
        gr.Label(label="Probabilities", show_heading=False, elem_classes="probabilities"),
        picture_box("What was read", "A box round each digit", "marked"),
        picture_box("What the model sees", "Each digit in 28x28 pixels", "frame"),
    ]
    demo = gr.Interface(
        predict,
        [sketchpad, upload],
        outputs,
        title="Handwritten digit reader",
        description=(f"⚠️ **{warning}**\n\n" if warning else "")
        + "Draw a number, or upload a photo of numbers; the answer comes by itself.",
        article=f"{LEGEND}\n\nModel: {model}.",
        submit_btn=gr.Button("Read", variant="primary", min_width=BUTTON_WIDTH),
        clear_btn=gr.Button("Clear", min_width=BUTTON_WIDTH),
        flagging_mode="never",
        api_name="predict",
        show_progress="hidden",
        analytics_enabled=False,
        # How often it is cleaned, and how old is what goes then.
        delete_cache=(KEPT_SECONDS // 2, KEPT_SECONDS // 2),
    )
    live: dict[str, Any] = {
        "trigger_mode": "always_last",
        "show_progress": "hidden",
        "api_visibility": "private",
    }
    clear = next(block for block in demo.blocks.values() if isinstance(block, gr.ClearButton))
    with demo:
        digits, last = gr.State(), gr.State()
        shown = [*outputs, digits]
        sketchpad.input(follow_pen, [sketchpad, upload], [*shown, last, upload], **live)
        sketchpad.change(catch_up, [sketchpad, upload, last], [*shown, last], **live)
        upload.input(take_upload, upload, [*shown, upload], **live)
        # The button is the Interface's own; what it reads is explained once it is shown.
        number = next(number for number, fn in demo.fns.items() if fn.api_name == "predict")
        reading = Dependency(None, {}, number, predict)
        reading.success(lambda seen: explain(seen) or gr.skip(), digits, outputs[3], **live)
        upload.input(lambda: paper, None, sketchpad, **live)
        clear.click(lambda: (paper, HINT), None, [sketchpad, outputs[0]], **live)
    return demo


def refuse(_: Request, error: Exception) -> PlainTextResponse:
    """Say that a picture cannot be kept, where the disk is why."""
    if not isinstance(error, OSError) or error.errno not in DISK_ERRORS:
        raise error
    log.error("A picture cannot be kept: %s", error)
    return PlainTextResponse("No room for pictures on the server's disk. Try again later.", 507)


def end(number: int, _: Any) -> None:
    """End as at Ctrl-C: readings under way are answered before; more signals change nothing."""
    signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def main() -> None:
    """Serve the page until interrupted."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--model",
        default=os.environ.get("DIGIT_MODEL"),
        help="an artefact folder or a Hub repository (default: $DIGIT_MODEL, else the built-in)",
    )
    parser.add_argument(
        "--revision",
        default=os.environ.get("DIGIT_MODEL_REVISION"),
        help="the repository's tag, branch or commit (default: $DIGIT_MODEL_REVISION)",
    )
    parser.add_argument("--share", action="store_true", help="make a public link")
    parser.add_argument("--host", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, help="port to listen on (default: 7860 or the next)")
    parser.add_argument(
        "--log-level",
        choices=["debug", "info", "warning", "error"],
        default="info",
        help="info, the default, prints a line for each reading; warning does not",
    )
    arguments = parser.parse_args()
    logging.basicConfig(format="%(asctime)s %(levelname)s: %(message)s")
    log.setLevel(arguments.log_level.upper())

    model = " at ".join(filter(None, [arguments.model, arguments.revision])) or "built in"
    warning = ""
    try:
        reader = digit_model.load(arguments.model or None, arguments.revision or None)
    except digit_model.HubUnreachableError as error:
        warning = f"{model} cannot be reached; the built-in model reads instead."
        log.warning("%s %s", warning, error)
        model = "built in"
        reader = digit_model.load()
    except digit_model.DigitModelError as error:
        sys.exit(str(error))

    # Training draws with it; gradio would import it before the first answer, in case of plots.
    sys.modules["matplotlib"] = None  # type: ignore[assignment]
    processing_utils.async_ssrf_protected_download = fetch_nothing
    # Of each kind of event, so that waiting uploads are not in a queue before the drawings.
    demo = build_demo(reader, model, warning).queue(
        max_size=WAITING, default_concurrency_limit=os.cpu_count()
    )
    try:
        demo.launch(
            server_name=arguments.host,
            server_port=arguments.port,
            share=arguments.share,
            prevent_thread_lock=True,
            show_error=True,
            max_file_size=UPLOAD,
            enable_monitoring=False,
            state_session_capacity=SESSIONS,
            theme=THEME,
            css=CSS,
            js=TELL,
            app_kwargs={"exception_handlers": {OSError: refuse}},
        )
    except OSError as error:
        sys.exit(f"Expected a free port and an address of this machine. {error}")
    if arguments.share and not demo.share_url:
        log.warning("No public link could be made: no network? The page is served locally.")
    versions = [f"{name} {version(name)}" for name in ("gradio", "ai-edge-litert", "numpy")]
    log.info("Serving the model %s with %s.", model, ", ".join(versions))
    signal.signal(signal.SIGTERM, end)
    demo.block_thread()


if __name__ == "__main__":
    main()
