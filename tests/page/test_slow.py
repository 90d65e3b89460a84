"""The slowest pictures: each is read, or refused with a sentence, within three seconds."""

import re
import time

import pytest

from digit_model import PictureError, Reader
from digit_model.page.opener import Opener
from scripts.app_server import AppServer
from tests.support.attack import call, upload
from tests.support.slow_files import FILES
from tests.support.slow_pictures import search

SECONDS = 3.0
SEARCH_SECONDS = 20
TRIES = 3


@pytest.mark.parametrize("name", FILES)
def test_a_slow_file_is_read_or_refused_in_time(server: AppServer, name: str) -> None:
    """Otherwise a few files keep everybody else's pictures waiting; machines have busy moments."""
    path = upload(server, FILES[name]())
    waits: list[float] = []
    while len(waits) < TRIES and not any(wait < SECONDS for wait in waits):
        begin = time.monotonic()
        said = call(server, [None, {"path": path}])
        waits.append(time.monotonic() - begin)
        assert re.search(r"Expected|Nothing|looks? like", said)

    assert min(waits) < SECONDS


def test_a_picture_can_be_opened_after_one_that_could_not(seven: bytes) -> None:
    """Otherwise one hostile picture stops the readings of all."""
    opener = Opener()
    for _ in range(2):
        with pytest.raises(PictureError, match="takes longer"):
            opener.open(FILES["tags of a TIFF"]())
        assert opener.open(seven).size == (280, 280)


def test_no_page_takes_long_to_read(reader: Reader) -> None:
    """Otherwise waves, combs or spirals do; `tests.support.slow_pictures` can search for longer."""
    *_, (seconds, recipe) = search(reader, SEARCH_SECONDS, seed=0)

    assert seconds < SECONDS, recipe
