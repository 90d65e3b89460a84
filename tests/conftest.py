"""What several test files share."""

import os
from collections.abc import Iterator

import pytest

from tests.hub_server import HubServer

# huggingface_hub reads its environment once, at import, so this comes before any:
# no test reaches the real Hub, or finds the token or the cache of whoever runs it.
HUB = HubServer()
os.environ.update(HUB.environment)

from digit_model import Reader, load  # noqa: E402


@pytest.fixture(scope="session")
def reader() -> Reader:
    """The reader that everybody gets."""
    return load()


@pytest.fixture(scope="module")
def hub() -> Iterator[HubServer]:
    """A running Hub, empty at the start of each test file."""
    HUB.repositories.clear()
    HUB.start()
    yield HUB
    HUB.stop()
