"""A page that asks what it really was: which labels it takes, and what programs see of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from digit_model import Reader
from digit_model.page.keeper import CorrectionKeeper
from digit_model.page.page import build_demo
from digit_model.page.readings import Readings, Served
from scripts.app_server import AppServer, serve
from tests.support.attack import API, client, post_json
from tests.support.folders import files_in


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[AppServer, Path]]:
    """An app that asks for corrections, and where it keeps them."""
    folder = tmp_path_factory.mktemp("corrections")
    with serve(tmp_path_factory.mktemp("app"), DIGIT_FEEDBACK=str(folder)) as server:
        yield server, folder


@pytest.mark.parametrize("label", [None, "", "seven", "7; rm", "1" * 13, "٧", 7, ["7"], "7\n"])
def test_what_is_no_number_is_not_kept(asking: tuple[AppServer, Path], label: Any) -> None:
    """Otherwise strangers write what they like on the disk of the server."""
    server, folder = asking
    with client(server) as http:
        events = http.get("/config").json()["dependencies"]
        number = next(event["id"] for event in events if event["targets"][0][1] == "submit")
        call = {"fn_index": number, "session_hash": "abc", "event_data": {"label": label}}
        post_json(server, f"{API}/queue/join", call | {"data": [None, None]}).raise_for_status()
        answer = http.get(f"{API}/queue/data?session_hash=abc").text
    assert "Expected a digit" in answer
    assert files_in(folder) == set()


def test_programs_find_the_same_endpoint_where_corrections_are_kept(
    reader: Reader, tmp_path: Path
) -> None:
    """Otherwise an owner who asks for corrections breaks everybody's programs."""
    keeper = CorrectionKeeper()
    keeper.setup([], tmp_path)
    readings = Readings(Served(reader))
    silent, asking = build_demo(readings), build_demo(readings, keeper)

    assert str(silent.get_api_info()) == str(asking.get_api_info())
    events = [len(page.get_config_file()["dependencies"]) for page in (silent, asking)]
    assert events[1] == events[0] + 1
