"""Everything that can go wrong, each with a sentence for the person who asked.

DigitModelError
├── PictureError         the picture cannot be opened or is too large
├── EmptyDrawingError    there is no ink to frame
├── ArtefactError        a model file is missing, altered or of another format
└── HubError             the Hub refused, or has no such repository or revision
    └── HubUnreachableError    the Hub did not answer and nothing is cached
"""

# Characters that command a terminal, or turn the direction of what stands around them, and how
# they are written out: a stranger names files, and a model's own text is quoted.
CONTROLS = (*range(32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
ESCAPES = {code: ascii(chr(code))[1:-1] for code in CONTROLS}
EXCERPT = 300  # Characters of a library's own text, which may quote a megabyte of a file.


def excerpt(error: Exception) -> str:
    """The start of a library's own text, on one line, without a full stop."""
    return " ".join(str(error)[:EXCERPT].split()).rstrip(".") or type(error).__name__


class DigitModelError(Exception):
    """Any failure of this package; its text says what to do next, on one line of plain text."""

    def __init__(self, text: str) -> None:
        super().__init__(text.translate(ESCAPES))


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
