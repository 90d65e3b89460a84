"""The page's texts in all its languages."""

import ast
import re
import string
from pathlib import Path

import pytest

from digit_model.errors import PictureError
from digit_model.page import about, texts
from digit_model.page.texts import TEXTS, Texts, texts_for
from digit_model.page.workers import BusyError

PAGE = Path(texts.__file__).parent
NAMES = re.compile(r"example_\w+")  # Keys that the examples name.


def placeholders(text: str) -> set[str | None]:
    """The names of what stands in a text."""
    return {name for _, name, _, _ in string.Formatter().parse(text)} - {None}


@pytest.mark.parametrize("language", TEXTS)
def test_each_language_says_all_that_english_says(language: str) -> None:
    """Otherwise a visitor finds English, or nothing, in the midst of the page."""
    english = {key: placeholders(text) for key, text in TEXTS["en"].items()}
    assert {key: placeholders(text) for key, text in TEXTS[language].items()} == english


def test_each_text_is_said_and_each_that_is_said_is_there() -> None:
    """Otherwise the page breaks at a misspelt key, or texts are kept that nobody sees."""
    said = {texts.KEYS_BY_TEXT[sentence] for sentence in advice()}
    for path in [*PAGE.glob("*.html"), *PAGE.glob("*.js"), *PAGE.glob("*.py")]:
        source = path.read_text(encoding="utf-8")
        said |= {*re.findall(r'\b(?:say|texts|self|Texts\(\))\(\s*["\'](\w+)["\']', source)}
    said |= {*NAMES.findall((PAGE / "examples.json").read_text()), "digit_8", "digit"}
    said |= {*about.TABLES, *(Path(name).stem for name in about.PICTURES)}
    assert said == TEXTS["en"].keys()


def advice() -> set[str]:
    """The sentences that the reader may say."""
    package = PAGE.parent
    found = {"Nothing dark enough to read."}
    assert '"Nothing dark enough to read."' in (package / "lines" / "decision.py").read_text()
    for node in ast.walk(ast.parse((package / "explain" / "advice.py").read_text())):
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Constant):
            found.add(str(node.value.value))
    return found - {""}


def test_advice_is_given_in_the_visitors_language() -> None:
    """Otherwise the one sentence that would help is not understood."""
    german = Texts("de")
    assert all(german.translate(sentence) != sentence for sentence in advice())


@pytest.mark.parametrize(
    ("header", "hint"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "Zeichne"),
        ("sv,fr;q=0.5", "Dessinez"),
        ("", "Draw"),
        ("xx;;,--,\x00", "Draw"),
    ],
)
def test_the_visitors_first_language_that_is_known_is_spoken(header: str, hint: str) -> None:
    """Otherwise somebody whose first language is unknown gets none of the others."""
    assert texts_for(header)("hint").startswith(hint)


def test_errors_are_explained_in_the_visitors_language() -> None:
    """Otherwise a bad file is a riddle; in English the particulars are kept."""
    wrong = PictureError("Expected at most 50 megapixels. Received: 9000 x 9000.")
    assert Texts().explain_error(wrong) == str(wrong)
    assert "50 Megapixeln" in Texts("de").explain_error(wrong)
    assert "ausgelastet" in Texts("de").explain_error(BusyError("Busy."))
