"""Visitors' corrections: where they are kept, if anywhere, and what each of them says."""

import logging
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
from huggingface_hub import constants, get_token

from digit_model.errors import HubError
from digit_model.model.artefact import KERAS_FILE
from digit_model.model.hub import REPOSITORY_PATTERN
from digit_model.page.answer import Answer
from digit_model.page.keeper import CorrectionKeeper, FullError
from digit_model.page.readings import Served
from digit_model.page.texts import Texts

log = logging.getLogger(__name__)

BUILT_IN_NAME = "built in"  # The name that corrections give to the built-in model.
LABEL_PATTERN = re.compile(r"[0-9]{1,12}")


def open_keeper(place: str | None) -> CorrectionKeeper | None:
    """Open the folder or data set for corrections; None if none are kept.

    Args:
        place: a folder, or a data set on the Hub as "user/name", which needs a token;
            None or "" to keep nothing.
    """
    if not place:
        return None
    dataset = place if re.fullmatch(REPOSITORY_PATTERN, place) else ""
    folder = Path(constants.HF_HOME, "corrections", dataset) if dataset else Path(place)
    if dataset and not get_token():
        log.warning(
            "Expected a token, to keep corrections in the data set %s. Received none: none are "
            "kept. Set HF_TOKEN, or give a folder as ./NAME.",
            dataset,
        )
        return None
    corrections = CorrectionKeeper(dataset)
    try:
        corrections.setup([], folder)
    except HubError as error:
        log.warning("No corrections are kept. %s", error)
        return None
    except OSError as error:
        sys.exit(
            "Expected a folder to write to, or a data set as USER/NAME, as DIGIT_FEEDBACK. "
            f"Received: {place}: {error.strerror}. Choose another, or unset it."
        )
    return corrections


def keep(
    answer: Answer, served: Served, corrections: CorrectionKeeper, label: str, texts: Texts
) -> dict[str, Any]:
    """Keep a visitor's correction of an answer, and reply.

    Args:
        answer: the answer, read again on the server: the browser's copy is not trusted.
        served: the model that gave it.
        corrections: keeps the correction.
        label: the correct text.
        texts: the texts in the visitor's language.

    Returns:
        The reply for `AnswerBox`, with the digits that it belongs to.
    """
    value, _ = answer.for_page(texts)
    reply = texts("not_kept")
    if answer.reading is not None and answer.picture is not None:
        ink: np.ndarray = served.reader.find_ink(answer.picture)
        revision = served.reader.classifier.config["sha256"].get(KERAS_FILE, "")
        model = served.name or BUILT_IN_NAME
        read = answer.reading.text, answer.reading.verdict
        try:
            corrections.flag([answer.picture, ink, *read, model, revision], label)
            reply = texts("kept", label=label)
        except (FullError, OSError) as error:
            log.warning("A correction was not kept. %s", error)
    return {"kept": reply, "digits": value.get("digits")}
