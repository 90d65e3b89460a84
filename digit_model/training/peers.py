"""General OCR programs that the reader is compared with. Only the comparison needs them."""

import importlib.util
import shutil
from collections.abc import Callable

import numpy as np

from digit_model.errors import DigitModelError
from digit_model.model.artefact import DIGITS
from digit_model.picture.image import Picture, open_picture

Read = Callable[[Picture], str]

# Vertical distance between the centres of boxes on one line, as a share of a box's height.
MAX_OFFSET_TO_HEIGHT = 0.5
# Mode 6 expects one block of text.
TESSERACT_OPTIONS = "--psm 6 -c tessedit_char_whitelist=0123456789"


def open_peers() -> dict[str, Read]:
    """Open RapidOCR, in two ways, and tesseract.

    Returns:
        Name -> a function from a picture to its digits, with a newline between lines.

    Raises:
        DigitModelError: if one is not installed.
    """
    modules = ("rapidocr", "onnxruntime", "pytesseract")
    missing = [name for name in modules if not importlib.util.find_spec(name)]
    if missing or not shutil.which("tesseract"):
        raise DigitModelError(
            f"Expected {', '.join(modules)} and the program tesseract. Received: none of "
            f"{', '.join(missing) or 'the program'}. Install them: pip install "
            f"{' '.join(modules)}; apt-get install tesseract-ocr"
        )
    page, line = _open_rapidocr()
    return {"RapidOCR": page, "RapidOCR, one line": line, "tesseract": _open_tesseract()}


def _open_rapidocr() -> tuple[Read, Read]:
    """Open RapidOCR in two ways: it finds the lines, or takes the whole picture for one line."""
    from rapidocr import RapidOCR

    # It keeps the options of its last call, so that each way needs its own.
    engines = [RapidOCR(params={"Global.log_level": "error"}) for _ in range(2)]

    def read_page(picture: Picture) -> str:
        found = engines[0](_open_bgr(picture))
        if found.boxes is None:
            return ""
        return join_lines(found.boxes, [keep_digits(text) for text in found.txts])

    def read_line(picture: Picture) -> str:
        found = engines[1](_open_bgr(picture), use_det=False, use_cls=False)
        return "".join(map(keep_digits, found.txts or ()))

    return read_page, read_line


def _open_bgr(picture: Picture) -> np.ndarray:
    image, _ = open_picture(picture)
    return np.asarray(image.convert("RGB"))[..., ::-1]


def _open_tesseract() -> Read:
    import pytesseract

    def read(picture: Picture) -> str:
        image, _ = open_picture(picture)
        text: str = pytesseract.image_to_string(image, config=TESSERACT_OPTIONS)
        return "\n".join(filter(None, map(keep_digits, text.splitlines())))

    return read


def keep_digits(text: str) -> str:
    """Remove everything but digits from a text."""
    return "".join(letter for letter in text if letter in DIGITS)


def join_lines(boxes: np.ndarray, texts: list[str]) -> str:
    """Join the texts of each line from left to right, and the lines with newlines.

    Args:
        boxes: float `(n, 4, 2)`, x and y of the corners of each text's box, in pixels.
        texts: one for each box; empty ones are skipped.
    """
    lows, highs = boxes.min(axis=1), boxes.max(axis=1)
    middles, heights = (lows + highs)[:, 1] / 2, (highs - lows)[:, 1]
    lines: list[list[int]] = []
    for place in np.argsort(middles).tolist():
        if not texts[place]:
            continue
        is_same_line = (
            lines
            and abs(middles[place] - middles[lines[-1][0]]) < MAX_OFFSET_TO_HEIGHT * heights[place]
        )
        if is_same_line:
            lines[-1].append(place)
        else:
            lines.append([place])
    ordered = [sorted(line, key=lambda place: float(lows[place, 0])) for line in lines]
    return "\n".join("".join(texts[place] for place in line) for line in ordered)
