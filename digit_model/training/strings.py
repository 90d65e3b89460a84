"""Training frames from strings of digits, which are segmented as the reader segments them.

In training, the network sees what the lattice will show it (LeCun et al., "Gradient-Based Learning
Applied to Document Recognition", 1998, section VII): digits cut from their neighbours, digits with
a scrap of a neighbour, several digits, and scraps.
"""

from collections.abc import Iterator
from functools import partial
from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw

from digit_model.lines.draft import Draft, scale_box
from digit_model.lines.segment import find_stroke_numbers, label_strokes
from digit_model.model.artefact import CLASSES, NOT_A_DIGIT, SEVERAL_DIGITS
from digit_model.model.frame import MNIST_FRAME, frame_digit
from digit_model.training.data import Samples

LENGTHS = [1, 2, 3, 4], [0.1, 0.55, 0.25, 0.1]  # Digits in a string, and their shares.
GAPS = (-0.2, 0.15), (0.15, 0.8)  # Close and wide gaps, as a share of a digit's width.
CLOSE_SHARE = 0.75  # Share of the strings that have close gaps.
MARGIN = 4  # Pixels of paper around a string.
LINKED_SHARE = 0.2  # Share of the neighbours that a stroke links: some writers do not lift the pen.
LINK_WIDTH_RANGE = 2, 4  # Pixels; the upper end is excluded.
MAX_RISE = 3  # Pixels by which a linking stroke goes up or down.
MIN_WHOLE_SHARE = 0.85  # A piece with this share of a digit's ink holds the whole digit.
MAX_SCRAP_SHARE = 0.15  # Up to this share of a digit's ink is a scrap, which may be ignored.
MIN_SECOND_SHARE = 0.4  # Beside a whole digit, this share of another makes it several digits.
NO_DIGIT_BELOW_SHARE = 0.5  # A piece with less than this share of every digit's ink is no digit.
STICK_WIDTH_TO_LENGTH = 0.3  # Pieces that are thinner than this are not labelled: they look like 1.
MIN_WIDTH_FOR_GAP = 14  # Pixels: beside narrower digits, gaps are computed from this width.
MIN_PIECE_HEIGHT = 9  # Pixels: the reader refuses lower pieces without the network.
KIND_SHARES = {"digit": 0.5, SEVERAL_DIGITS: 0.35, NOT_A_DIGIT: 0.15}  # Shares of the frames.


def take_strings_apart(samples: Samples, count: int, seed: int) -> Samples:
    """Write strings of digits, and collect the frames that the reader would classify.

    Args:
        samples: digits.
        count: how many frames to return; rounding may change it by one or two.
        seed: of the random generator.

    Returns:
        Samples whose labels are 0 to 9, `SEVERAL_DIGITS` or `NOT_A_DIGIT`.
    """
    random = np.random.default_rng(seed)
    wanted = {kind: round(share * count) for kind, share in KIND_SHARES.items()}
    frames, labels = [], []
    while any(wanted.values()):
        for frame, label in _cut_string(samples, random):
            kind = label if label in wanted else "digit"
            if wanted[kind]:
                wanted[kind] -= 1
                frames.append(frame)
                labels.append(label)
    side = MNIST_FRAME.side
    return Samples(np.array(frames, np.uint8).reshape(-1, side, side), np.array(labels, np.int64))


def _cut_string(samples: Samples, random: np.random.Generator) -> Iterator[tuple[np.ndarray, int]]:
    """Write one string, and yield the frame of each run of its pieces that has a clear label."""
    chosen = random.integers(len(samples.labels), size=random.choice(LENGTHS[0], p=LENGTHS[1]))
    layers = write_string(samples.frames[chosen], GAPS[int(random.random() > CLOSE_SHARE)], random)
    string = layers.max(axis=0)
    if len(chosen) > 1:
        yield frame_digit(string), SEVERAL_DIGITS
    strokes = label_strokes(string)
    # With a count of digits, `cut_doubtful` cuts every wide piece.
    draft = Draft(*find_stroke_numbers(strokes), 2, partial(scale_box, 1.0))
    unknown = np.full(CLASSES, 1 / CLASSES, np.float32)
    for _ in range(2):  # First the strokes as they are, then cut.
        for run, crop in [*draft.unseen()]:
            frame = frame_digit(crop)
            draft.seen[run] = frame, unknown
            label = _label_piece(draft.box(run), crop, layers, samples.labels[chosen])
            if label is not None:
                yield frame, label
        draft.cut_doubtful()


def write_string(
    frames: np.ndarray, gaps: tuple[float, float], random: np.random.Generator
) -> np.ndarray:
    """Write digits side by side, each at a slightly different height.

    Args:
        frames: uint8 `(n, 28, 28)`, the digits.
        gaps: smallest and largest gap, as a share of a digit's width; below 0 digits overlap.
        random: draws the gaps, the heights and the linking strokes.

    Returns:
        uint8 `(n, height, width)`, a layer for each digit, 0 (paper) to 255 (full ink); a stroke
        that links two digits belongs to the first.
    """
    digits = [frame[:, frame.any(axis=0)] for frame in frames]
    left, places = 0.0, []
    for number, digit in enumerate(digits):
        narrower = min(digit.shape[1], digits[number - 1].shape[1])
        left += random.uniform(*gaps) * max(narrower, MIN_WIDTH_FOR_GAP) if number else 0
        places.append(max(0, round(left)))
        left = places[-1] + digit.shape[1]
    height = frames.shape[1]
    width = max(place + digit.shape[1] for place, digit in zip(places, digits, strict=True))
    layers = np.zeros((len(frames), height + 4 * MARGIN, width + 2 * MARGIN), np.uint8)
    for layer, place, digit in zip(layers, places, digits, strict=True):
        top, start = random.integers(4 * MARGIN, endpoint=True), place + MARGIN
        layer[top : top + height, start : start + digit.shape[1]] = digit
    for layer, right in pairwise(layers):
        if random.random() < LINKED_SHARE:
            _draw_link(layer, right, random)
    return layers


def _draw_link(layer: np.ndarray, right: np.ndarray, random: np.random.Generator) -> None:
    """Draw a stroke to the digit at the right if there is paper between the two."""
    row = random.choice(np.flatnonzero(layer.any(axis=1)))
    end = np.clip(row + random.integers(-MAX_RISE, MAX_RISE, endpoint=True), 0, len(right) - 1)
    first, last = int(np.flatnonzero(layer[row])[-1]), int(right[end].argmax())
    if first >= last:  # They overlap here, or the right one has no ink here.
        return
    picture = Image.fromarray(layer)
    pen = int(random.integers(*LINK_WIDTH_RANGE))
    ImageDraw.Draw(picture).line((first, int(row), last, int(end)), fill=255, width=pen)
    layer[:] = picture


def _label_piece(
    box: tuple[int, int, int, int], crop: np.ndarray, layers: np.ndarray, digits: np.ndarray
) -> int | None:
    """Choose the label of a part of a string; None if it is unclear."""
    left, top, width, height = box
    if height < MIN_PIECE_HEIGHT:
        return None
    piece = layers[:, top : top + height, left : left + width] * (crop > 0)
    shares = piece.sum(axis=(1, 2)) / layers.sum(axis=(1, 2))
    is_whole = shares >= MIN_WHOLE_SHARE
    if is_whole.sum() == 1 and (shares[~is_whole] <= MAX_SCRAP_SHARE).all():
        return int(digits[is_whole][0])
    if np.count_nonzero(shares >= MIN_SECOND_SHARE) > 1 and is_whole.any():
        return SEVERAL_DIGITS
    variances = np.linalg.eigvalsh(np.cov(np.argwhere(crop).T))
    is_broad = variances[0] > STICK_WIDTH_TO_LENGTH**2 * variances[1]
    return NOT_A_DIGIT if shares.max() < NO_DIGIT_BELOW_SHARE and is_broad else None
