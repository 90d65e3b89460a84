"""Strings of digits, taken apart as the reader takes them: digits again, several, or none.

The network sees in training what a lattice of cuts will show it (LeCun et al., "Gradient-Based
Learning Applied to Document Recognition", 1998, section VII): digits that a cut has bared,
digits with a scrap of their neighbour, two at once, and scraps.
"""

from collections.abc import Iterator
from functools import partial
from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw

from digit_model.lines.draft import Draft, scale_box
from digit_model.lines.segment import find_lines, label_strokes
from digit_model.model.artefact import CLASSES, NOT_A_DIGIT, SEVERAL_DIGITS
from digit_model.model.frame import MNIST_FRAME, frame_digit
from digit_model.training.data import Samples

LENGTHS = [1, 2, 3, 4], [0.1, 0.55, 0.25, 0.1]  # Digits in a string, and how often so many.
GAPS = (-0.2, 0.15), (0.15, 0.8)  # Of a digit's width: closely written, and widely.
CLOSE = 0.75  # Share of the strings that are.
MARGIN = 4  # Pixels of paper around a string.
LINKED = 0.2  # Share of the neighbours that a stroke links, as a pen does that is not lifted,
LINK = 2, 4  # so many pixels wide, at least, and one more than at most,
SLOPE = 3  # and so many pixels down or up, at most.
# Of a digit's ink, in a piece: from so much on it is that digit, and up to so much a scrap of it.
WHOLE, SCRAP = 0.85, 0.15
LARGE = 0.4  # From so much on, a second digit's part makes two of them.
PART = 0.5  # What has less of each of its digits is none of them,
STICK = 0.3  # unless it is thinner than this share of its length: then it may look like a 1.
NARROW = 14  # Pixels: beside a narrower digit, gaps are as wide as beside one of these.
LOWEST = 9  # Pixels: the reader knows by their height that lower pieces are no digits.
KINDS = {"digit": 0.5, SEVERAL_DIGITS: 0.35, NOT_A_DIGIT: 0.15}  # How often each is wanted.


def take_strings_apart(samples: Samples, count: int, seed: int) -> Samples:
    """What the reader would show the network of strings of these digits.

    Args:
        samples: digits.
        count: about how many frames are wanted.
        seed: of the random generator.

    Returns:
        Samples whose labels are 0 to 9, `SEVERAL_DIGITS` or `NOT_A_DIGIT`.
    """
    random = np.random.default_rng(seed)
    wanted = {kind: round(share * count) for kind, share in KINDS.items()}
    frames, labels = [], []
    while any(wanted.values()):
        for frame, label in _take_apart(samples, random):
            kind = label if label in wanted else "digit"
            if wanted[kind]:
                wanted[kind] -= 1
                frames.append(frame)
                labels.append(label)
    side = MNIST_FRAME.side
    return Samples(np.array(frames, np.uint8).reshape(-1, side, side), np.array(labels, np.int64))


def _take_apart(samples: Samples, random: np.random.Generator) -> Iterator[tuple[np.ndarray, int]]:
    """Every run of pieces of one string that can be named, with its label."""
    chosen = random.integers(len(samples.labels), size=random.choice(LENGTHS[0], p=LENGTHS[1]))
    layers = write_string(samples.frames[chosen], GAPS[int(random.random() > CLOSE)], random)
    string = layers.max(axis=0)
    if len(chosen) > 1:
        yield frame_digit(string), SEVERAL_DIGITS
    strokes = label_strokes(string)
    draft = Draft(
        *find_lines(strokes), 2, partial(scale_box, 1.0)
    )  # Told that there are several, it trusts no piece to be one.
    unknown = np.full(CLASSES, 1 / CLASSES, np.float32)
    for _ in range(2):  # As it was written, and with everything cut that may be.
        for run, crop in [*draft.unseen()]:
            frame = frame_digit(crop)
            draft.seen[run] = frame, unknown
            label = _name(draft.box(run), crop, layers, samples.labels[chosen])
            if label is not None:
                yield frame, label
        draft.cut_doubtful()


def write_string(
    frames: np.ndarray, gaps: tuple[float, float], random: np.random.Generator
) -> np.ndarray:
    """Write digits side by side, each a little higher or lower than the last.

    Args:
        frames: uint8 `(n, 28, 28)`, the digits.
        gaps: least and greatest, in widths of a digit; below 0 they overlap.
        random: the writer.

    Returns:
        uint8 `(n, height, width)`, each digit by itself, in its place; a stroke
        that links two belongs to the first.
    """
    digits = [frame[:, frame.any(axis=0)] for frame in frames]
    left, places = 0.0, []
    for number, digit in enumerate(digits):
        narrower = min(digit.shape[1], digits[number - 1].shape[1])
        left += random.uniform(*gaps) * max(narrower, NARROW) if number else 0
        places.append(max(0, round(left)))
        left = places[-1] + digit.shape[1]
    height = frames.shape[1]
    width = max(place + digit.shape[1] for place, digit in zip(places, digits, strict=True))
    layers = np.zeros((len(frames), height + 4 * MARGIN, width + 2 * MARGIN), np.uint8)
    for layer, place, digit in zip(layers, places, digits, strict=True):
        top, start = random.integers(4 * MARGIN, endpoint=True), place + MARGIN
        layer[top : top + height, start : start + digit.shape[1]] = digit
    for layer, right in pairwise(layers):
        if random.random() < LINKED:
            _link(layer, right, random)
    return layers


def _link(layer: np.ndarray, right: np.ndarray, random: np.random.Generator) -> None:
    """Draw a stroke to the digit at the right, where there is paper between."""
    row = random.choice(np.flatnonzero(layer.any(axis=1)))
    end = np.clip(row + random.integers(-SLOPE, SLOPE, endpoint=True), 0, len(right) - 1)
    first, last = int(np.flatnonzero(layer[row])[-1]), int(right[end].argmax())
    if first >= last:  # They overlap here, or the one at the right has no ink.
        return
    picture = Image.fromarray(layer)
    pen = int(random.integers(*LINK))
    ImageDraw.Draw(picture).line((first, int(row), last, int(end)), fill=255, width=pen)
    layer[:] = picture


def _name(
    box: tuple[int, int, int, int], crop: np.ndarray, layers: np.ndarray, digits: np.ndarray
) -> int | None:
    """What a part of a string is; None if that is hard to say."""
    left, top, width, height = box
    if height < LOWEST:
        return None
    within = layers[:, top : top + height, left : left + width] * (crop > 0)
    shares = within.sum(axis=(1, 2)) / layers.sum(axis=(1, 2))
    whole = shares >= WHOLE
    if whole.sum() == 1 and (shares[~whole] <= SCRAP).all():
        return int(digits[whole][0])
    if np.count_nonzero(shares >= LARGE) > 1 and whole.any():
        return SEVERAL_DIGITS
    spread = np.linalg.eigvalsh(np.cov(np.argwhere(crop).T))
    return NOT_A_DIGIT if shares.max() < PART and spread[0] > STICK**2 * spread[1] else None
