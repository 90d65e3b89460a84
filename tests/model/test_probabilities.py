"""What several views of a frame say together."""

import numpy as np

from digit_model.model.probabilities import VIEW_MATRICES, predict_with_views


def test_only_what_it_doubts_it_sees_from_several_sides() -> None:
    """Otherwise a crooked 7 is misread, or every digit takes five times as long."""
    seen = []

    def see(frames: np.ndarray) -> np.ndarray:
        """Takes what has ink at the top right for a 7, and doubts what has not."""
        seen.append(frames)
        sevens = np.where(frames[:, 4, 17] > 100, 0.9, 0.4)
        return np.stack([1 - sevens, sevens], axis=1).astype(np.float32)

    upright, leaning = np.zeros((2, 28, 28), np.uint8)
    upright[4:24, 13:16] = 255
    leaning[4:24, 16:19] = 255

    rows = predict_with_views(np.array([leaning, upright]), see)

    assert len(seen) == 1 + len(VIEW_MATRICES)
    assert all(len(frames) == 1 for frames in seen[1:])
    np.testing.assert_allclose(rows[0], [0.1, 0.9], rtol=1e-5)
    sevens = np.array([0.9 if frames[-1, 4, 17] > 100 else 0.4 for frames in seen])
    assert 0 < np.count_nonzero(sevens == 0.9) < len(seen)
    means = [np.prod(1 - sevens) ** (1 / len(seen)), np.prod(sevens) ** (1 / len(seen))]
    np.testing.assert_allclose(rows[1], np.array(means) / np.sum(means), rtol=1e-5)


def test_a_view_keeps_the_ink_and_its_place() -> None:
    """Otherwise looking again shows the network less than the first look did."""
    views = []

    def doubt(frames: np.ndarray) -> np.ndarray:
        views.append(frames[0].astype(float))
        return np.full((1, 2), 0.5, np.float32)

    frame = np.zeros((1, 28, 28), np.uint8)
    frame[0, 4:25, 13:16] = 255

    predict_with_views(frame, doubt)

    for view in views[1:]:
        assert abs(view - views[0]).sum() > 0.1 * views[0].sum()
        np.testing.assert_allclose(view.sum(), views[0].sum(), rtol=0.03)
        mass = [np.average(index, weights=view) for index in np.indices(view.shape)]
        np.testing.assert_allclose(mass, 14, atol=0.2)
