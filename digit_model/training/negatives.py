"""What is not one digit: letters, symbols, doodles, blots, and digits merged or cut.

A network that has seen digits alone calls anything a digit. These teach it to
refuse, and to tell where one digit of a number ends and the next begins.
"""

import functools
from collections.abc import Callable

import numpy as np
from HersheyFonts import HersheyFonts

from digit_model.artefact import NOT_A_DIGIT
from digit_model.frame import frame_digit
from digit_model.training.data import Samples
from digit_model.training.strokes import draw_frame, smooth_curve

NEGATIVES = 0.4  # For each of MNIST's digits.
# Glyphs that nobody would take for a digit, of A. V. Hershey's fonts (1967), whose strokes
# are those of a pen. O, l, S, b, g, brackets and other look-alikes are left out.
LETTERS = "#$%&*+:;<=>?@ACEFHKMNPRUVWXYacdefhjkmnprtuvwxy"
GLYPHS = {
    "futural": LETTERS + "^Zz",
    "rowmans": LETTERS + "^Zz",
    "scripts": LETTERS,
    "timesi": LETTERS + "Zz",
    "greeks": "ACDEGJKLMNPQRUVWXacgjklmpuvwx",
    "symbolic": "ACDEGJKLMNOPQRSTUVWXYZ[]^_`abcdefghjkmnop",
    "mathlow": "\"#$'<=>?^_abcdefghijklno",
}
DOODLE = (2, 9)  # Shapes in a doodle, at least, and one more than at most.
# Of a digit's width: where it is cut, and how far its neighbour stands off or overlaps.
CUT = (0.35, 0.65)
GAP = (-0.3, 0.45)
WIDE = 14  # Pixels of a frame.

Maker = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def with_negatives(samples: Samples, count: int, seed: int) -> Samples:
    """The samples, and `count` frames of what is not one digit.

    Args:
        samples: digits, some of which are merged or cut.
        count: how many frames to add.
        seed: of the random generator.

    Returns:
        Samples whose labels are 0 to 9, and 10 for what is not a digit.
    """
    random = np.random.default_rng(seed)
    makers = random.choice(len(MAKERS), count, p=[share for _, share in MAKERS])
    frames = [MAKERS[maker][0](samples.frames, random) for maker in makers]
    return Samples(
        np.concatenate([samples.frames, frames]),
        np.concatenate([samples.labels, np.full(count, NOT_A_DIGIT)]),
    )


def merge(frames: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Two or three digits side by side, apart, touching or overlapping."""
    joined = _some_digit(frames, random)
    for _ in range(1 + (random.random() < 0.15)):
        joined = _beside(joined, _some_digit(frames, random), random)
    return frame_digit(joined)


def add_part(frames: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A digit, and beside it what a wrong cut leaves of its neighbour."""
    pair = [_some_digit(frames, random), _cut(_some_digit(frames, random), random)]
    first = int(random.integers(2))
    return frame_digit(_beside(pair[first], pair[1 - first], random))


def cut(frames: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Half of a wide digit; the half of a narrow one would be a 1."""
    while True:
        digit = _some_digit(frames, random)
        if digit.shape[1] >= WIDE:
            return frame_digit(_cut(digit, random))


def overlay(frames: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Two digits in one place."""
    one, other = _some_digit(frames, random), _some_digit(frames, random)
    shape = np.maximum(one.shape, other.shape)
    picture = np.zeros(shape, np.uint8)
    for digit in (one, other):
        top, left = random.integers(0, shape - digit.shape, endpoint=True)
        place = picture[top : top + digit.shape[0], left : left + digit.shape[1]]
        np.maximum(place, digit, out=place)
    return frame_digit(picture)


def glyph(_: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A letter or symbol, bent as by a hand."""
    glyphs = _load_glyphs()
    strokes = glyphs[random.integers(len(glyphs))]
    points = np.concatenate(strokes)
    low, size = points.min(axis=0), np.ptp(points, axis=0).max()
    strength, wave = random.uniform(0, 0.06), random.uniform(1, 4, (2, 2))
    phase = random.uniform(0, 2 * np.pi, 2)
    paths = []
    for stroke in strokes:
        path = (stroke - low) / size
        apart = random.normal(0, 0.03, 2)  # Each stroke starts a little off its place.
        paths.append(path + apart + strength * np.sin(path @ wave + phase))
    return draw_frame(paths, random)


def doodle(_: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Shapes of several kinds and sizes in one place, or one long scribble."""
    if random.random() < 0.2:
        points = random.uniform(0, 1, (random.integers(9, 25), 2))
        return draw_frame([smooth_curve(points)], random)
    paths = [_shape(random) * np.array([1, random.uniform(0.3, 1)])]
    paths += [
        random.uniform(-0.5, 0.5, 2) + random.uniform(0.15, 0.7) * _shape(random)
        for _ in range(random.integers(*DOODLE))
    ]
    return draw_frame(paths, random)


def blot(_: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A dot or a patch, filled and uneven."""
    rows, columns = np.indices((40, 40)) - 20
    angle = np.arctan2(rows, columns * random.uniform(0.6, 1.4))
    edge = np.full(angle.shape, 14.0)
    for waves in (1, 2, 3, 5):
        edge += random.uniform(0, 4 / waves) * np.sin(waves * angle + random.uniform(0, 7))
    return frame_digit(((np.hypot(rows, columns) < edge) * 255).astype(np.uint8))


# Each way of making what is not a digit, and its share.
MAKERS: list[tuple[Maker, float]] = [
    (merge, 0.25),
    (add_part, 0.12),
    (cut, 0.05),
    (overlay, 0.02),
    (glyph, 0.33),
    (doodle, 0.2),
    (blot, 0.03),
]


@functools.cache
def _load_glyphs() -> list[list[np.ndarray]]:
    """The strokes of every glyph, each float `(n, 2)`."""
    font, glyphs = HersheyFonts(), []
    for name, characters in GLYPHS.items():
        font.load_default_font(name)
        for character in characters:
            strokes = [np.array(list(stroke), float) for stroke in font.strokes_for_text(character)]
            glyphs.append([stroke for stroke in strokes if len(stroke) > 1])
    return glyphs


def _some_digit(frames: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """One of the frames without the empty rows and columns around its digit."""
    frame = frames[random.integers(len(frames))]
    rows, columns = (np.flatnonzero(frame.any(axis=axis)) for axis in (1, 0))
    digit: np.ndarray = frame[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return digit


def _beside(left: np.ndarray, right: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Two pictures in one, the second a little higher or lower."""
    gap = round(random.uniform(*GAP) * min(left.shape[1], right.shape[1]))
    rise = int(random.integers(-4, 5)) + (left.shape[0] - right.shape[0]) // 2
    first, second = max(0, -rise), max(0, rise)
    start = left.shape[1] + gap
    height = max(first + left.shape[0], second + right.shape[0])
    both = np.zeros((height, max(left.shape[1], start + right.shape[1])), np.uint8)
    both[first : first + left.shape[0], : left.shape[1]] = left
    place = both[second : second + right.shape[0], start : start + right.shape[1]]
    np.maximum(place, right, out=place)
    return both


def _cut(digit: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """What is left of a digit on one side of a slanted cut."""
    height, width = digit.shape
    lean = random.uniform(-0.3, 0.3)
    middle = random.uniform(*CUT) * width + lean * (np.arange(height) - height / 2)
    beyond = np.arange(width) > middle[:, None]
    half = np.where(beyond == (random.random() < 0.5), digit, 0)
    return half if half.any() else digit


def _shape(random: np.random.Generator) -> np.ndarray:
    """A polygon, a zigzag or an open curve about the origin, float `(n, 2)`."""
    kind = random.integers(4)
    if kind == 0:
        return smooth_curve(random.uniform(-0.5, 0.5, (random.integers(3, 7), 2)))
    if kind == 1:
        across = np.linspace(-0.5, 0.5, random.integers(4, 9))
        height = random.uniform(0.1, 0.4) * (-1.0) ** np.arange(len(across))
        return np.stack([across, height], axis=1)
    corners = int(random.choice([2, 3, 4, 5, 30]))
    angle = np.linspace(0, 2 * np.pi, corners + 1) + random.uniform(0, 2 * np.pi)
    return 0.5 * np.stack([np.cos(angle), random.uniform(0.3, 1) * np.sin(angle)], axis=1)
