"""Pictures -> readings: in which order each is tried, what runs in parallel, and in which batches.

A picture is tried as one digit, then as connected strokes, then as the spotter's marks, until one
of these holds. What each step does is in the files that this one imports.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Semaphore

import numpy as np

from digit_model.limits import BATCH_PICTURES, BATCH_SMALL_PICTURES
from digit_model.lines.choice import choose
from digit_model.lines.decision import Decided, decide
from digit_model.lines.draft import Draft
from digit_model.lines.settings import Settings
from digit_model.lines.source import Source
from digit_model.lines.spotter import Spotter
from digit_model.lines.turns import Judge
from digit_model.model.classifier import Classifier
from digit_model.picture.image import Picture
from digit_model.picture.ink import SMALL_PICTURE


class Batches:
    """Reads many pictures, in batches.

    Args:
        classifier: classifies framed digits.
        spotter: finds the digits of a page; None to read only connected strokes.
        judge: classifies each mark that the spotter finds; None if the spotter is None.
        settings: what is tuned.
    """

    def __init__(
        self,
        classifier: Classifier,
        spotter: Spotter | None,
        judge: Judge | None,
        settings: Settings,
    ) -> None:
        self._classifier = classifier
        self._spotter = spotter
        self._judge = judge
        self._settings = settings
        self._predict = classifier if settings.views else classifier.predict_once

    def read(self, pictures: Sequence[Picture], digits: int | None) -> list[Decided]:
        """Read pictures; see `Reader.read_many`.

        Returns:
            For each picture, in order, its draft and its reading.
        """
        return [
            strokes if marks is None else choose(strokes, marks)
            for strokes, marks in self.read_both(pictures, digits)
        ]

    def read_both(
        self, pictures: Sequence[Picture], digits: int | None
    ) -> list[tuple[Decided, Decided | None]]:
        """Read pictures in both ways: from connected strokes, and from the spotter's marks.

        Returns:
            For each picture, in order, its draft and its reading in each way; None instead of
            those from marks if the first reading is sure, or a single digit.
        """
        small = all(map(_is_small_array, pictures))
        size = BATCH_SMALL_PICTURES if small else BATCH_PICTURES
        batches = [pictures[start : start + size] for start in range(0, len(pictures), size)]
        cores = os.cpu_count() or 1
        # Photos are prepared in parallel. For tiny pictures, only one batch is prepared while
        # others are in the network: two would compete for the interpreter's lock at every step.
        slots = Semaphore(1 if small else cores)
        read_batch = partial(self._read_batch, digits=digits, slots=slots)
        if len(batches) < 2:
            return [pair for batch in batches for pair in read_batch(batch)]
        with ThreadPoolExecutor(cores) as pool:
            return [pair for pairs in pool.map(read_batch, batches) for pair in pairs]

    def _read_batch(
        self, pictures: Sequence[Picture], digits: int | None, slots: Semaphore
    ) -> list[tuple[Decided, Decided | None]]:
        with slots:
            sources = [Source(picture, self._settings) for picture in pictures]
            count_is_given = digits is not None
            thresholds = self._classifier.config["thresholds"]
            # If the count is not given, it looks for one digit first, then for more.
            if digits in (None, 1):
                drafts = [source.as_one_digit() for source in sources]
                self._classify(drafts, slots)
            else:
                drafts = [source.as_strokes(digits) for source in sources]
            if digits is None:
                drafts = [
                    draft if source.is_one_digit(draft) else source.as_strokes(None)
                    for source, draft in zip(sources, drafts, strict=True)
                ]
            stroke_places = [place for place, draft in enumerate(drafts) if draft.digits != 1]
            self._cut_and_classify([drafts[place] for place in stroke_places], slots)
            read = [(draft, decide(draft, thresholds, count_is_given)) for draft in drafts]
            both: list[tuple[Decided, Decided | None]] = [(strokes, None) for strokes in read]
            if self._spotter is None or self._judge is None:
                return both
            unsure = [place for place in stroke_places if read[place][1].verdict != "sure"]
            mark_drafts = [
                sources[place].as_marks(self._spotter, self._judge, digits) for place in unsure
            ]
            self._cut_and_classify(mark_drafts, slots)
            for place, draft in zip(unsure, mark_drafts, strict=True):
                both[place] = read[place], (draft, decide(draft, thresholds, count_is_given))
            return both

    def _cut_and_classify(self, drafts: list[Draft], slots: Semaphore) -> None:
        """Cut pieces that may be several digits, after the network has seen them whole."""
        self._classify(drafts, slots)
        for draft in drafts:
            draft.cut_doubtful()
        self._classify(drafts, slots)

    def _classify(self, drafts: list[Draft], slots: Semaphore) -> None:
        """Classify all runs of pieces not yet seen; meanwhile another batch may be prepared."""
        unseen = [(draft, run, ink) for draft in drafts for run, ink in draft.unseen()]
        if not unseen:
            return
        fit, spec = self._settings.frame, self._classifier.frame
        frames = np.array([fit(ink, spec) for _, _, ink in unseen])
        slots.release()
        try:
            rows = self._predict(frames)
        finally:
            slots.acquire()
        for (draft, run, _), frame, row in zip(unseen, frames, rows, strict=True):
            draft.see(run, frame, row)


def _is_small_array(picture: Picture) -> bool:
    return isinstance(picture, np.ndarray) and max(picture.shape, default=0) <= SMALL_PICTURE
