"""Why a digit was read so: which ink spoke for the answer, and what would change it."""

from itertools import product
from typing import NamedTuple

import numpy as np
from scipy import ndimage

from digit_model.model.artefact import DIGITS
from digit_model.model.classifier import PROBABILITY_FLOOR, Classifier

PATCH = 4  # Pixels, the side of the square that is changed,
STEP = 3  # and from one to the next,
NEAR = 2  # and how far from the ink it may lie.
PAPER, FULL_INK = 40, 255  # The most that counts as paper, of 0..255, and what is put there.


class Explanation(NamedTuple):
    """What spoke for a reading against the next best.

    Attributes:
        answer: the most probable class, 0 to 9.
        rival: the next.
        spoke_for: float32 `(28, 28)`: how much less probable than the rival, as a logarithm,
            the answer is without the ink around a pixel; below 0, that ink spoke against it;
            0 on paper.
        would_change: bool `(28, 28)`, paper where ink would make the rival the answer.
        example: uint8 `(28, 28)`, of the digits of the answer that the network learned from
            the most like this one; None if the classifier has none.
    """

    answer: int
    rival: int
    spoke_for: np.ndarray
    would_change: np.ndarray
    example: np.ndarray | None


def explain(classifier: Classifier, frame: np.ndarray) -> Explanation:
    """Cover every part of a frame in turn, and see what the network says then.

    Occlusion, after Zeiler and Fergus, "Visualizing and Understanding Convolutional
    Networks" (2014); ink is covered with paper, and paper with ink.

    Args:
        classifier: the network.
        frame: uint8 `(28, 28)`, from 0 (paper) to 255 (full ink).
    """
    ink = frame > PAPER
    near = ndimage.maximum_filter(ink, 2 * NEAR + 1)
    grid = product(range(0, len(frame) - PATCH + 1, STEP), repeat=2)
    places = [(y, x) for y, x in grid if near[y : y + PATCH, x : x + PATCH].any()]
    changed = np.repeat(frame[None], len(places) + 1, axis=0)
    for changed_frame, (top, left) in zip(changed, places, strict=False):
        patch = np.s_[top : top + PATCH, left : left + PATCH]
        changed_frame[patch] = 0 if ink[patch].any() else FULL_INK
    *without, whole = classifier.glance(changed)[:, : len(DIGITS)]
    rival, answer = np.argsort(classifier(frame[None])[0, : len(DIGITS)])[-2:].tolist()

    def lead(probabilities: np.ndarray) -> float:
        answers, rivals = probabilities[[answer, rival]].clip(PROBABILITY_FLOOR)
        return float(np.log(answers / rivals))

    led = lead(whole)
    total, count = np.zeros((2, *frame.shape), np.float32)
    would_change = np.zeros(frame.shape, bool)
    for (top, left), probabilities in zip(places, without, strict=True):
        patch = np.s_[top : top + PATCH, left : left + PATCH]
        if ink[patch].any():
            total[patch] += led - lead(probabilities)
            count[patch] += 1
        elif led > 0 and probabilities.argmax() == rival:
            would_change[patch] = True
    spoke_for = ink * total / count.clip(1)
    known = classifier.examples
    example = known.nearest(frame, answer) if known else None
    return Explanation(answer, rival, spoke_for, would_change & ~ink, example)
