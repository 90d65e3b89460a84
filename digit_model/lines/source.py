"""A picture that is being read, and the ways to take it apart into digits."""

from functools import cached_property, partial

from digit_model.lines.draft import MOST_PIECES, Draft, scale_box, several_digits
from digit_model.lines.layout import find_numbers
from digit_model.lines.segment import Writing, find_digit, find_lines, label_strokes, take_all
from digit_model.lines.spotter import Spotter
from digit_model.lines.turns import Judge, look_upright
from digit_model.model.artefact import DIGITS
from digit_model.picture.image import Picture, open_picture
from digit_model.picture.ink import SMALL_PICTURE, extract_ink

ONE_DIGIT = 32  # Pixels, longer side: as small as the frames of data sets, of one digit each.
WHOLE = 0.8  # Of the ink, at least, is the digit's,
LIKELY, SEVERAL = 0.03, 0.2  # and it is so probably a digit at least, and several at most;
LIKELIER = 0.5  # of more strokes than digits have, as a page's, at least so probably.


class Source:
    """A picture that is being read.

    Args:
        picture: whatever `open_picture` opens.

    Raises:
        PictureError: if it cannot be opened or is too large.
    """

    def __init__(self, picture: Picture) -> None:
        self.image, self._scale = open_picture(picture)
        self.ink = extract_ink(self.image)
        self._locate = partial(scale_box, self._scale)

    @cached_property
    def _strokes(self) -> Writing:
        return label_strokes(self.ink)

    def as_one_digit(self) -> Draft:
        """Take what may belong to one digit for one."""
        small = max(self.ink.shape) <= SMALL_PICTURE
        writing, lines = take_all(self.ink) if small else find_digit(self._strokes)
        return Draft(writing, lines, 1, self._locate)

    def is_one_digit(self, draft: Draft) -> bool:
        """Whether what was taken for one digit is one, and all that is written.

        Args:
            draft: of one digit, that was seen.
        """
        if not draft.lines:
            return False
        if max(self.ink.shape) <= ONE_DIGIT:
            return True
        run = tuple(draft.lines[0].pieces)
        _, probabilities = draft.seen[run]
        whole = draft.writing.crop(run).sum(dtype=float) >= WHOLE * self.ink.sum(dtype=float)
        many = len(self._strokes.boxes) - 1 > MOST_PIECES
        one = probabilities[: len(DIGITS)].sum() >= (LIKELIER if many else LIKELY)
        one &= several_digits(probabilities) < SEVERAL
        return bool(whole and one)

    def as_strokes(self, digits: int | None) -> Draft:
        """Take each connected stroke for a piece, line by line.

        Args:
            digits: how many there are; None if that is not known.
        """
        draft = Draft(*find_lines(self._strokes), digits, self._locate)
        return Draft(*take_all(self.ink), digits, self._locate) if draft.is_texture() else draft

    def as_marks(self, spotter: Spotter, judge: Judge, digits: int | None) -> Draft:
        """Take each mark that a spotter finds for a piece.

        Args:
            spotter: finds them.
            judge: tells what each of them is, from close up.
            digits: how many there are; None if that is not known.

        Returns:
            A draft without lines where the marks are no digits, or more than on any sheet.
        """
        upright = look_upright(spotter, self.image.convert("L"), judge)
        if upright is None:
            return Draft(self._strokes, [], digits, self._locate)
        spots = upright.view.spots
        lines = find_numbers(spots)
        return Draft(
            spots.writing, lines, digits, partial(upright.locate, self._scale), spots.kinds
        )
