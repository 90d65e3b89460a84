"""How a running page goes on to a newer model, without a restart."""

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

# A new model reads this 1 before anybody waits for it.
PROBE = np.pad(np.full((20, 2), 255, np.uint8), ((4, 4), (13, 13)))


def may_move(model: str | None, revision: str | None) -> bool:
    """Whether a model is a Hub repository's, and not a commit's, which never changes."""
    return (
        model is not None
        and not Path(model).is_dir()
        and not re.fullmatch(hub.COMMIT, revision or "")
    )


class Follower(threading.Thread):
    """Looks every few minutes whether a repository's revision names another model now.

    Readings under way end with the model that they began with. Where the new one cannot be
    fetched, opened or used, the old one goes on.

    Args:
        readings: are given the new model.
        model: a Hub repository, "user/name".
        revision: its tag or branch; None for its newest commit.
        seconds: between two looks.
    """

    def __init__(
        self, readings: Readings, model: str, revision: str | None, seconds: float
    ) -> None:
        super().__init__(daemon=True)
        self._readings, self._model, self._revision = readings, model, revision
        self._seconds = seconds
        self._refused: Path | None = None

    def run(self) -> None:
        """Look until the program ends."""
        pause = threading.Event()
        while not pause.wait(self._seconds):
            self.look()

    def look(self) -> None:
        """Go on to the model that the revision names now, if it is another and works."""
        folder = None
        try:
            folder = hub.pull(self._model, self._revision)
            if folder in (self._readings.served.reader.folder, self._refused):
                return
            reader = digit_model.load(folder)
            reader.read(PROBE)
        except DigitModelError as error:
            self._refused = folder
            log.warning("%s The model that is served goes on.", error)
            return
        name = name_model(self._model, self._revision, folder)
        self._readings.served = Served(reader, name)
        log.info("Serving the model %s, which is new.", name)
