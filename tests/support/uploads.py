"""Pictures that visitors upload."""

from PIL import Image

from tests.support.files import encode
from tests.support.strokes import draw_digit


def sideways_photo(label: str) -> bytes:
    """A JPEG stored on its side, with the tag that says so."""
    exif = Image.Exif()
    exif[0x0112] = 6  # Turn 90 degrees clockwise to see it upright.
    return encode(draw_digit(label).rotate(90), "JPEG", exif=exif)


def transparent_drawing(label: str) -> bytes:
    """A PNG of black ink on nothing."""
    ink = draw_digit(label).point(lambda grey: 255 - grey)
    drawing = Image.new("RGBA", ink.size)
    drawing.putalpha(ink)
    return encode(drawing, "PNG")
