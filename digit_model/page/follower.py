"""Switch a running page to a newer model, without a restart."""

import logging
import re
import threading
from pathlib import Path

import numpy as np

import digit_model
from digit_model.errors import DigitModelError
from digit_model.model import hub
from digit_model.page.readings import Readings, Served, name_model

log = logging.getLogger(__name__)

# A drawn 1, to test a new model before it is served.
PROBE_PICTURE = np.pad(np.full((20, 2), 255, np.uint8), ((4, 4), (13, 13)))


def may_move(model: str | None, revision: str | None) -> bool:
    """Whether the model may change: a Hub repository, not pinned to a commit."""
    return (
        model is not None
        and not Path(model).is_dir()
        and not re.fullmatch(hub.COMMIT_PATTERN, revision or "")
    )


class Follower(threading.Thread):
    """Checks regularly whether a repository's revision names another model now.

    Open readings finish with the model that they started with. If the new model cannot be
    fetched, opened or used, the old one stays.

    Args:
        readings: get the new model.
        model: a Hub repository, "user/name".
        revision: its tag or branch; None for its newest commit.
        seconds: time between two checks.
    """

    def __init__(
        self, readings: Readings, model: str, revision: str | None, seconds: float
    ) -> None:
        super().__init__(daemon=True)
        self._readings, self._model, self._revision = readings, model, revision
        self._seconds = seconds
        self._refused: Path | None = None

    def run(self) -> None:
        """Check until the program ends."""
        pause = threading.Event()
        while not pause.wait(self._seconds):
            self.look()

    def look(self) -> None:
        """Switch to the model that the revision names now, if it is new and works."""
        folder = None
        try:
            folder = hub.pull(self._model, self._revision)
            if folder in (self._readings.served.reader.folder, self._refused):
                return
            reader = digit_model.load(folder)
            reader.read(PROBE_PICTURE)
        except DigitModelError as error:
            self._refused = folder
            log.warning("%s The model that is served goes on.", error)
            return
        name = name_model(self._model, self._revision, folder)
        self._readings.served = Served(reader, name)
        log.info("Serving the model %s, which is new.", name)
