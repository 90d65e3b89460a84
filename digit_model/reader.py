"""A picture -> what is written in it: ink, segment, frame, classify, decide."""

import math
import os
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import product
from pathlib import Path
from threading import Semaphore
from typing import Literal, NamedTuple

import numpy as np

from digit_model.artefact import DIGITS
from digit_model.classifier import Classifier, open_classifier
from digit_model.draft import Draft
from digit_model.errors import HubError
from digit_model.explain import Explanation, explain
from digit_model.frame import frame_digit
from digit_model.ink import SMALL_PICTURE, extract_ink
from digit_model.lattice import Path as Way
from digit_model.limits import BATCH_PICTURES, BATCH_SMALL
from digit_model.picture import Picture

Verdict = Literal["blank", "not a digit", "unsure", "sure"]
MOST_READINGS = 10
PAGE = 5.0  # So much lower may a line's odds be beside several that hold digits.
EMBEDDED_WEIGHTS = Path(__file__).parent / "weights"


class Digit(NamedTuple):
    """One digit that was read.

    Attributes:
        box: `(left, top, width, height)` in the picture's pixels.
        frame: uint8 `(28, 28)`, what the network saw.
        probabilities: float32 `(10,)`, one for each class, summing to 1.
    """

    box: tuple[int, int, int, int]
    frame: np.ndarray
    probabilities: np.ndarray


class Reading(NamedTuple):
    """What was read in a picture.

    Attributes:
        text: the digit, the number, or a page's numbers, one a line; "" where nothing
            is written. What is no digit has the text of the one that it most looks like,
            and where it could only be several, "".
        verdict: "blank", "not a digit", "unsure" or "sure".
        probabilities: reading -> probability, the most probable first: of one digit
            all ten, of a number the best ten readings.
        digits: the digits, in reading order.
        odds: logarithm of how much more probable these digits are than that there is
            none; the verdict is "not a digit" below a threshold of the model's.
        advice: where the verdict is not "sure", what the writer may do better, in a
            sentence, or "".
    """

    text: str
    verdict: Verdict
    probabilities: dict[str, float]
    digits: tuple[Digit, ...]
    odds: float = 0.0
    advice: str = ""


class Reader:
    """Reads handwritten digits in pictures.

    Attributes:
        classifier: the network, with what its artefact says of it.
        folder: its artefact's; None where it has none.
    """

    def __init__(self, classifier: Classifier, folder: Path | None = None) -> None:
        self.classifier = classifier
        self.folder = folder

    def read(self, picture: Picture, digits: int | None = None) -> Reading:
        """Read one picture; see `read_many`."""
        return self.read_many([picture], digits)[0]

    def read_many(self, pictures: Sequence[Picture], digits: int | None = None) -> list[Reading]:
        """Read pictures of digits, numbers and pages of numbers, in batches.

        Args:
            pictures: paths, bytes, PIL images, arrays (HW or HWC; uint8, uint16,
                bool, or float 0..1) or the values of a Gradio sketchpad.
            digits: how many digits each picture holds, 1 or more; None to let the
                reader find out, as it does where it finds several lines.

        Returns:
            One reading a picture, in order.

        Raises:
            PictureError: if a picture cannot be opened or is too large.
            ValueError: if `digits` is less than 1.
        """
        if digits is not None and digits < 1:
            raise ValueError(f"Expected digits=None, 1 or more. Received: {digits}.")
        small = all(map(_is_small_array, pictures))
        size = BATCH_SMALL if small else BATCH_PICTURES
        batches = [pictures[start : start + size] for start in range(0, len(pictures), size)]
        cores = os.cpu_count() or 1
        # Photos are prepared side by side. Of tiny pictures' batches one is prepared while others
        # are in the network: two would pass the interpreter's lock to and fro at every step.
        turn = Semaphore(1 if small else cores)
        read_batch = partial(self._read_batch, digits=digits, turn=turn)
        if len(batches) < 2:
            return [reading for batch in batches for reading in read_batch(batch)]
        with ThreadPoolExecutor(cores) as pool:
            return [reading for readings in pool.map(read_batch, batches) for reading in readings]

    def _read_batch(
        self, pictures: Sequence[Picture], digits: int | None, turn: Semaphore
    ) -> list[Reading]:
        with turn:
            # Unless it is told otherwise, it looks for one digit first, and for more after that.
            drafts = [Draft(extract_ink(picture), digits or 1) for picture in pictures]
            self._see(drafts, turn)
            if digits is None:
                for draft in drafts:
                    if not draft.is_one_digit():
                        draft.expect(None)
            several = [draft for draft in drafts if draft.digits != 1]
            self._see(several, turn)
            for draft in several:
                draft.cut_doubtful()
            self._see(several, turn)
            return [self._decide(draft, told=digits is not None) for draft in drafts]

    def _see(self, drafts: list[Draft], turn: Semaphore) -> None:
        """Show the network every run of pieces that it has yet to see, while others prepare."""
        unseen = [(draft, run, ink) for draft in drafts for run, ink in draft.unseen()]
        if not unseen:
            return
        frames = np.array([frame_digit(ink, self.classifier.frame) for _, _, ink in unseen])
        turn.release()
        try:
            rows = self.classifier(frames)
        finally:
            turn.acquire()
        for (draft, run, _), frame, row in zip(unseen, frames, rows, strict=True):
            draft.seen[run] = frame, row

    def explain(self, digit: Digit) -> Explanation:
        """Find out why a digit was read so; see `digit_model.explain`."""
        return explain(self.classifier, digit.frame)

    def _decide(self, draft: Draft, told: bool) -> Reading:
        if not draft.lines:
            return Reading("", "blank", {}, (), -math.inf, "Nothing dark enough to read.")
        thresholds = self.classifier.config["thresholds"]
        read = [(line, draft.paths(line)) for line in draft.lines]
        each = [draft.odds(line, paths[0]) for line, paths in read]
        odds = sum(each)
        refused = odds < thresholds["digit"]
        page = sum(line_odds >= thresholds["digit"] for line_odds in each) > 1
        least = thresholds["digit"] - (PAGE if page else 0)
        kept, found = [], []
        for (line, paths), line_odds in zip(read, each, strict=True):
            # Beside a line of digits, what looks like none is a stain or a shadow.
            stray = not refused and line_odds < least
            if stray or not paths[0].digits:
                continue
            kept.append(paths)
            for span in paths[0].spans:
                run = tuple(line.pieces[span.start : span.end])
                frame, row = draft.seen[run]
                row = row[: len(DIGITS)] / row[: len(DIGITS)].sum()
                found.append(Digit(draft.box(run), frame, row))
        # What one digit most looks like is told even then, and whatever somebody says is there.
        if not found or (refused and not told and len(found) > 1):
            return Reading("", "not a digit", {}, (), odds, draft.advise())
        text = "\n".join(_text(paths[0]) for paths in kept)
        probabilities = _joint(kept) if len(found) > 1 else _classes(found[0])
        sure = not refused and probabilities.get(text, 0) >= thresholds["sure"]
        verdict: Verdict = "sure" if sure else "not a digit" if refused else "unsure"
        advice = "" if sure else draft.advise()
        return Reading(text, verdict, probabilities, tuple(found), odds, advice)


def _is_small_array(picture: Picture) -> bool:
    return isinstance(picture, np.ndarray) and max(picture.shape, default=0) <= SMALL_PICTURE


def _text(path: Way) -> str:
    """The digits of a line as a number."""
    return "".join(DIGITS[digit] for digit in path.digits)


def _classes(digit: Digit) -> dict[str, float]:
    """The ten classes of one digit, the most probable first."""
    return _most_probable(dict(zip(DIGITS, digit.probabilities.tolist(), strict=True)))


def _joint(lines: list[list[Way]]) -> dict[str, float]:
    """The most probable readings of lines together, joined by newlines."""
    joint = {"": 1.0}
    for paths in lines:
        longer: dict[str, float] = defaultdict(float)
        for (before, probability), path in product(joint.items(), paths):
            # A line in which nothing is read is none, so other lines may make the same text.
            longer[f"{before}\n{_text(path)}".strip("\n")] += probability * math.exp(path.score)
        joint = _most_probable(longer)
    return joint


def _most_probable(probabilities: dict[str, float]) -> dict[str, float]:
    """The ten most probable readings, the most probable first."""
    return dict(sorted(probabilities.items(), key=lambda pair: -pair[1])[:MOST_READINGS])


def load(source: str | Path | None = None, revision: str | None = None) -> Reader:
    """Open a reader.

    Args:
        source: an artefact folder, a Hub repository "user/name", or None for
            the model that comes with the package.
        revision: the repository's tag, branch or commit.

    Raises:
        ArtefactError: if a model file is missing, altered or of another format.
        HubError: if the repository cannot be had, or a revision is given without one.
    """
    folder = Path(source or EMBEDDED_WEIGHTS)
    if not folder.is_dir():
        from digit_model import hub

        folder = hub.pull(str(source), revision)
    elif revision is not None:
        raise HubError(
            f"Expected a Hub repository to take revision {revision} of. "
            f"Received: {source or 'none'}. Name one, or leave the revision out."
        )
    return Reader(open_classifier(folder), folder)
