"""Class probabilities of pieces -> the most probable reading, and how sure it is."""

import math
from collections import defaultdict
from collections.abc import Sequence
from itertools import product
from typing import TypeVar

from digit_model.lines.draft import Draft
from digit_model.lines.lattice import LatticePath
from digit_model.model.artefact import DIGITS
from digit_model.reading import Digit, Reading, Verdict

Text = TypeVar("Text")
MAX_READINGS = 10
PAGE_LOG_ODDS = 5.0  # How far below the threshold a number may be if several others hold digits.


Decided = tuple[Draft, Reading]  # A picture's pieces, and what was read in them.


def decide(draft: Draft, thresholds: dict[str, float], count_is_given: bool) -> Reading:
    """Decide on the most probable reading of a picture, and on the verdict.

    Args:
        draft: a draft of which every run of pieces was seen.
        thresholds: "digit", log-odds below which there is no digit, and "sure", the probability
            from which a reading is sure; from the artefact's config.
        count_is_given: whether the caller gave the number of digits, so that there are some.
    """
    if not draft.numbers:
        return Reading("", "blank", {}, (), -math.inf, "Nothing dark enough to read.")
    read = [(number, draft.paths(number)) for number in draft.numbers]
    scores = [draft.log_odds(number, paths[0]) for number, paths in read]
    log_odds = sum(scores)
    is_refused = log_odds < thresholds["digit"]
    is_page = sum(number_log_odds >= thresholds["digit"] for number_log_odds in scores) > 1
    threshold = thresholds["digit"] - (PAGE_LOG_ODDS if is_page else 0)
    kept, digits = [], []
    for (number, paths), number_log_odds in zip(read, scores, strict=True):
        # On a picture with digits, a number that looks like none is a stain or a shadow.
        is_stray = not is_refused and number_log_odds < threshold
        if is_stray or not paths[0].digits:
            continue
        kept.append((number, paths))
        for span in paths[0].spans:
            run = tuple(number.pieces[span.start : span.end])
            frame, classes = draft.seen[run]
            classes = classes[: len(DIGITS)] / classes[: len(DIGITS)].sum()
            digits.append(Digit(draft.box(run), frame, classes))
    # A refused picture still gets a text if it has one digit, or if the count is given.
    if not digits or (is_refused and not count_is_given and len(digits) > 1):
        return Reading("", "not a digit", {}, (), log_odds, draft.advise())
    rows = [number.row for number, _ in kept]
    text = _join_texts([_write_digits(paths[0]) for _, paths in kept], rows)
    written = _join_texts([draft.write(number, paths[0]) for number, paths in kept], rows)
    ways = [paths for _, paths in kept]
    probabilities = _join_readings(ways, rows) if len(digits) > 1 else _rank_classes(digits[0])
    is_sure = not is_refused and probabilities.get(text, 0) >= thresholds["sure"]
    verdict: Verdict = "sure" if is_sure else "not a digit" if is_refused else "unsure"
    advice = "" if is_sure else draft.advise()
    return Reading(text, verdict, probabilities, tuple(digits), log_odds, advice, written)


def _write_digits(path: LatticePath) -> str:
    """Write the digits of a path as a string."""
    return "".join(DIGITS[digit] for digit in path.digits)


def _rank_classes(digit: Digit) -> dict[str, float]:
    """Rank the ten classes of one digit, the most probable first."""
    return _most_probable(dict(zip(DIGITS, digit.probabilities.tolist(), strict=True)))


def _join_texts(texts: Sequence[str], rows: Sequence[int]) -> str:
    """Join texts: by " " within a row, by newlines between rows; empty ones are left out."""
    lines: dict[int, list[str]] = defaultdict(list)
    for text, row in zip(texts, rows, strict=True):
        if text:
            lines[row].append(text)
    return "\n".join(" ".join(line) for line in lines.values())


def _join_readings(numbers: list[list[LatticePath]], rows: list[int]) -> dict[str, float]:
    """Find the most probable readings of all numbers together, joined by `_join_texts`."""
    joint: dict[tuple[str, ...], float] = {(): 1.0}
    for paths in numbers:
        longer: dict[tuple[str, ...], float] = defaultdict(float)
        for (before, probability), path in product(joint.items(), paths):
            longer[(*before, _write_digits(path))] += probability * math.exp(path.score)
        joint = _most_probable(longer)
    readings: dict[str, float] = defaultdict(float)
    for texts, probability in joint.items():
        # Numbers without digits are left out, so different texts may join to the same reading.
        readings[_join_texts(texts, rows)] += probability
    return _most_probable(readings)


def _most_probable(probabilities: dict[Text, float]) -> dict[Text, float]:
    """Keep the ten most probable readings, the most probable first."""
    return dict(sorted(probabilities.items(), key=lambda pair: -pair[1])[:MAX_READINGS])
