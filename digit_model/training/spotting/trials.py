"""Makes pictures on which the reader's two readings are compared, and checks the readings.

Numbers are drawn, scanned and photographed in many ways, so that now the strokes and now the
spotter's marks are read better. The digits are of MNIST's validation part, or drawn.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from PIL import Image
from scipy.optimize import linear_sum_assignment

from digit_model.lines.kinds import DIGIT_KINDS
from digit_model.picture.image import Picture
from digit_model.reading import Reading
from digit_model.training.data import Samples
from digit_model.training.doodles import DRAWERS
from digit_model.training.evaluation import BRUSHES, draw_strokes
from digit_model.training.numbers import CANVAS_WIDTH, MARGIN
from digit_model.training.pages import photograph_pages
from digit_model.training.spotting.models import Models
from digit_model.training.spotting.pages import compose
from digit_model.training.spotting.pen import surround, write_number
from digit_model.training.spotting.scans import scan_string
from digit_model.training.strings import write_string
from digit_model.training.strokes import pose_paths

Check = Callable[[Reading], float]

PATTERNS = ["00/00/0000", "0/00/00", "00.00", "0,0", "000-00", "00+00", "-00", "0-000-000", "+000"]
GAPS = (-0.1, 0.0), (-0.2, 0.15), (0.0, 0.3), (0.15, 0.8)  # As in `strings.write_string`.
MAX_OFFSET = 0.5  # Distance of a digit from the mark that it reads, divided by the mark's height.


class Trial(NamedTuple):
    """A picture, and the check of its reading.

    Attributes:
        picture: what is read.
        check: from a reading to the share of the numbers in the picture that it gives, 0 to 1.
    """

    picture: Picture
    check: Check


Make = Callable[[Samples, int, np.random.Generator], Iterator[Trial]]


def draw_numbers(_: Samples, count: int, random: np.random.Generator) -> Iterator[Trial]:
    """Draw numbers as on the app's canvas."""
    for _number in range(count):
        paths, text = write_number("0" * random.integers(1, 7), random)
        yield Trial(_draw_canvas(paths, random), _is_text(text))


def draw_signed(_: Samples, count: int, random: np.random.Generator) -> Iterator[Trial]:
    """Draw numbers with signs, some underlined or in a box, a ring or cells."""
    for number in range(count):
        paths, text = write_number(str(random.choice(PATTERNS)), random)
        if number % 3 == 0:
            paths += surround(paths, random)
        yield Trial(_draw_canvas(paths, random), _is_text(text))


def join_strings(samples: Samples, count: int, random: np.random.Generator) -> Iterator[Trial]:
    """Join small digits to numbers, without any noise."""
    for _ in range(count):
        string, text = _join(samples, random)
        yield Trial(255 - np.pad(string, MARGIN), _is_text(text))


def scan_strings(samples: Samples, count: int, random: np.random.Generator) -> Iterator[Trial]:
    """Write numbers on grainy paper with a printed line or two, as on a cheque."""
    for _ in range(count):
        string, text = _join(samples, random)
        yield Trial(scan_string(string, random), _is_text(text))


def make_pages(_: Samples, count: int, random: np.random.Generator) -> Iterator[Trial]:
    """Scan and photograph pages of drawn numbers."""
    numbers = (write_number("0" * random.integers(1, 8), random) for _number in range(2 * count))
    written = [{"strokes": paths, "label": text} for paths, text in numbers]
    for file, labels in photograph_pages(written, count, int(random.integers(2**31))):
        yield Trial(file, _count_lines(labels))


def draw_doodles(_: Samples, count: int, random: np.random.Generator) -> Iterator[Trial]:
    """Draw letters, doodles and scrawls as on the app's canvas."""
    shares = np.array([share for _, share in DRAWERS])
    for drawer in random.choice(len(DRAWERS), count, p=shares / shares.sum()):
        turn, slant, width = random.normal(0, (0.1, 0.25, 0.25))
        paths = [100 * path for path in DRAWERS[drawer][0](random).paths]
        paths = pose_paths(paths, turn, slant, np.exp(width))
        yield Trial(_draw_canvas(paths, random, wide=False), _is_refused)


def compose_sheets(samples: Samples, count: int, random: np.random.Generator) -> Iterator[Trial]:
    """Make the sheets that train the spotter: forms, tables, notes, cheques."""
    models = Models(samples, random)
    for _ in range(count):
        page = compose(models, random)
        digits = page.marks[page.marks[:, 3] < DIGIT_KINDS]
        yield Trial(page.picture, _has_digits(digits) if len(digits) else _is_refused)


def _draw_canvas(
    paths: list[np.ndarray], random: np.random.Generator, wide: bool = True
) -> Image.Image:
    """Draw pen strokes with one of the app's brushes."""
    brush = BRUSHES[str(random.choice([*BRUSHES], p=[0.4, 0.4, 0.2]))]
    canvas = draw_strokes([path.tolist() for path in paths], brush, wide)
    canvas.thumbnail((CANVAS_WIDTH, canvas.height), reducing_gap=None)
    return canvas


def _join(samples: Samples, random: np.random.Generator) -> tuple[np.ndarray, str]:
    """Join some of MNIST's digits: uint8 `(height, width)`, 255 full ink, and the text."""
    chosen = random.integers(len(samples.labels), size=random.integers(1, 7))
    gaps = GAPS[random.integers(len(GAPS))]
    layers = write_string(samples.frames[chosen], gaps, random)
    return layers.max(axis=0), "".join(map(str, samples.labels[chosen]))


def _is_refused(reading: Reading) -> float:
    return float(not reading.found)


def _is_text(text: str) -> Check:
    return lambda reading: float(reading.found and reading.text.replace(" ", "") == text)


def _count_lines(numbers: list[str]) -> Check:
    """Make the check of a page: the share of its numbers that are lines of the reading."""

    def check(reading: Reading) -> float:
        lines = Counter(reading.text.replace(" ", "").split("\n"))
        return (lines & Counter(numbers)).total() / len(numbers)

    return check


def _has_digits(marks: np.ndarray) -> Check:
    """Make the check of a sheet with these digits, each read once and in its place.

    Args:
        marks: float `(n, 4)`, as in `pages.Page`.
    """

    def check(reading: Reading) -> float:
        if not reading.found or len(reading.digits) != len(marks):
            return 0.0
        boxes = np.array([digit.box for digit in reading.digits])
        middles = boxes[:, :2] + boxes[:, 2:] / 2
        distances = np.hypot(*(middles[:, None] - marks[:, :2]).transpose(2, 0, 1)) / marks[:, 2]
        is_near = distances <= MAX_OFFSET
        is_right = np.array(list(map(int, reading.labels)))[:, None] == marks[:, 3]
        rows, columns = linear_sum_assignment(~(is_near & is_right))
        return float((is_near & is_right)[rows, columns].all())

    return check


# Name -> the function that makes trials, and how many. Each name has the same weight in total.
TRIALS: dict[str, tuple[Make, int]] = {
    "drawn numbers": (draw_numbers, 1600),
    "drawn numbers with signs": (draw_signed, 1600),
    "strings": (join_strings, 1600),
    "scanned strings": (scan_strings, 1300),
    "pages": (make_pages, 160),
    "doodles": (draw_doodles, 2400),
    "sheets": (compose_sheets, 2600),
}
