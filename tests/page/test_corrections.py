"""What visitors say that it really was, on the disk and on a Hub."""

import io
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from digit_model.model.hub_dataset import METADATA, pull_dataset
from digit_model.page.corrections import open_keeper
from digit_model.page.keeper import CorrectionKeeper, FullError
from digit_model.training.corrections import open_corrections
from scripts.app_server import ROOT
from tests.support.folders import files_in
from tests.support.hub_server import HubServer
from tests.support.strokes import draw_digit

KEEP_ON = """
import sys, numpy as np
from PIL import Image
from digit_model.page.keeper import CorrectionKeeper
kept = CorrectionKeeper(sys.argv[2])
kept.setup([], sys.argv[1])
picture = Image.effect_noise((300, 200), 99)
while True:
    print(kept.flag([picture, np.asarray(picture), "7", "sure", "built in", ""], "1"), flush=True)
"""


def flag(keeper: CorrectionKeeper, said: str = "7", label: str = "1") -> int:
    """Keep a correction of a drawn digit."""
    picture = draw_digit(said)
    return keeper.flag(
        [picture, 255 - np.asarray(picture), said, "sure", "built in", "0123"], label
    )


def rows(folder: Path) -> list[dict[str, Any]]:
    """What is kept in a folder; both pictures of each are opened."""
    lines = (folder / METADATA).read_bytes().splitlines()
    found = [json.loads(line) for line in lines]
    for row in found:
        for key in ("file_name", "ink_file_name"):
            Image.open(folder / row[key]).load()
    return found


@pytest.fixture
def keeper(tmp_path: Path) -> CorrectionKeeper:
    """What keeps corrections in a folder."""
    opened = CorrectionKeeper()
    opened.setup([], tmp_path)
    return opened


def test_a_correction_is_two_pictures_and_a_line_and_tells_of_no_one(
    keeper: CorrectionKeeper, tmp_path: Path
) -> None:
    """Otherwise nothing can be learned from it, or somebody can be found by it."""
    read = "7\n5", "unsure", "tester/digits at v1", "0123"
    keeper.flag([draw_digit("7"), np.zeros((9, 9), np.uint8), *read], "1", "Ada")

    (row,) = rows(tmp_path)
    names = "file_name ink_file_name said verdict label model revision time"
    assert [*row] == names.split()
    said = {"said": "7\n5", "verdict": "unsure", "label": "1", "revision": "0123"}
    assert said.items() <= row.items()
    assert row["time"].endswith("+00:00")
    assert Image.open(tmp_path / row["file_name"]).tobytes() == draw_digit("7").tobytes()
    assert len(files_in(tmp_path)) == 3


def test_after_half_a_line_the_next_is_whole(keeper: CorrectionKeeper, tmp_path: Path) -> None:
    """Otherwise a crash costs the correction after it as well."""
    (tmp_path / METADATA).write_bytes(b'{"file_name": "a.p')

    flag(keeper, "3")
    flag(keeper, "5")

    half, *whole = (tmp_path / METADATA).read_bytes().splitlines()
    assert half == b'{"file_name": "a.p'
    assert [json.loads(line)["said"] for line in whole] == ["3", "5"]


@pytest.mark.usefixtures("hub")
def test_killed_what_is_kept_is_whole_and_goes_to_the_data_set_later(tmp_path: Path) -> None:
    """Otherwise a line names a picture that is not there, or half of one, or all are lost."""
    dataset = "tester/killed"
    process = subprocess.Popen(
        [sys.executable, "-c", KEEP_ON, str(tmp_path), dataset], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert process.stdout
    for _ in range(20):  # Long enough for it to be in the midst of one.
        count = int(process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    (killed,) = tmp_path.iterdir()
    assert len(rows(killed)) >= count

    with CorrectionKeeper(dataset) as again:
        again.setup([], tmp_path)
    assert rows(pull_dataset(dataset) / killed.name) == rows(killed)


@pytest.mark.parametrize(
    ("limit", "value"),
    [
        ("MAX_HOURLY_CORRECTIONS", 1),
        ("MAX_ALL_CORRECTIONS_MB", 0.003),
        ("MAX_CORRECTION_MB", 0.0001),
    ],
)
def test_beyond_a_limit_nothing_is_kept(
    keeper: CorrectionKeeper,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
    value: float,
) -> None:
    """Otherwise one visitor fills the disk."""
    monkeypatch.setattr(f"digit_model.page.keeper.{limit}", value)
    if limit == "MAX_ALL_CORRECTIONS_MB":
        (tmp_path / "old.png").write_bytes(bytes(2500))
        keeper.setup([], tmp_path)
    elif limit == "MAX_HOURLY_CORRECTIONS":
        flag(keeper)
    before = files_in(tmp_path)

    with pytest.raises(FullError, match="Expected"):
        flag(keeper)

    assert files_in(tmp_path) == before


def test_an_hour_later_more_is_kept(
    keeper: CorrectionKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a page that runs for a month keeps a few hundred corrections in all."""
    monkeypatch.setattr("digit_model.page.keeper.MAX_HOURLY_CORRECTIONS", 1)
    monkeypatch.setattr("digit_model.page.keeper.HOUR_SECONDS", 0)

    assert [flag(keeper), flag(keeper)] == [1, 2]


def test_without_a_place_nothing_is_kept(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Otherwise a page collects what nobody asked it for; a data set wants a token."""
    assert open_keeper(None) is None
    assert open_keeper("") is None
    monkeypatch.delenv("HF_TOKEN")
    assert open_keeper("tester/corrections") is None
    assert "Expected a token" in caplog.text


def test_a_place_that_cannot_be_written_to_is_explained(tmp_path: Path) -> None:
    """Otherwise visitors' corrections are thanked for and lost."""
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit, match=r"Expected a folder to write to.*DIGIT_FEEDBACK"):
        open_keeper(str(tmp_path / "file" / "folder"))


def test_each_runs_corrections_go_to_the_data_set_and_come_back(hub: HubServer) -> None:
    """Otherwise they are lost with a Space's disk, or a new run overwrites an older one's."""
    for said, label in (("7", "1"), ("4", "9")):
        opened = open_keeper("tester/corrections")
        assert opened is not None
        with opened:
            flag(opened, said, label)

    repository = hub.repositories["tester/corrections"]
    assert repository.private
    files = repository.commits[repository.branches["main"]]
    lines = [content for path, content in files.items() if path.endswith(METADATA)]
    assert sorted(json.loads(line)["label"] for line in lines) == ["1", "9"]
    pictures = [content for path, content in files.items() if path.endswith(".png")]
    assert [Image.open(io.BytesIO(content)).format for content in pictures] == ["PNG"] * 4
    counts = open_corrections("tester/corrections").counts
    assert counts["train"] + counts["held_out"] == 2


def test_with_the_hub_down_the_page_serves_without_corrections(
    hub: HubServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Otherwise a broken network at the start takes the page away."""
    hub.stop()
    try:
        assert open_keeper("tester/other") is None
    finally:
        hub.start()
    assert "No corrections are kept." in caplog.text
