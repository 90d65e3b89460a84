"""What the tests of the spotter share."""

from pathlib import Path

import numpy as np
import pytest

from digit_model.training.data import Samples, load_mnist
from digit_model.training.spotting.models import Models


@pytest.fixture(scope="session")
def samples(drawn_mnist: Path) -> Samples:
    """Digits that we drew."""
    return load_mnist(drawn_mnist).train


@pytest.fixture(scope="session")
def models(samples: Samples) -> Models:
    """What marks are made after."""
    return Models(samples, np.random.default_rng(0), variants=1)
