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
from typing import TypeVar

import numpy as np

from digit_model.errors import HubError
from digit_model.explain.explanation import Explanation, explain
from digit_model.limits import BATCH_PICTURES, BATCH_SMALL
from digit_model.lines.closeups import Closeups
from digit_model.lines.draft import Draft
from digit_model.lines.lattice import Path as Way
from digit_model.lines.source import Source
from digit_model.lines.spotter import Spotter
from digit_model.lines.turns import Judge
from digit_model.model.artefact import DIGITS
from digit_model.model.classifier import Classifier, open_classifier
from digit_model.model.frame import frame_digit
from digit_model.picture.image import Picture
from digit_model.picture.ink import SMALL_PICTURE
from digit_model.reading import Digit, Reading, Verdict

Text = TypeVar("Text")
MOST_READINGS = 10
LIKELY = 0.7  # Probability of a reading that is not given up for another with a digit less.
PAGE = 5.0  # So much lower may a line's odds be beside several that hold digits.
EMBEDDED_WEIGHTS = Path(__file__).parent / "weights"
SPOTTER_FOLDER = Path(__file__).parent / "lines" / "weights"


_Read = tuple[Draft, Reading]  # A picture, taken apart, and what is read in it.


class Reader:
    """Reads handwritten digits in pictures.

    Attributes:
        classifier: the network, with what its artefact says of it.
        folder: its artefact's; None where it has none.
        spotter: the network that finds the digits of a page.
        judge: tells what each of them is, from close up.
    """

    def __init__(
        self,
        classifier: Classifier,
        folder: Path | None = None,
        spotter: Spotter | None = None,
        judge: Judge | None = None,
    ) -> None:
        self.classifier = classifier
        self.folder = folder
        self.spotter = spotter
        self.judge = judge

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
        return [reading for _, reading in self._read(pictures, digits)]

    def find_ink(self, picture: Picture) -> np.ndarray:
        """The ink in which a picture's digits are read, without what it was written on.

        Returns:
            uint8 `(height, width)`, from 0 (paper) to 255 (full ink); upright, and where the digits
            are part of a page, as large as that part.

        Raises:
            PictureError: if the picture cannot be opened or is too large.
        """
        ((draft, _),) = self._read([picture], None)
        return draft.writing.ink

    def _read(self, pictures: Sequence[Picture], digits: int | None) -> list[_Read]:
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
            return [pair for batch in batches for pair in read_batch(batch)]
        with ThreadPoolExecutor(cores) as pool:
            return [pair for pairs in pool.map(read_batch, batches) for pair in pairs]

    def _read_batch(
        self, pictures: Sequence[Picture], digits: int | None, turn: Semaphore
    ) -> list[_Read]:
        with turn:
            sources = [Source(picture) for picture in pictures]
            told = digits is not None
            # Unless it is told otherwise, it looks for one digit first, and for more after that.
            if digits in (None, 1):
                drafts = [source.as_one_digit() for source in sources]
                self._see(drafts, turn)
            else:
                drafts = [source.as_strokes(digits) for source in sources]
            if digits is None:
                drafts = [
                    draft if source.is_one_digit(draft) else source.as_strokes(None)
                    for source, draft in zip(sources, drafts, strict=True)
                ]
            several = [place for place, draft in enumerate(drafts) if draft.digits != 1]
            self._cut([drafts[place] for place in several], turn)
            read = [(draft, self._decide(draft, told)) for draft in drafts]
            if self.spotter is None or self.judge is None:
                return read
            unsure = [place for place in several if read[place][1].verdict != "sure"]
            marks = [sources[place].as_marks(self.spotter, self.judge, digits) for place in unsure]
            self._cut(marks, turn)
            for place, draft in zip(unsure, marks, strict=True):
                read[place] = _choose(read[place], (draft, self._decide(draft, told)))
            return read

    def _cut(self, drafts: list[Draft], turn: Semaphore) -> None:
        """Cut what may be several digits, once the network saw it whole."""
        self._see(drafts, turn)
        for draft in drafts:
            draft.cut_doubtful()
        self._see(drafts, turn)

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
            draft.see(run, frame, row)

    def explain(self, digit: Digit) -> Explanation:
        """Find out why a digit was read so; see `digit_model.explain.explanation`."""
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
            kept.append((line, paths))
            for span in paths[0].spans:
                run = tuple(line.pieces[span.start : span.end])
                frame, row = draft.seen[run]
                row = row[: len(DIGITS)] / row[: len(DIGITS)].sum()
                found.append(Digit(draft.box(run), frame, row))
        # What one digit most looks like is told even then, and whatever somebody says is there.
        if not found or (refused and not told and len(found) > 1):
            return Reading("", "not a digit", {}, (), odds, draft.advise())
        rows = [line.row for line, _ in kept]
        text = _join([_text(paths[0]) for _, paths in kept], rows)
        written = _join([draft.write(line, paths[0]) for line, paths in kept], rows)
        ways = [paths for _, paths in kept]
        probabilities = _joint(ways, rows) if len(found) > 1 else _classes(found[0])
        sure = not refused and probabilities.get(text, 0) >= thresholds["sure"]
        verdict: Verdict = "sure" if sure else "not a digit" if refused else "unsure"
        advice = "" if sure else draft.advise()
        return Reading(text, verdict, probabilities, tuple(found), odds, advice, written)


def _is_small_array(picture: Picture) -> bool:
    return isinstance(picture, np.ndarray) and max(picture.shape, default=0) <= SMALL_PICTURE


def _text(path: Way) -> str:
    """The digits of a line as a number."""
    return "".join(DIGITS[digit] for digit in path.digits)


def _classes(digit: Digit) -> dict[str, float]:
    """The ten classes of one digit, the most probable first."""
    return _most_probable(dict(zip(DIGITS, digit.probabilities.tolist(), strict=True)))


def _join(texts: Sequence[str], rows: Sequence[int]) -> str:
    """Texts as one: those of a row parted by " ", rows by newlines; empty ones are left out."""
    lines: dict[int, list[str]] = defaultdict(list)
    for text, row in zip(texts, rows, strict=True):
        if text:
            lines[row].append(text)
    return "\n".join(" ".join(line) for line in lines.values())


def _joint(lines: list[list[Way]], rows: list[int]) -> dict[str, float]:
    """The most probable readings of lines together, as `_join` joins them."""
    joint: dict[tuple[str, ...], float] = {(): 1.0}
    for paths in lines:
        longer: dict[tuple[str, ...], float] = defaultdict(float)
        for (before, probability), path in product(joint.items(), paths):
            longer[(*before, _text(path))] += probability * math.exp(path.score)
        joint = _most_probable(longer)
    readings: dict[str, float] = defaultdict(float)
    for texts, probability in joint.items():
        # A line in which nothing is read is none, so others may make the same text.
        readings[_join(texts, rows)] += probability
    return _most_probable(readings)


def _choose(strokes: _Read, marks: _Read) -> _Read:
    """Of what is read in strokes and in a spotter's marks, the better.

    A spotter that leaves out just one digit has rather overlooked it; where it leaves out several,
    they are rather lines of a form. Where both ways are likely and differ, neither is sure.
    """
    (_, first), (_, second) = strokes, marks
    if not (first.found and second.found):
        return marks if second.found else strokes
    texts = first.labels, second.labels
    probabilities = [reading.probabilities.get(reading.text, 0) for reading in (first, second)]
    likely = probabilities[0] > LIKELY
    overlooked = len(texts[0]) == len(texts[1]) + 1 and _is_within(texts[1], texts[0])
    better = probabilities[1] > probabilities[0] and not (overlooked and likely)
    draft, reading = marks if better else strokes
    if likely and texts[0] != texts[1] and reading.verdict == "sure":
        reading = reading._replace(verdict="unsure", advice=draft.advise())
    return draft, reading


def _is_within(text: str, longer: str) -> bool:
    """Whether a text is what is left of a longer one when some letters are left out."""
    letters = iter(longer)
    return all(letter in letters for letter in text)


def _most_probable(probabilities: dict[Text, float]) -> dict[Text, float]:
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
