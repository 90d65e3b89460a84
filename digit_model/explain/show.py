"""Draw what was read, and why."""

import base64
import functools
import io

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from digit_model.explain.explanation import Explanation
from digit_model.reading import Reading

BOX_COLOUR = "#e11d48"
# RGB; these three colours stay distinct for people who are colour-blind to red or green.
SPOKE_FOR, SPOKE_AGAINST, WOULD_CHANGE = (40, 170, 255), (255, 140, 30), (120, 40, 140)
FULL_COLOUR_LOG_ODDS = 3.0  # Change of the log-odds from which ink has the full colour.
FRAMES_PER_ROW = 8


def mark_digits(picture: Image.Image, reading: Reading) -> Image.Image:
    """Draw a box around each digit, with its class above it.

    Args:
        picture: upright, of any mode; it is not changed.
        reading: the reading of the same picture.

    Returns:
        An RGB copy with the boxes.
    """
    image = picture.convert("RGB")
    drawing = ImageDraw.Draw(image)
    line = max(2, max(image.size) // 300)
    for text, digit in zip(reading.labels, reading.digits, strict=True):
        left, top, width, height = digit.box
        box = (left - line, top - line, left + width + line, top + height + line)
        drawing.rectangle(box, outline=BOX_COLOUR, width=line)
        size = max(14, height // 3)
        anchor = "ls" if top > size else "lt"
        drawing.text((left, max(0, top - line)), text, BOX_COLOUR, _font(size), anchor)
    return image


@functools.lru_cache(maxsize=64)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font, cached because Pillow unpacks it at every call."""
    return ImageFont.load_default(size)


def explain_frame(frame: np.ndarray, why: Explanation) -> np.ndarray:
    """Colour a frame by what spoke for the answer, with the example below.

    Returns:
        uint8 `(56, 28, 3)`, RGB, or `(28, 28, 3)` if there is no example.
    """
    strength = (why.spoke_for / FULL_COLOUR_LOG_ODDS).clip(-1, 1)[..., None]
    colour = np.where(strength > 0, SPOKE_FOR, SPOKE_AGAINST) * abs(strength)
    coloured = (colour + 255 * (1 - abs(strength))) * (frame[..., None] / 255)
    shown = np.where(why.would_change[..., None], WOULD_CHANGE, coloured).astype(np.uint8)
    if why.example is None:
        return shown
    # Black on white, so that nobody mistakes it for the network's input.
    return np.concatenate([shown, np.repeat(255 - why.example[..., None], 3, axis=2)])


def tile_frames(frames: list[np.ndarray]) -> Image.Image:
    """Put frames, grey or RGB, side by side in rows; at least one."""
    height, width = frames[0].shape[:2]
    columns = min(FRAMES_PER_ROW, len(frames))
    sheet = Image.new("RGB", (columns * width, -(-len(frames) // columns) * height))
    for number, frame in enumerate(frames):
        place = (number % columns * width, number // columns * height)
        sheet.paste(Image.fromarray(frame), place)
    return sheet


def data_url(picture: Image.Image, kind: str) -> str:
    """Encode a picture as a data URL (RFC 2397); `kind` is "png" or "jpeg"."""
    file = io.BytesIO()
    picture.save(file, kind)
    return f"data:image/{kind};base64,{base64.b64encode(file.getvalue()).decode()}"
