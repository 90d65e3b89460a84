"""A picture, taken apart, and what is noted of its pieces."""

from functools import partial

import numpy as np
import pytest

from digit_model.lines.draft import Draft, scale_box
from digit_model.lines.kinds import KINDS, OTHER
from digit_model.lines.lattice import LatticePath, Span
from digit_model.lines.writing import Number, Writing
from digit_model.model.artefact import CLASSES, NOT_A_DIGIT

HERE = partial(scale_box, 1.0)


@pytest.fixture
def writing() -> Writing:
    """Three blocks side by side, the middle one low."""
    labels = np.zeros((40, 100), np.int32)
    for number, top in enumerate((5, 28, 5), start=1):
        labels[top:35, 30 * number - 20 : 30 * number] = number
    boxes = [(0, 0, 0, 0), (5, 10, 35, 30), (28, 40, 35, 60), (5, 70, 35, 90)]
    return Writing(np.where(labels > 0, 255, 0).astype(np.uint8), labels, np.array(boxes))


def test_a_number_is_written_with_its_signs(writing: Writing) -> None:
    """Otherwise 3.14 is written 314."""
    number = Number([1, 3], 30.0, signs=((5.0, "-"), (50.0, ".")))
    spans = tuple(Span(place, place + 1, np.zeros(10)) for place in range(2))

    assert Draft(writing, [number], None, HERE).write(number, LatticePath((4, 2), spans)) == "-4.2"


def test_the_spotter_has_its_say_in_what_a_mark_is(writing: Writing) -> None:
    """Otherwise the line of a box is a 1, or a low digit a dash."""
    number = Number([1, 2, 3], 30.0)
    kinds = np.full((4, KINDS), 0.01)
    kinds[1, OTHER], kinds[2, 7], kinds[3, 5] = 1, 1, 1
    kinds /= kinds.sum(axis=1, keepdims=True)
    draft = Draft(writing, [number], None, HERE, kinds)
    even = np.full(CLASSES, 1 / CLASSES, np.float32)
    even[1], even[NOT_A_DIGIT] = 0.3, 0.15
    for run, _ in list(draft.unseen()):
        draft.see(run, np.zeros((28, 28), np.uint8), even / even.sum())

    best = draft.paths(number)[0]

    assert best.digits == (7, 5)
    assert [span.start for span in best.spans] == [1, 2]
    assert even[1] == np.float32(0.3)  # What the classifier said of others is left alone.
