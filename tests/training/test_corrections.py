"""What visitors said that it really was -> what trains, and what is held out."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from digit_model import DigitModelError, Reader
from digit_model.model.hub_dataset import METADATA
from digit_model.page.keeper import CorrectionKeeper
from digit_model.training.corrections import HELD_OUT_MODULUS, HELD_OUT_SET_NAME, open_corrections
from digit_model.training.data import Samples
from digit_model.training.evaluation import evaluate
from tests.support.strokes import draw_digit


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, reader: Reader) -> Path:
    """Forty corrections of digits, each with a pen of its own, and some that are of no use."""
    folder = tmp_path_factory.mktemp("corrections")
    kept = CorrectionKeeper()
    kept.setup([], folder)

    def keep(picture: Image.Image, label: str) -> None:
        kept.flag([picture, reader.find_ink(picture), "5", "unsure", "built in", ""], label)

    for digit in "0123456789":
        for pen in (8, 11, 14, 17):
            keep(draw_digit(digit, 120, pen), digit)
    keep(draw_digit("3", 120, 8), "3")
    keep(draw_digit("4", 100, 9), "4")
    keep(draw_digit("4", 100, 9), "9")
    keep(draw_digit("4", 90, 9), "44")
    first = json.loads((folder / METADATA).read_text().splitlines()[0])
    (folder / "broken.png").write_bytes(b"broken")
    damaged = [
        first | {"file_name": "broken.png"},
        first | {"file_name": "none.png"},
        first | {"file_name": f"../{folder.name}/{first['file_name']}"},
        first | {"label": [7]},
        first | {"label": "seven"},
        ["a list"],
    ]
    with (folder / METADATA).open("a") as file:
        file.writelines(json.dumps(row) + "\n" for row in damaged)
        file.write('{"file_name": "half')
    return folder


def test_only_what_can_be_relied_on_is_learned(folder: Path, reader: Reader) -> None:
    """Otherwise one prankster, or one crash, spoils a training."""
    found = open_corrections(str(folder))

    left_out = {"numbers": 1, "duplicates": 1, "contradictions": 2, "damaged": 7}
    assert left_out.items() <= found.counts.items()
    assert found.counts["train"] + found.counts["held_out"] == 40
    assert "7 damaged" in str(found)
    frames = {
        reader.read(draw_digit("7", 120, pen), 1).digits[0].frame.tobytes() for pen in (8, 17)
    }
    sevens = {frame.tobytes() for frame in found.train.frames[found.train.labels == 7]}
    assert frames & sevens


def test_the_same_ones_are_held_out_whatever_comes_later(folder: Path, tmp_path: Path) -> None:
    """Otherwise what judges the next model trained it."""
    lines = (folder / METADATA).read_text().splitlines(keepends=True)
    for path in folder.glob("*.png"):
        (tmp_path / path.name).hardlink_to(path)
    (tmp_path / METADATA).write_text("".join(reversed(lines[:20])))

    fewer, all_of_them = (open_corrections(str(path)).held_out for path in (tmp_path, folder))

    assert fewer
    assert all_of_them
    assert 40 / HELD_OUT_MODULUS / 3 < len(all_of_them[1]) < 40 / HELD_OUT_MODULUS * 3
    names = [{Path(str(path)).name for path in held[1]} for held in (fewer, all_of_them)]
    early = {json.loads(line)["file_name"] for line in lines[:20]}
    assert names[0] == names[1] & early


def test_what_is_held_out_is_a_row_of_the_tables(folder: Path, reader: Reader) -> None:
    """Otherwise nobody sees whether corrections helped."""
    extra = open_corrections(str(folder)).held_out
    one = Samples(np.zeros((1, 28, 28), np.uint8), np.zeros(1, np.int64))

    _, result = evaluate(reader, one, extra=extra)

    assert result.name == HELD_OUT_SET_NAME
    assert result.row()["right"] > 0


def test_a_folder_of_ones_own_needs_no_ink_and_may_have_numbers_as_labels(tmp_path: Path) -> None:
    """Otherwise a usual ImageFolder is counted as damaged."""
    draw_digit("7").save(tmp_path / "a.png")
    draw_digit("3").save(tmp_path / "b.png")
    rows = [{"file_name": "a.png", "label": "7"}, {"file_name": "b.png", "label": 3}]
    (tmp_path / METADATA).write_text("".join(json.dumps(row) + "\n" for row in rows))

    counts = open_corrections(str(tmp_path)).counts

    assert counts["train"] + counts["held_out"] == 2


def test_a_folder_for_each_digit_needs_no_metadata(tmp_path: Path, reader: Reader) -> None:
    """Otherwise the other usual ImageFolder is refused, or one bad file spoils a training."""
    for digit in "0123456789":
        (tmp_path / digit).mkdir()
        for pen in (8, 14):
            draw_digit(digit, 120, pen).save(tmp_path / digit / f"{pen}.PNG")
    (tmp_path / "7" / "broken.jpg").write_bytes(b"broken")
    (tmp_path / "7" / "notes.txt").write_text("Not a picture.")
    (tmp_path / "letters").mkdir()
    draw_digit("3").save(tmp_path / "letters" / "a.png")

    found = open_corrections(str(tmp_path))

    assert found.counts["damaged"] == 1
    assert found.counts["train"] + found.counts["held_out"] == 20
    assert found.held_out
    for path, label in zip(*found.held_out[1:], strict=True):
        assert Path(str(path)).parent.name == label
    frames = {
        reader.read(draw_digit("7", 120, pen), 1).digits[0].frame.tobytes() for pen in (8, 14)
    }
    sevens = {frame.tobytes() for frame in found.train.frames[found.train.labels == 7]}
    assert sevens <= frames


def test_a_folder_of_neither_form_is_explained(tmp_path: Path) -> None:
    """Otherwise a slip in a name trains without them, or nobody knows what to put there."""
    (tmp_path / "seven").mkdir()
    draw_digit("7").save(tmp_path / "seven" / "a.png")
    with pytest.raises(DigitModelError, match="subfolders named 0 to 9") as caught:
        open_corrections(str(tmp_path))
    assert METADATA in str(caught.value)
    assert '{"file_name": "any.png", "label": "7"}' in str(caught.value)
