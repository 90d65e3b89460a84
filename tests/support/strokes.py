"""Handwriting for the tests: digits and numbers, drawn on any canvas."""

from PIL import Image, ImageDraw

from scripts.strokes import STROKES


def draw_digit(
    label: str, side: int = 280, pen: int = 16, ink: int = 0, paper: int = 255
) -> Image.Image:
    """Draw a digit with a round pen, in the middle 70 % of a square.

    Args:
        label: "0" to "9".
        side: height and width, in pixels.
        pen: the pen's diameter, in pixels.
        ink: grey value of the pen, 0..255.
        paper: grey value of the ground, 0..255.

    Returns:
        A picture of mode "L".
    """
    picture = Image.new("L", (side, side), paper)
    pencil = ImageDraw.Draw(picture)
    for stroke in STROKES[label]:
        points = [((0.15 + 0.7 * x) * side, (0.15 + 0.7 * y) * side) for x, y in stroke]
        pencil.line(points, fill=ink, width=pen, joint="curve")
        for x, y in (points[0], points[-1]):
            pencil.ellipse((x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2), fill=ink)
    return picture


def draw_number(number: str, gap: int = 150) -> Image.Image:
    """Drawn digits in a row."""
    picture = Image.new("L", (gap * len(number) + 80, 260), 255)
    for place, label in enumerate(number):
        digit = draw_digit(label, 180, 14)
        picture.paste(digit, (40 + gap * place, 40), digit.point(lambda grey: 255 - grey))
    return picture
