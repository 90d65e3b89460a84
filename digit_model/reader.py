"""The reader: opens the models, and reads pictures. Start reading here.

`Batches._read_batch` in `lines/batches.py` takes the steps; read that next. Open the picture
(`picture/image.py`), find its ink (`picture/ink.py`), split the ink into candidate digits
(`lines/source.py`), frame each like an MNIST digit (`model/frame.py`), classify it
(`model/classifier.py`), and decide on the most probable text (`lines/decision.py`). Where that is
not sure, the spotter and the judge, two more networks, find and name the digits (`lines/turns.py`).
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from digit_model.errors import HubError
from digit_model.explain.explanation import Explanation, explain
from digit_model.lines.batches import Batches
from digit_model.lines.closeups import Closeups
from digit_model.lines.settings import Settings
from digit_model.lines.spotter import Spotter
from digit_model.lines.turns import Judge
from digit_model.model.classifier import Classifier, open_classifier
from digit_model.picture.image import Picture
from digit_model.reading import Digit, Reading

EMBEDDED_WEIGHTS = Path(__file__).parent / "weights"
SPOTTER_FOLDER = Path(__file__).parent / "lines" / "weights"


class Reader:
    """Reads handwritten digits in pictures.

    Attributes:
        classifier: the network and the configuration from its artefact.
        folder: the artefact folder, or None.
        spotter: the network that finds the marks on a page, or None.
        judge: the network that names a mark from its close-up, or None.

    Args:
        settings: what can be tuned; the defaults are what all figures were measured with.
    """

    def __init__(
        self,
        classifier: Classifier,
        folder: Path | None = None,
        spotter: Spotter | None = None,
        judge: Judge | None = None,
        settings: Settings = Settings(),
    ) -> None:
        self.classifier = classifier
        self.folder = folder
        self.spotter = spotter
        self.judge = judge
        self._batches = Batches(classifier, spotter, judge, settings)

    def read(self, picture: Picture, digits: int | None = None) -> Reading:
        """Read one picture; see `read_many`."""
        return self.read_many([picture], digits)[0]

    def read_many(self, pictures: Sequence[Picture], digits: int | None = None) -> list[Reading]:
        """Read pictures of digits, numbers and pages of numbers, in batches.

        Args:
            pictures: paths, bytes, PIL images, arrays (HW or HWC; uint8, uint16,
                bool, or float 0..1) or the values of a Gradio sketchpad.
            digits: how many digits each picture holds, 1 or more; None to let the
                reader find out. Ignored where it finds several numbers.

        Returns:
            One reading per picture, in order.

        Raises:
            PictureError: if a picture cannot be opened or is too large.
            ValueError: if `digits` is less than 1.
        """
        if digits is not None and digits < 1:
            raise ValueError(f"Expected digits=None, 1 or more. Received: {digits}.")
        return [reading for _, reading in self._batches.read(pictures, digits)]

    def find_ink(self, picture: Picture) -> np.ndarray:
        """Find the ink that the digits are read from, without paper, lines and shadows.

        Returns:
            uint8 `(height, width)`, from 0 (paper) to 255 (full ink), upright. A large picture is
            shrunk. Where the spotter found the digits, it covers only the part that they are in,
            at another scale, so that it does not match `Digit.box`.

        Raises:
            PictureError: if the picture cannot be opened or is too large.
        """
        ((draft, _),) = self._batches.read([picture], None)
        return draft.writing.ink

    def explain(self, digit: Digit) -> Explanation:
        """Explain why a digit was read as it was; see `digit_model.explain.explanation`."""
        return explain(self.classifier, digit.frame)


def load(source: str | Path | None = None, revision: str | None = None) -> Reader:
    """Open a reader.

    Args:
        source: an artefact folder, a Hub repository "user/name", or None for
            the model in the package.
        revision: the repository's tag, branch or commit.

    Raises:
        ArtefactError: if a model file is missing, altered or of another format.
        HubError: if the repository cannot be fetched, or a revision is given without one.
    """
    folder = Path(source or EMBEDDED_WEIGHTS)
    if not folder.is_dir():
        from digit_model.model import hub

        folder = hub.pull(str(source), revision)
    elif revision is not None:
        raise HubError(
            f"Expected a Hub repository to take revision {revision} of. "
            f"Received: {source or 'none'}. Name one, or leave the revision out."
        )
    spotter = Spotter(SPOTTER_FOLDER / "spotter.tflite")
    judge = Closeups(SPOTTER_FOLDER / "closeups.tflite")
    return Reader(open_classifier(folder), folder, spotter, judge)
