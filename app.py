"""The page: draw digits or upload a picture of some, and see what was read.

python app.py                                       the model that comes with the package
python app.py --model user/repository --revision v1 a model from the Hugging Face Hub
python app.py --share                               a public link beside the local one
"""

import argparse
import base64
import logging
import os
import sys
from functools import partial
from typing import Any

import gradio as gr
import numpy as np
from gradio.data_classes import FileData, ImageData
from PIL import Image, ImageDraw

import digit_model
from digit_model.picture import open_picture

CANVAS = (480, 320)  # Pixels, width and height; wide, so that it invites a number.
PEN_RADIUS = 10  # Canvas pixels.
BUTTON_WIDTH = 120  # Pixels at least; two fit beside each other on a phone.
FRAME_ZOOM = 8  # Shown pixels per pixel of a frame.
FRAMES_A_ROW = 8
MARK = "#e11d48"  # The colour of the boxes round what was read.
# The colours of ink that spoke for the answer, of ink that spoke against it, and of paper on
# which ink would change it; people who see no red or green tell them apart.
SPOKE_FOR, SPOKE_AGAINST, WOULD_CHANGE = (40, 170, 255), (255, 140, 30), (120, 40, 140)
CLEARLY = 3.0  # Logarithm of the odds from which ink has the full colour.
BLANK = np.full((CANVAS[1], CANVAS[0], 3), 255, np.uint8)
CACHE_SECONDS = 3600  # Pictures are deleted when they are this old.
HINT = "Draw a digit or number, or upload some."
TRY_AGAIN = "Try again, large and clear."
LEGEND = (
    "In what the model sees, blue ink spoke for the answer and orange ink for the next best; "
    "where it is violet, ink would have changed the answer."
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
.answer p { font-size: 1.5rem; font-weight: 600; }
.probabilities .confidence-set { margin-bottom: 0; }
.frame img { image-rendering: pixelated; }
:is(.frame, .marked) .image-container { padding-top: 2.5rem; }
@media (max-width: 640px) { h1 { font-size: 1.4rem !important; } }
"""

log = logging.getLogger("app")


def describe(reading: digit_model.Reading) -> str:
    """Say in one plain sentence what was read."""
    if reading.verdict == "blank":
        return f"{reading.advice} {HINT}"
    if reading.verdict == "not a digit":
        return f"This does not look like a digit. {reading.advice or TRY_AGAIN}"
    names = [text.replace("\n", ", ") for text in reading.probabilities]
    if len(reading.digits) == 1:
        names = [f"an {name}" if name == "8" else f"a {name}" for name in names]
    if reading.verdict == "unsure" and len(names) > 1:
        return f"This looks like {names[0]}, or perhaps {names[1]}. {reading.advice}".strip()
    return f"This looks like {names[0]}."


def mark_digits(picture: Any, reading: digit_model.Reading) -> Image.Image:
    """Draw a box round each digit that was read, and the digit over it."""
    image, scale = open_picture(picture)
    image = image.convert("RGB")
    pencil = ImageDraw.Draw(image)
    line = max(2, max(image.size) // 300)
    texts = reading.text.replace("\n", "")
    for text, digit in zip(texts, reading.digits, strict=True):
        left, top, width, height = (side / scale for side in digit.box)
        box = (left - line, top - line, left + width + line, top + height + line)
        pencil.rectangle(box, outline=MARK, width=line)
        size = max(14, height / 3)
        pencil.text(
            (left, max(0, top - line)),
            text,
            MARK,
            font_size=size,
            anchor="ls" if top > size else "lt",
        )
    return image


def colour_frame(frame: np.ndarray, why: digit_model.Explanation) -> np.ndarray:
    """Show in a frame what spoke for the answer: uint8 `(28, 28, 3)`."""
    strength = (why.spoke_for / CLEARLY).clip(-1, 1)[..., None]
    colour = np.where(strength > 0, SPOKE_FOR, SPOKE_AGAINST) * abs(strength)
    coloured = (colour + 255 * (1 - abs(strength))) * (frame[..., None] / 255)
    return np.where(why.would_change[..., None], WOULD_CHANGE, coloured).astype(np.uint8)


def tile_frames(frames: list[np.ndarray]) -> Image.Image:
    """The 28x28 pictures that the network saw, side by side and enlarged."""
    side = frames[0].shape[0]
    columns = min(FRAMES_A_ROW, len(frames))
    sheet = Image.new("RGB", (columns * side, -(-len(frames) // columns) * side))
    for number, frame in enumerate(frames):
        place = (number % columns * side, number // columns * side)
        sheet.paste(Image.fromarray(frame), place)
    return sheet.resize(
        (FRAME_ZOOM * sheet.width, FRAME_ZOOM * sheet.height), Image.Resampling.NEAREST
    )


def hand_on(picture: FileData | ImageData | bytes | None, **_: Any) -> str | bytes | None:
    """Leave a picture unopened: the package bounds its size, and its errors say what to do."""
    if isinstance(picture, FileData | ImageData):
        # A program may send a data URL in place of a file.
        return picture.path or base64.b64decode((picture.url or "").partition(",")[2])
    return picture


def build_demo(
    reader: digit_model.Reader, model: str = "built in", warning: str = ""
) -> gr.Interface:
    """Build the page around a reader.

    Args:
        reader: reads what is drawn or uploaded.
        model: the name and revision of its model, for the foot of the page.
        warning: what the visitor must know, for the head of the page.
    """

    def read(picture: Any) -> digit_model.Reading:
        try:
            return reader.read(picture)
        except digit_model.DigitModelError as error:
            raise gr.Error(str(error), print_exception=False) from error

    def predict(
        sketchpad: dict[str, Any] | None = None, upload: str | bytes | None = None
    ) -> tuple[str, dict[str, float] | None, Image.Image | None, Image.Image | None]:
        """Read handwritten digits, numbers or pages of numbers, drawn or uploaded.

        Args:
            sketchpad: a drawing, as {"composite": picture}.
            upload: a picture or photo, read where the drawing is blank.

        Returns:
            what it looks like, in a sentence; the best readings with their
            probabilities: of one digit the ten classes, of a page its lines
            joined by newlines; the picture with a box round each digit; and the
            28x28 pictures that the model sees, enlarged; up to eight show in blue
            which ink spoke for the answer, in orange which spoke against it, and
            in violet where ink would change it. The last three are None where no
            digit is found.
        """
        picture: Any = sketchpad or BLANK
        reading = read(picture)
        if upload and reading.verdict == "blank":
            picture, reading = upload, read(upload)
        if reading.verdict in ("blank", "not a digit"):
            said = describe(reading) if upload or reading.verdict != "blank" else HINT
            return said, None, None, None
        frames = [digit.frame for digit in reading.digits]
        if len(frames) <= FRAMES_A_ROW:
            frames = [colour_frame(digit.frame, reader.explain(digit)) for digit in reading.digits]
        marked = mark_digits(picture, reading)
        return describe(reading), reading.probabilities, marked, tile_frames(frames)

    def follow_pen(sketchpad: dict[str, Any], upload: str | None) -> Any:
        # The pad reports a change too when an upload empties it.
        if upload and read(sketchpad).verdict == "blank":
            # gr.skip() would rebuild the upload for this visitor, with gradio's own preprocess.
            return gr.skip(), gr.skip(), gr.skip(), gr.skip(), upload
        return *predict(sketchpad), None

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
    upload = gr.Image(label="or upload", type="filepath", height=160, buttons=[])
    upload.preprocess = hand_on  # type: ignore[method-assign, assignment]
    outputs = [
        gr.Markdown(HINT, label="Answer", elem_classes="answer"),
        gr.Label(label="Probabilities", show_heading=False, elem_classes="probabilities"),
        gr.Image(label="What was read", format="webp", buttons=[], elem_classes="marked"),
        gr.Image(label="What the model sees", format="png", buttons=[], elem_classes="frame"),
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
        delete_cache=(CACHE_SECONDS, CACHE_SECONDS),
    )
    live: dict[str, Any] = {
        "trigger_mode": "always_last",
        "show_progress": "hidden",
        "api_visibility": "private",
    }
    clear = next(block for block in demo.blocks.values() if isinstance(block, gr.ClearButton))
    with demo:
        sketchpad.input(follow_pen, [sketchpad, upload], [*outputs, upload], **live)
        upload.input(partial(predict, None), upload, outputs, **live).failure(
            lambda: (HINT, None, None, None, None), None, [*outputs, upload], **live
        )
        upload.input(lambda: paper, None, sketchpad, **live)
        clear.click(lambda: (paper, HINT), None, [sketchpad, outputs[0]], **live)
    return demo


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
    arguments = parser.parse_args()
    logging.basicConfig(format="%(levelname)s: %(message)s")

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

    demo = build_demo(reader, model, warning).queue(default_concurrency_limit=4)
    try:
        demo.launch(
            server_name=arguments.host,
            server_port=arguments.port,
            share=arguments.share,
            prevent_thread_lock=True,
            show_error=True,
            max_file_size="20mb",
            theme=THEME,
            css=CSS,
        )
    except OSError as error:
        sys.exit(f"Expected a free port and an address of this machine. {error}")
    if arguments.share and not demo.share_url:
        log.warning("No public link could be made: no network? The page is served locally.")
    demo.block_thread()


if __name__ == "__main__":
    main()
