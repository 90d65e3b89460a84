"""The ink of marks, told from the paper around them."""

import numpy as np

from digit_model.lines.matting import find_ink


def mark(ink: int, paper: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A page with an upright bar that has soft edges, and what a network says of it, coarsely."""
    page = np.full((40, 40), paper, np.uint8)
    page[10:30, 18:22] = ink
    page[10:30, [17, 22]] = (ink + paper) // 2
    labels = np.zeros((40, 40), np.int32)
    labels[10:30, 18:22] = 1
    likely = np.where(labels > 0, 0.7, 0.0).astype(np.float32)
    return page, labels, likely


def test_ink_is_as_sharp_as_the_page_shows_it() -> None:
    """Otherwise what a network draws of a thin stroke is read, and not the stroke."""
    for ink, paper in ((40, 200), (230, 30), (90, 110)):
        levels, labels = find_ink(*mark(ink, paper))

        assert (levels[12:28, 18:22] == 255).all()
        assert (abs(levels[12:28, [17, 22]].astype(int) - 128) < 16).all()
        assert not levels[:, :16].any()
        assert ((labels > 0) == (levels > 0)).all()


def test_each_mark_has_its_own_paper() -> None:
    """Otherwise a digit on a dark panel is its panel."""
    pages, labels, likely = zip(mark(40, 200), mark(230, 30), strict=True)
    numbered = np.hstack([labels[0], 2 * labels[1]])

    levels, found = find_ink(np.hstack(pages), numbered, np.hstack(likely))

    assert (levels[12:28, 18:22] == 255).all()
    assert (levels[12:28, 58:62] == 255).all()
    assert set(np.unique(found)) == {0, 1, 2}


def test_what_is_as_light_as_its_paper_is_left_to_the_network() -> None:
    """Otherwise an outlined digit is empty."""
    page, labels, likely = mark(200, 200)

    levels, found = find_ink(page, labels, likely)

    assert (levels[labels > 0] == round(0.7 * 255)).all()
    assert (found == labels).all()
