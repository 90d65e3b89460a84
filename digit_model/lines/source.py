"""A picture that is being read, and the ways to divide it into digits."""

from functools import cached_property, partial

from digit_model.lines.draft import MAX_PIECES, Draft, scale_box, several_digits
from digit_model.lines.layout import find_mark_numbers
from digit_model.lines.segment import find_digit, find_stroke_numbers, label_strokes, take_all
from digit_model.lines.settings import Settings
from digit_model.lines.spotter import Spotter
from digit_model.lines.turns import Judge, look_upright
from digit_model.lines.writing import Writing
from digit_model.model.artefact import DIGITS
from digit_model.picture.image import Picture, open_picture
from digit_model.picture.ink import SMALL_PICTURE, extract_ink

ONE_DIGIT_SIDE = 32  # Pixels, longer side up to which a picture is a data set's frame: one digit.
INK_SHARE = 0.8  # Share of all ink that a digit has if nothing else is written.
MIN_ONE_DIGIT = 0.03  # Probability from which few strokes are tried as one digit.
MIN_ONE_OF_MANY = 0.5  # Probability from which more than `MAX_PIECES` strokes are.
MAX_SEVERAL = 0.2  # Probability of several digits up to which they are.


class Source:
    """A picture that is being read.

    Args:
        picture: anything that `open_picture` opens.
        settings: what is tuned.

    Raises:
        PictureError: if it cannot be opened or is too large.
    """

    def __init__(self, picture: Picture, settings: Settings) -> None:
        self.image, self._scale = open_picture(picture)
        self.ink = extract_ink(self.image, settings.ink)
        self._segment = settings.segment
        self._draft = partial(Draft, settings=settings.draft)
        self._locate = partial(scale_box, self._scale)

    @cached_property
    def _strokes(self) -> Writing:
        return label_strokes(self.ink)

    def as_one_digit(self) -> Draft:
        """Take the ink as one digit."""
        small = max(self.ink.shape) <= SMALL_PICTURE
        writing, numbers = take_all(self.ink) if small else find_digit(self._strokes, self._segment)
        return self._draft(writing, numbers, 1, self._locate)

    def is_one_digit(self, draft: Draft) -> bool:
        """Whether to keep a draft of one digit.

        A data set's frame always is one digit; else it is one if the network says so, and if it
        holds nearly all that is written.

        Args:
            draft: a draft by `as_one_digit` whose run was seen.
        """
        if not draft.numbers:
            return False
        if max(self.ink.shape) <= ONE_DIGIT_SIDE:
            return True
        run = tuple(draft.numbers[0].pieces)
        _, probabilities = draft.seen[run]
        is_whole = draft.writing.crop(run).sum(dtype=float) >= INK_SHARE * self.ink.sum(dtype=float)
        has_many = len(self._strokes.boxes) - 1 > MAX_PIECES
        min_digit = MIN_ONE_OF_MANY if has_many else MIN_ONE_DIGIT
        is_digit = probabilities[: len(DIGITS)].sum() >= min_digit
        is_digit &= several_digits(probabilities) < MAX_SEVERAL
        return bool(is_whole and is_digit)

    def as_strokes(self, digits: int | None) -> Draft:
        """Take each connected stroke as a piece of a number.

        Args:
            digits: how many digits there are; None if it is not known.
        """
        draft = self._draft(
            *find_stroke_numbers(self._strokes, self._segment), digits, self._locate
        )
        if draft.is_texture():
            return self._draft(*take_all(self.ink), digits, self._locate)
        return draft

    def as_marks(self, spotter: Spotter, judge: Judge, digits: int | None) -> Draft:
        """Take each mark that the spotter finds as a piece.

        Args:
            spotter: finds the marks.
            judge: classifies each mark from its close-up.
            digits: how many digits there are; None if it is not known.

        Returns:
            A draft; without numbers if the marks are no digits, or more than on any sheet.
        """
        upright = look_upright(spotter, self.image.convert("L"), judge)
        if upright is None:
            return self._draft(self._strokes, [], digits, self._locate)
        spots = upright.window.spots
        numbers = find_mark_numbers(spots)
        return self._draft(
            spots.writing, numbers, digits, partial(upright.locate, self._scale), spots.kinds
        )
