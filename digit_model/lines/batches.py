"""Pictures -> what is read in them: steps side by side, and the network's work in batches.

What a step means stands in the files that it calls; here is only what runs when.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Semaphore

import numpy as np

from digit_model.limits import BATCH_PICTURES, BATCH_SMALL_PICTURES
from digit_model.lines.decision import Decided, choose, decide
from digit_model.lines.draft import Draft
from digit_model.lines.source import Source
from digit_model.lines.spotter import Spotter
from digit_model.lines.turns import Judge
from digit_model.model.classifier import Classifier
from digit_model.model.frame import frame_digit
from digit_model.picture.image import Picture
from digit_model.picture.ink import SMALL_PICTURE


class Batches:
    """Reads many pictures, some at a time.

    Args:
        classifier: of framed digits.
        spotter: finds the digits of a page; None to read strokes alone.
        judge: tells what each of these is, from close up; None as well then.
    """

    def __init__(
        self, classifier: Classifier, spotter: Spotter | None, judge: Judge | None
    ) -> None:
        self._classifier = classifier
        self._spotter = spotter
        self._judge = judge

    def read(self, pictures: Sequence[Picture], digits: int | None) -> list[Decided]:
        """Read pictures; see `Reader.read_many`.

        Returns:
            For each picture, in order, how it was taken apart, and what is read in it.
        """
        small = all(map(_is_small_array, pictures))
        size = BATCH_SMALL_PICTURES if small else BATCH_PICTURES
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
    ) -> list[Decided]:
        with turn:
            sources = [Source(picture) for picture in pictures]
            told = digits is not None
            thresholds = self._classifier.config["thresholds"]
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
            read = [(draft, decide(draft, thresholds, told)) for draft in drafts]
            if self._spotter is None or self._judge is None:
                return read
            unsure = [place for place in several if read[place][1].verdict != "sure"]
            marks = [
                sources[place].as_marks(self._spotter, self._judge, digits) for place in unsure
            ]
            self._cut(marks, turn)
            for place, draft in zip(unsure, marks, strict=True):
                read[place] = choose(read[place], (draft, decide(draft, thresholds, told)))
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
        frames = np.array([frame_digit(ink, self._classifier.frame) for _, _, ink in unseen])
        turn.release()
        try:
            rows = self._classifier(frames)
        finally:
            turn.acquire()
        for (draft, run, _), frame, row in zip(unseen, frames, rows, strict=True):
            draft.see(run, frame, row)


def _is_small_array(picture: Picture) -> bool:
    return isinstance(picture, np.ndarray) and max(picture.shape, default=0) <= SMALL_PICTURE
