"""The texts of the page, in the languages of `texts.json`."""

import json
from pathlib import Path

from digit_model.errors import DigitModelError, PictureError
from digit_model.limits import MAX_MEGAPIXELS, MAX_UPLOAD_MB

HERE = Path(__file__).parent
# Language -> key -> text, which may have {names} of values.
TEXTS: dict[str, dict[str, str]] = json.loads((HERE / "texts.json").read_text(encoding="utf-8"))
# English text -> its key: translates the sentences of explain/advice.py and lines/decision.py.
KEYS_BY_TEXT = {text: key for key, text in TEXTS["en"].items()}


class Texts:
    """The page's texts in one language.

    Args:
        language: a key of `TEXTS`.
    """

    def __init__(self, language: str = "en") -> None:
        self._language = language

    def __call__(self, key: str, **values: object) -> str:
        """Return the text of a key, with values for its {names}."""
        return TEXTS[self._language][key].format(**values)

    def translate(self, sentence: str) -> str:
        """Translate a sentence of the reader, which is in English."""
        return self(KEYS_BY_TEXT[sentence]) if sentence in KEYS_BY_TEXT else sentence

    def explain_error(self, error: DigitModelError) -> str:
        """Say what is wrong and what to do; only the English text has the details."""
        if self._language == "en":
            return str(error)
        if isinstance(error, PictureError):
            return self("bad_picture", megabytes=MAX_UPLOAD_MB, megapixels=MAX_MEGAPIXELS)
        return self("busy")


def texts_for(languages: str) -> Texts:
    """Choose the texts for a visitor; English if none of their languages is known.

    Args:
        languages: an Accept-Language header, with the preferred language first.
    """
    wanted = [name.split(";")[0].split("-")[0].strip().lower() for name in languages.split(",")]
    return Texts(next((name for name in wanted if name in TEXTS), "en"))


def write_script() -> str:
    """Write the HTML that gives the page's components `say(key, values)`."""
    texts = json.dumps(TEXTS, ensure_ascii=False).replace("<", "\\u003c")
    script = (HERE / "texts.js").read_text(encoding="utf-8")
    return f"<script>\nvar TEXTS = {texts};\n{script}</script>"
