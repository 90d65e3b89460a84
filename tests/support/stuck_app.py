"""The app, with a reader that never ends with pictures 13 pixels wide: for test_time.py."""

import threading
from typing import Any

import app
import digit_model
import digit_model.page.workers

WIDTH = 13


class StuckReader(digit_model.Reader):
    """Reads what it is given, except for one kind of picture."""

    def read(self, picture: Any, digits: int | None = None) -> digit_model.Reading:
        """Read, or hang as a decoder does."""
        if picture.width == WIDTH:
            threading.Event().wait()
        return super().read(picture, digits)


if __name__ == "__main__":
    stuck = StuckReader(digit_model.load().classifier)
    digit_model.load = lambda *_: stuck
    digit_model.page.workers.MAX_READ_SECONDS = 2.0  # type: ignore[attr-defined]
    app.main()
