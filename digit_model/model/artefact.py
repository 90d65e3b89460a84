"""An artefact folder: the files of a model, and the checks on them."""

import copy
import hashlib
import json
import math
import os
import re
import reprlib
import stat
from pathlib import Path
from typing import Any

from digit_model.errors import ArtefactError, excerpt
from digit_model.model.frame import MNIST_FRAME

FORMAT_VERSION = 1
KERAS_FILE = "model.keras"
LITERT_FILE = "model.tflite"
CONFIG_FILE = "config.json"
EXAMPLES_FILE = "examples.png"
METRICS_FILE = "metrics.json"
CARD_FILE = "README.md"
CURVES_FILE = "learning_curves.png"
CONFUSION_FILE = "confusion.png"
ERRORS_FILE = "errors.png"
RELIABILITY_FILE = "reliability.png"
REFUSALS_FILE = "refusals.png"
PROMOTION_FILE = "promotion.json"  # In a Hub branch that serves a model, not in the artefact.
ARTEFACT_FILES = [
    CONFIG_FILE,
    KERAS_FILE,
    LITERT_FILE,
    EXAMPLES_FILE,
    METRICS_FILE,
    CARD_FILE,
    CURVES_FILE,
    CONFUSION_FILE,
    ERRORS_FILE,
    RELIABILITY_FILE,
    REFUSALS_FILE,
]

DIGITS = [str(digit) for digit in range(10)]
LABELS = [*DIGITS, "several digits", "not a digit"]
CLASSES = len(LABELS)
# Indices in LABELS; some networks have only the digits. NOT_A_DIGIT is not yet the verdict "not a
# digit": `digit_model.lines.decision` compares log-odds with a threshold.
SEVERAL_DIGITS, NOT_A_DIGIT = 10, 11

# An artefact may come from a stranger: these limits refuse a bad one within a second and 200 MB.
MAX_MODEL_BYTES = 50_000_000  # Ours has 2,500,000; the SHA-256 of the maximum takes 0.3 s.
MAX_JSON_BYTES = 1_000_000  # Ours has 1,300, Keras's 26,000; the maximum, parsed, takes 30 MB.
MAX_BYTES = {
    CONFIG_FILE: MAX_JSON_BYTES,
    KERAS_FILE: MAX_MODEL_BYTES,
    LITERT_FILE: MAX_MODEL_BYTES,
    EXAMPLES_FILE: 5_000_000,  # Ours has 190,000.
    METRICS_FILE: 1_000_000,  # Ours has 31,000.
    PROMOTION_FILE: 100_000,  # With the figures of ten test sets, it has 2,500.
    # The card and its pictures: ours have at most 150,000 each.
    CARD_FILE: 5_000_000,
    CURVES_FILE: 5_000_000,
    CONFUSION_FILE: 5_000_000,
    ERRORS_FILE: 5_000_000,
    RELIABILITY_FILE: 5_000_000,
    REFUSALS_FILE: 5_000_000,
}
CHECKED_FILES = [KERAS_FILE, LITERT_FILE, EXAMPLES_FILE]  # The config states their SHA-256.
MAX_FRAME_SIDE = 256  # Pixels: a batch of such frames takes 17 MB.
TEMPERATURE_RANGE = (0.01, 100)  # Training searches from 0.1 to 10.
VERSION_PATTERN = r"\w[\w.-]{0,99}"  # Allowed names of a tag.
MAX_LOG_ODDS = 100  # Absolute value; float32 probabilities give less.

# The config of a repository with nothing but model.keras. It is also the pattern for
# every config.json: the keys, and the types of their values.
BARE_CONFIG: dict[str, Any] = {
    "format_version": FORMAT_VERSION,
    "labels": DIGITS,
    "frame": MNIST_FRAME._asdict(),
    "temperature": 1.0,
    "thresholds": {"sure": 0.9, "digit": 0.0},
    "sha256": {},
}


def read_config(folder: Path) -> dict[str, Any]:
    """Read an artefact's `config.json` and check the files that it names.

    Raises:
        ArtefactError: if a file is missing, altered, too large, or of another format.
    """
    path = folder / CONFIG_FILE
    models = [name for name in (KERAS_FILE, LITERT_FILE) if (folder / name).is_file()]
    if not os.path.lexists(path):
        if models == [KERAS_FILE]:
            return copy.deepcopy(BARE_CONFIG)
        raise ArtefactError(
            f"Expected an artefact folder with {CONFIG_FILE}. Received: {folder} "
            "without one. Make one with scripts/train.py."
        )
    check_size(path)
    config: dict[str, Any] = parse_json(path.read_bytes(), str(path))
    version = config.get("format_version") if isinstance(config, dict) else None
    if version != FORMAT_VERSION:
        raise ArtefactError(
            f"Expected format_version {FORMAT_VERSION} in {path}. "
            f"Received: {reprlib.repr(version)}. Train again, or use a matching digit_model."
        )
    _check_config(config, path)
    for name in sorted({KERAS_FILE, *models, *config["sha256"]}):
        file = folder / name
        check_size(file)
        with file.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        if digest != config["sha256"].get(name):
            raise ArtefactError(
                f"Expected the SHA-256 of {file} that {CONFIG_FILE} states. The file was "
                "altered: train it again, or remove it with `hf cache rm` and fetch it again."
            )
    return config


def check_size(file: Path) -> None:
    """Refuse a file of an artefact that is too large to read, or not a regular file.

    Raises:
        ArtefactError: if it is missing, not a regular file, empty, or larger than `MAX_BYTES`.
    """
    try:
        status = file.stat()  # Follows links: the Hub's cache consists of links.
    except OSError as error:
        raise ArtefactError(
            f"Expected {file.name} in {file.parent}. {error.strerror}: fetch it again."
        ) from error
    max_bytes = MAX_BYTES[file.name]
    # Device files and files in /proc have no size, and may have no end.
    if not (stat.S_ISREG(status.st_mode) and 0 < status.st_size <= max_bytes):
        kind = f"{status.st_size:,} bytes" if stat.S_ISREG(status.st_mode) else "no regular file"
        raise ArtefactError(
            f"Expected a file of 1 to {max_bytes:,} bytes at {file}. Received: {kind}. "
            "Fetch it again, or use a smaller model."
        )


def parse_json(content: bytes, origin: str) -> Any:
    """Parse JSON, without NaN and infinities.

    Raises:
        ArtefactError: if it is damaged, nested too deeply, or has NaN or infinities.
    """
    try:
        return json.loads(content.decode(), parse_constant=_parse_finite, parse_float=_parse_finite)
    except (ValueError, RecursionError) as error:
        raise ArtefactError(
            f"Expected JSON in {origin}. Received: {excerpt(error)}. Fetch it again."
        ) from error


def read_promotion(folder: Path) -> dict[str, Any] | None:
    """Read which version a Hub branch serves; None if the file is missing or invalid."""
    path = folder / PROMOTION_FILE
    try:
        check_size(path)
        promotion: dict[str, Any] = parse_json(path.read_bytes(), str(path))
    except (ArtefactError, OSError):
        return None
    pattern = {"version": "", "commit": ""}
    if not (_matches(promotion, pattern) and re.fullmatch(VERSION_PATTERN, promotion["version"])):
        return None
    return promotion


def version_of(folder: Path) -> str | None:
    """Return the version that a pulled folder states, such as "v2", or None."""
    promotion = read_promotion(folder)
    return promotion["version"] if promotion else None


def _parse_finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is no finite number")
    return number


def _check_config(config: dict[str, Any], path: Path) -> None:
    for key, pattern in BARE_CONFIG.items():
        if not _matches(config.get(key), pattern):
            raise ArtefactError(
                f"Expected {key} like {pattern} in {path}. "
                f"Received: {reprlib.repr(config.get(key))}. Train again."
            )
    frame, thresholds, (low, high) = config["frame"], config["thresholds"], TEMPERATURE_RANGE
    rules = {
        "labels": (config["labels"] in (DIGITS, LABELS), f"{LABELS}, or only the digits"),
        "frame": (
            0 < frame["box"] <= frame["side"] <= MAX_FRAME_SIDE,
            f"a box within a side of at most {MAX_FRAME_SIDE} pixels",
        ),
        "temperature": (low <= config["temperature"] <= high, f"{low} to {high}"),
        "thresholds": (
            0 <= thresholds["sure"] <= 1 and abs(thresholds["digit"]) <= MAX_LOG_ODDS,
            f"sure, 0 to 1, and digit, {-MAX_LOG_ODDS} to {MAX_LOG_ODDS}",
        ),
        "sha256": (set(config["sha256"]) <= set(CHECKED_FILES), f"of {CHECKED_FILES}"),
    }
    for key, (holds, rule) in rules.items():
        if not holds:
            raise ArtefactError(
                f"Expected {key} in {path} to be {rule}. "
                f"Received: {reprlib.repr(config[key])}. Train again."
            )


def _matches(value: Any, pattern: Any) -> bool:
    """Whether a value has the keys and the types of a pattern."""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(
            _matches(value.get(key), part) for key, part in pattern.items()
        )
    if isinstance(pattern, list):
        return isinstance(value, list) and all(_matches(part, pattern[0]) for part in value)
    types = int | float if isinstance(pattern, float) else type(pattern)
    return isinstance(value, types) and not isinstance(value, bool)
