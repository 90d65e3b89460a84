"""What the network says of each piece -> what is written there, and how sure that is."""

import math
from collections import defaultdict
from collections.abc import Sequence
from itertools import product
from typing import TypeVar

from digit_model.lines.draft import Draft
from digit_model.lines.lattice import Path
from digit_model.model.artefact import DIGITS
from digit_model.reading import Digit, Reading, Verdict

Text = TypeVar("Text")
MOST_READINGS = 10
LIKELY = 0.7  # Probability of a reading that is not given up for another with a digit less.
PAGE = 5.0  # So much lower may a line's log-odds be beside several that hold digits.


Decided = tuple[Draft, Reading]  # A picture, taken apart in one way, and what is read in it.


def decide(draft: Draft, thresholds: dict[str, float], told: bool) -> Reading:
    """Decide on the most probable reading of a picture, and on the verdict.

    Args:
        draft: every run of its pieces was seen.
        thresholds: "digit", log-odds below which there is no digit, and "sure", the probability
            from which a reading is sure; from the artefact's config.
        told: whether somebody said how many digits there are, so that there are some.
    """
    if not draft.lines:
        return Reading("", "blank", {}, (), -math.inf, "Nothing dark enough to read.")
    read = [(line, draft.paths(line)) for line in draft.lines]
    each = [draft.log_odds(line, paths[0]) for line, paths in read]
    log_odds = sum(each)
    refused = log_odds < thresholds["digit"]
    page = sum(line_log_odds >= thresholds["digit"] for line_log_odds in each) > 1
    least = thresholds["digit"] - (PAGE if page else 0)
    kept, found = [], []
    for (line, paths), line_log_odds in zip(read, each, strict=True):
        # Beside a line of digits, what looks like none is a stain or a shadow.
        stray = not refused and line_log_odds < least
        if stray or not paths[0].digits:
            continue
        kept.append((line, paths))
        for span in paths[0].spans:
            run = tuple(line.pieces[span.start : span.end])
            frame, row = draft.seen[run]
            row = row[: len(DIGITS)] / row[: len(DIGITS)].sum()
            found.append(Digit(draft.box(run), frame, row))
    # What one digit most looks like is told even then, and whatever somebody says is there.
    if not found or (refused and not told and len(found) > 1):
        return Reading("", "not a digit", {}, (), log_odds, draft.advise())
    rows = [line.row for line, _ in kept]
    text = _join([_text(paths[0]) for _, paths in kept], rows)
    written = _join([draft.write(line, paths[0]) for line, paths in kept], rows)
    ways = [paths for _, paths in kept]
    probabilities = _joint(ways, rows) if len(found) > 1 else _classes(found[0])
    sure = not refused and probabilities.get(text, 0) >= thresholds["sure"]
    verdict: Verdict = "sure" if sure else "not a digit" if refused else "unsure"
    advice = "" if sure else draft.advise()
    return Reading(text, verdict, probabilities, tuple(found), log_odds, advice, written)


def _text(path: Path) -> str:
    """The digits of a line as a number."""
    return "".join(DIGITS[digit] for digit in path.digits)


def _classes(digit: Digit) -> dict[str, float]:
    """The ten classes of one digit, the most probable first."""
    return _most_probable(dict(zip(DIGITS, digit.probabilities.tolist(), strict=True)))


def _join(texts: Sequence[str], rows: Sequence[int]) -> str:
    """Texts as one: those of a row parted by " ", rows by newlines; empty ones are left out."""
    lines: dict[int, list[str]] = defaultdict(list)
    for text, row in zip(texts, rows, strict=True):
        if text:
            lines[row].append(text)
    return "\n".join(" ".join(line) for line in lines.values())


def _joint(lines: list[list[Path]], rows: list[int]) -> dict[str, float]:
    """The most probable readings of lines together, as `_join` joins them."""
    joint: dict[tuple[str, ...], float] = {(): 1.0}
    for paths in lines:
        longer: dict[tuple[str, ...], float] = defaultdict(float)
        for (before, probability), path in product(joint.items(), paths):
            longer[(*before, _text(path))] += probability * math.exp(path.score)
        joint = _most_probable(longer)
    readings: dict[str, float] = defaultdict(float)
    for texts, probability in joint.items():
        # A line in which nothing is read is none, so others may make the same text.
        readings[_join(texts, rows)] += probability
    return _most_probable(readings)


def choose(strokes: Decided, marks: Decided) -> Decided:
    """Of what is read in strokes and in a spotter's marks, the better.

    A spotter that leaves out just one digit has rather overlooked it; where it leaves out several,
    they are rather lines of a form. Where both ways are likely and differ, neither is sure.
    """
    (_, first), (_, second) = strokes, marks
    if not (first.found and second.found):
        return marks if second.found else strokes
    texts = first.labels, second.labels
    probabilities = [reading.probabilities.get(reading.text, 0) for reading in (first, second)]
    likely = probabilities[0] > LIKELY
    overlooked = len(texts[0]) == len(texts[1]) + 1 and _is_within(texts[1], texts[0])
    better = probabilities[1] > probabilities[0] and not (overlooked and likely)
    draft, reading = marks if better else strokes
    if likely and texts[0] != texts[1] and reading.verdict == "sure":
        reading = reading._replace(verdict="unsure", advice=draft.advise())
    return draft, reading


def _is_within(text: str, longer: str) -> bool:
    """Whether a text is what is left of a longer one when some letters are left out."""
    letters = iter(longer)
    return all(letter in letters for letter in text)


def _most_probable(probabilities: dict[Text, float]) -> dict[Text, float]:
    """The ten most probable readings, the most probable first."""
    return dict(sorted(probabilities.items(), key=lambda pair: -pair[1])[:MOST_READINGS])
