"""Check calls in JSON before Gradio handles them."""

import json
import re
from collections.abc import Mapping
from typing import Any

from digit_model.limits import MAX_JSON_SEPARATORS
from digit_model.page.bodies import RefusalError
from digit_model.page.uploads import is_upload

SESSION_PATTERN = re.compile(r"[\w-]{1,64}")
FIELDS = {"data", "fn_index", "session_hash", "event_data", "trigger_id"}  # Sent by the page.


def check_call(body: bytes, inputs: Mapping[int | None, int], in_queue: bool) -> dict[str, Any]:
    """Parse a call in JSON; check its form, and that it names only uploaded files.

    Args:
        body: the call.
        inputs: event number -> number of inputs; None stands for the public endpoint.
        in_queue: whether the call is the page's own, which names an event and a session.

    Returns:
        The parsed call.

    Raises:
        RefusalError: if the call is invalid.
    """
    if sum(map(body.count, b"[{,")) > MAX_JSON_SEPARATORS:
        raise RefusalError(400, "Expected a call of a few values. Received far more.")
    try:
        call = json.loads(body)
    except ValueError as error:
        raise RefusalError(400, f"Expected JSON. {error}.") from error
    if not isinstance(call, dict) or not isinstance(call.get("data"), list):
        raise RefusalError(400, 'Expected {"data": [...]}, with a value for each input.')
    number = call.get("fn_index") if in_queue else None
    if isinstance(number, bool) or not isinstance(number, int | None) or number not in inputs:
        raise RefusalError(400, "Expected the number of one of this page's events as `fn_index`.")
    if len(call["data"]) != inputs[number]:
        raise RefusalError(
            400, f"Expected {inputs[number]} values in `data`. Received: {len(call['data'])}."
        )
    session = call.get("session_hash")
    if (session is None) == in_queue or not (session is None or _is_session_name(session)):
        raise RefusalError(
            400, "Expected a `session_hash` of letters and digits from a page alone."
        )
    if set(call) - FIELDS:
        raise RefusalError(
            400, f"Expected `data` alone. Received: {', '.join(sorted(call))[:200]}."
        )
    _check_files(call)
    return call


def _is_session_name(value: object) -> bool:
    return isinstance(value, str) and SESSION_PATTERN.fullmatch(value) is not None


def _check_files(value: Any) -> None:
    """Refuse, at any depth, a file that is not an upload: Gradio would fetch or open it."""
    if isinstance(value, list):
        for part in value:
            _check_files(part)
    elif isinstance(value, dict):
        path = value.get("path")
        if path is not None and not (isinstance(path, str) and is_upload(path)):
            raise RefusalError(
                403,
                "Expected the path of a picture that was uploaded here. Received another. Upload "
                "the file itself, or leave `path` out and give a data URL as `url`.",
            )
        for part in value.values():
            _check_files(part)
