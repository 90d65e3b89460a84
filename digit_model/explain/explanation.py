"""Why a digit was read as it was: ink that supports the answer, and ink that would change it."""

from itertools import product
from typing import NamedTuple

import numpy as np
from scipy import ndimage

from digit_model.model.artefact import DIGITS
from digit_model.model.classifier import Classifier
from digit_model.model.probabilities import PROBABILITY_FLOOR

PATCH_SIDE = 4  # Side of the square that is covered, in pixels.
PATCH_STEP = 3  # Distance from one square to the next, in pixels.
MAX_INK_DISTANCE = 2  # Distance from the ink up to which paper is covered with ink, in pixels.
MAX_PAPER = 40  # Darkest value that counts as paper, 0 to 255.
FULL_INK = 255  # Value that covers paper.


class Explanation(NamedTuple):
    """Evidence for the most probable class against the second.

    Attributes:
        answer: the most probable class, 0 to 9.
        rival: the second most probable class.
        spoke_for: float32 `(28, 28)`, how much the log-odds of the answer against the rival
            fall if the ink around a pixel is covered. Negative where the ink speaks against
            the answer; 0 on paper.
        would_change: bool `(28, 28)`, paper where ink would make the rival the answer.
        example: uint8 `(28, 28)`, the training digit of the answer's class most similar to
            this one; None if the classifier has no examples.
    """

    answer: int
    rival: int
    spoke_for: np.ndarray
    would_change: np.ndarray
    example: np.ndarray | None


def explain(classifier: Classifier, frame: np.ndarray) -> Explanation:
    """Cover each part of a frame in turn, and compare the network's answers.

    The method is occlusion, from Zeiler and Fergus, "Visualizing and Understanding
    Convolutional Networks" (2014). Ink is covered with paper, and paper with ink.

    Args:
        classifier: the network.
        frame: uint8 `(28, 28)`, from 0 (paper) to 255 (full ink).
    """
    ink = frame > MAX_PAPER
    near_ink = ndimage.maximum_filter(ink, 2 * MAX_INK_DISTANCE + 1)
    grid = product(range(0, len(frame) - PATCH_SIDE + 1, PATCH_STEP), repeat=2)
    corners = [(y, x) for y, x in grid if near_ink[y : y + PATCH_SIDE, x : x + PATCH_SIDE].any()]
    changed = np.repeat(frame[None], len(corners) + 1, axis=0)
    for changed_frame, (top, left) in zip(changed, corners, strict=False):
        patch = np.s_[top : top + PATCH_SIDE, left : left + PATCH_SIDE]
        changed_frame[patch] = 0 if ink[patch].any() else FULL_INK
    *covered, unchanged = classifier.predict_once(changed)[:, : len(DIGITS)]
    rival, answer = np.argsort(classifier(frame[None])[0, : len(DIGITS)])[-2:].tolist()

    def log_odds(probabilities: np.ndarray) -> float:
        answers, rivals = probabilities[[answer, rival]].clip(PROBABILITY_FLOOR)
        return float(np.log(answers / rivals))

    all_log_odds = log_odds(unchanged)
    total, count = np.zeros((2, *frame.shape), np.float32)
    would_change = np.zeros(frame.shape, bool)
    for (top, left), probabilities in zip(corners, covered, strict=True):
        patch = np.s_[top : top + PATCH_SIDE, left : left + PATCH_SIDE]
        if ink[patch].any():
            total[patch] += all_log_odds - log_odds(probabilities)
            count[patch] += 1
        elif all_log_odds > 0 and probabilities.argmax() == rival:
            would_change[patch] = True
    spoke_for = ink * total / count.clip(1)
    examples = classifier.examples
    example = examples.nearest(frame, answer) if examples else None
    return Explanation(answer, rival, spoke_for, would_change & ~ink, example)
