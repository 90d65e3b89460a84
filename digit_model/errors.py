"""Everything that can go wrong, each with a sentence for the person who asked.

DigitModelError
├── PictureError         the picture cannot be opened or is too large
├── EmptyDrawingError    there is no ink to frame
├── ArtefactError        a model file is missing, altered or of another format
└── HubError             the Hub refused, or has no such repository or revision
    └── HubUnreachableError    the Hub did not answer and nothing is cached
"""


class DigitModelError(Exception):
    """Any failure of this package; its text says what to do next."""


class PictureError(DigitModelError, ValueError):
    """A picture that cannot be opened, or is too large to be."""


class EmptyDrawingError(DigitModelError, ValueError):
    """No ink where a digit was expected."""


class ArtefactError(DigitModelError):
    """A model file that is missing, altered or of another format."""


class HubError(DigitModelError):
    """The Hub refused, or holds no such repository or revision."""


class HubUnreachableError(HubError):
    """The Hub did not answer, and nothing usable is cached."""
