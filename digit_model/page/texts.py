"""What the page says, in the languages of `texts.json`."""

import json
from pathlib import Path

from digit_model.errors import DigitModelError, PictureError
from digit_model.limits import MEGAPIXELS, UPLOAD_MB

HERE = Path(__file__).parent
# Language -> key -> text, perhaps with {names} of what stands in it.
TEXTS: dict[str, dict[str, str]] = json.loads((HERE / "texts.json").read_text(encoding="utf-8"))
KEYS = {text: key for key, text in TEXTS["en"].items()}


class Texts:
    """The page's texts in one language.

    Args:
        language: one of `TEXTS`.
    """

    def __init__(self, language: str = "en") -> None:
        self._language = language

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key, with values for the names in it."""
        return TEXTS[self._language][key].format(**values)

    def translate(self, sentence: str) -> str:
        """A sentence of the reader's, which speaks English."""
        return self(KEYS[sentence]) if sentence in KEYS else sentence

    def explain_error(self, error: DigitModelError) -> str:
        """What is wrong, and what to do; in English, with the particulars."""
        if self._language == "en":
            return str(error)
        if isinstance(error, PictureError):
            return self("bad_picture", megabytes=UPLOAD_MB, megapixels=MEGAPIXELS)
        return self("busy")


def texts_for(languages: str) -> Texts:
    """The texts for a visitor.

    Args:
        languages: an Accept-Language header; browsers name the preferred one first.
    """
    wanted = [name.split(";")[0].split("-")[0].strip().lower() for name in languages.split(",")]
    return Texts(next((name for name in wanted if name in TEXTS), "en"))


def write_script() -> str:
    """The HTML that makes the texts known to the page's own components, as `say(key, values)`."""
    texts = json.dumps(TEXTS, ensure_ascii=False).replace("<", "\\u003c")
    script = (HERE / "texts.js").read_text(encoding="utf-8")
    return f"<script>\nvar TEXTS = {texts};\n{script}</script>"
