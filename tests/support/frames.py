"""What must hold of frames that are made, for the tests."""

from collections.abc import Sequence

import numpy as np


def assert_frames_differ(frames: Sequence[np.ndarray]) -> None:
    """Each is another, and as MNIST would frame it."""
    assert len({frame.tobytes() for frame in frames}) == len(frames)
    for frame in frames:
        assert frame.shape == (28, 28)
        assert frame.dtype == np.uint8
        rows, columns = np.nonzero(frame)
        assert max(np.ptp(rows), np.ptp(columns)) + 1 in (18, 19, 20)
