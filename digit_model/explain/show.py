"""Pictures of what was read, and why."""

import base64
import functools
import io

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from digit_model.explain.explanation import Explanation
from digit_model.reading import Reading

MARK = "#e11d48"  # The colour of the boxes round what was read.
# The colours of ink that spoke for the answer, of ink that spoke against it, and of paper on
# which ink would change it; people who see no red or green tell them apart.
SPOKE_FOR, SPOKE_AGAINST, WOULD_CHANGE = (40, 170, 255), (255, 140, 30), (120, 40, 140)
CLEARLY = 3.0  # Logarithm of the odds from which ink has the full colour.
FRAMES_A_ROW = 8


def mark_digits(picture: Image.Image, reading: Reading) -> Image.Image:
    """Draw a box round each digit, and what it was read as over it.

    Args:
        picture: upright, of any mode; it is left as it is.
        reading: of that very picture.
    """
    image = picture.convert("RGB")
    pencil = ImageDraw.Draw(image)
    line = max(2, max(image.size) // 300)
    for text, digit in zip(reading.labels, reading.digits, strict=True):
        left, top, width, height = digit.box
        box = (left - line, top - line, left + width + line, top + height + line)
        pencil.rectangle(box, outline=MARK, width=line)
        size = max(14, height // 3)
        anchor = "ls" if top > size else "lt"
        pencil.text((left, max(0, top - line)), text, MARK, _font(size), anchor)
    return image


@functools.lru_cache(maxsize=64)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font, which it would otherwise unpack for every digit."""
    return ImageFont.load_default(size)


def explain_frame(frame: np.ndarray, why: Explanation) -> np.ndarray:
    """Show in a frame what spoke for the answer, and under it the example.

    Returns:
        uint8 `(56, 28, 3)`, or `(28, 28, 3)` where there is no example.
    """
    strength = (why.spoke_for / CLEARLY).clip(-1, 1)[..., None]
    colour = np.where(strength > 0, SPOKE_FOR, SPOKE_AGAINST) * abs(strength)
    coloured = (colour + 255 * (1 - abs(strength))) * (frame[..., None] / 255)
    shown = np.where(why.would_change[..., None], WOULD_CHANGE, coloured).astype(np.uint8)
    if why.example is None:
        return shown
    # Black on white, so that nobody takes it for what the model sees.
    return np.concatenate([shown, np.repeat(255 - why.example[..., None], 3, axis=2)])


def tile_frames(frames: list[np.ndarray]) -> Image.Image:
    """Frames, grey or coloured, side by side; at least one."""
    height, width = frames[0].shape[:2]
    columns = min(FRAMES_A_ROW, len(frames))
    sheet = Image.new("RGB", (columns * width, -(-len(frames) // columns) * height))
    for number, frame in enumerate(frames):
        place = (number % columns * width, number // columns * height)
        sheet.paste(Image.fromarray(frame), place)
    return sheet


def data_url(picture: Image.Image, kind: str) -> str:
    """A picture as a URL that holds it whole (RFC 2397); `kind` is "png" or "jpeg"."""
    file = io.BytesIO()
    picture.save(file, kind)
    return f"data:image/{kind};base64,{base64.b64encode(file.getvalue()).decode()}"
