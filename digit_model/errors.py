"""The errors of this package; each message says what went wrong and what to do.

DigitModelError
├── PictureError         the picture cannot be opened or is too large
├── EmptyDrawingError    there is no ink to frame
├── ArtefactError        a model file is missing, altered or of another format
└── HubError             the Hub refused, or has no such repository or revision
    └── HubUnreachableError    the Hub did not answer and nothing is cached
"""

# Code points that control a terminal or change the text direction.
CONTROL_CODES = (*range(32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
# Their escapes: messages quote file names and models, which may come from a stranger.
ESCAPES = {code: ascii(chr(code))[1:-1] for code in CONTROL_CODES}
MAX_EXCERPT_CHARS = 300  # A library's message may quote a megabyte of a file.


def excerpt(error: Exception) -> str:
    """Return the start of an error's message, on one line, without a full stop."""
    return " ".join(str(error)[:MAX_EXCERPT_CHARS].split()).rstrip(".") or type(error).__name__


class DigitModelError(Exception):
    """Any failure of this package; its message is one line that says what to do next."""

    def __init__(self, text: str) -> None:
        super().__init__(text.translate(ESCAPES))


class PictureError(DigitModelError, ValueError):
    """A picture that cannot be opened or is too large."""


class EmptyDrawingError(DigitModelError, ValueError):
    """A drawing without ink, where a digit was expected."""


class ArtefactError(DigitModelError):
    """A model file that is missing, altered or of another format."""


class HubError(DigitModelError):
    """The Hub refused, or holds no such repository or revision."""


class HubUnreachableError(HubError):
    """The Hub did not answer, and nothing usable is cached."""
