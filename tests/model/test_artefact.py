"""What an artefact folder must hold, or a sentence that says what it lacks."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import keras
import pytest

from digit_model import ArtefactError
from digit_model.model.classifier import open_classifier
from digit_model.reader import EMBEDDED_WEIGHTS
from scripts.app_server import ROOT
from tests.support.artefacts import edit_config, save_model
from tests.support.hostile_artefacts import make_hostile_artefacts

SECONDS = 1.0
MEMORY_MB = 200
# Opens every folder in a folder. Of each, it tells what was said and in how many seconds of the
# processor, which other programs cannot take; last, how many kilobytes it held at most.
OPEN_ALL = """
import json, sys, time
from pathlib import Path
from digit_model.model.classifier import open_classifier
from digit_model.errors import ArtefactError
for folder in Path(sys.argv[1]).iterdir():
    begin, said = time.process_time(), "opened"
    try:
        open_classifier(folder)
    except ArtefactError as error:
        said = str(error)
    seen = "keras" in sys.modules
    print(json.dumps([folder.name, time.process_time() - begin, seen, said]), flush=True)
status = open("/proc/self/status")
print(next(line for line in status if line.startswith("VmHWM")).split()[1])
"""


def test_what_a_stranger_hid_is_refused_in_time_and_memory_before_keras_sees_it(
    tmp_path: Path,
) -> None:
    """Otherwise anybody's repository can stop the program that tries its model."""
    folders = [*make_hostile_artefacts(tmp_path)]

    run = subprocess.run(
        [sys.executable, "-c", OPEN_ALL, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    *lines, most_kilobytes = run.stdout.splitlines()
    assert len(lines) == len(folders) > 80, run.stderr
    for name, seconds, keras_saw_it, said in map(json.loads, lines):
        assert said.startswith("Expected "), (name, said)
        assert said.isprintable(), name
        assert len(said) < 1000, name
        assert seconds < SECONDS, name
        assert not keras_saw_it, name
    assert int(most_kilobytes) < MEMORY_MB * 1024


def test_files_may_be_links_as_in_the_hubs_cache(folder: Path, tmp_path: Path) -> None:
    """Otherwise nothing that was pulled can be opened."""
    snapshot = tmp_path / "snapshot"
    snapshot.mkdir()
    for file in folder.iterdir():
        (snapshot / file.name).symlink_to(Path("..") / "artefact" / file.name)

    assert open_classifier(snapshot).examples is not None


@pytest.mark.parametrize(
    ("units", "activation"), [(10, None), (10, "relu"), (5, "softmax")], ids=str
)
def test_a_model_that_gives_no_ten_probabilities_is_refused(
    tmp_path: Path, units: int, activation: str | None
) -> None:
    """Otherwise logits, or another task's classes, would pass for a reading."""
    layers = [keras.layers.Flatten(), keras.layers.Dense(units, activation)]
    keras.Sequential([keras.Input((28, 28)), *layers]).save(tmp_path / "model.keras")

    with pytest.raises(ArtefactError, match=r"model\.keras to give 10 probabilities"):
        open_classifier(tmp_path)


def test_a_model_for_other_pictures_is_refused(tmp_path: Path) -> None:
    """Otherwise the first picture, not the start, would meet the mistake."""
    save_model(tmp_path, shape=(32, 32, 3))

    with pytest.raises(ArtefactError, match=r"model\.keras to take 28x28 frames"):
        open_classifier(tmp_path)


@pytest.mark.parametrize("damage", [b"", b"text", None], ids=["empty", "text", "half"])
def test_a_damaged_lone_keras_model_is_named(tmp_path: Path, damage: bytes | None) -> None:
    """Otherwise keras says that the file was not found, though it is there."""
    whole = (EMBEDDED_WEIGHTS / "model.keras").read_bytes()
    content = whole[: len(whole) // 2] if damage is None else damage
    (tmp_path / "model.keras").write_bytes(content)

    with pytest.raises(ArtefactError, match=r"Expected a .* (at|in) .*model\.keras"):
        open_classifier(tmp_path)


def test_a_bit_flipped_in_a_lone_keras_model_is_noticed(tmp_path: Path) -> None:
    """Otherwise a scratched disk reads digits."""
    content = bytearray((EMBEDDED_WEIGHTS / "model.keras").read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "model.keras").write_bytes(content)

    with pytest.raises(ArtefactError, match=r"model\.keras"):
        open_classifier(tmp_path)


def test_a_litert_file_that_is_none_is_named_even_if_its_checksum_fits(folder: Path) -> None:
    """Otherwise a faulty export ends in a traceback."""
    text = b"this is no flatbuffer"
    (folder / "model.tflite").write_bytes(text)
    sha256 = json.loads((folder / "config.json").read_text(encoding="utf-8"))["sha256"]
    edit_config(folder, sha256=sha256 | {"model.tflite": hashlib.sha256(text).hexdigest()})

    with pytest.raises(ArtefactError, match=r"LiteRT model in .*model\.tflite"):
        open_classifier(folder)


@pytest.mark.parametrize("name", ["model.keras", "model.tflite", "config.json"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    """Otherwise half an artefact would be used as if it were whole."""
    (folder / name).unlink()

    with pytest.raises(ArtefactError, match=name):
        open_classifier(folder)


@pytest.mark.parametrize("name", ["model.keras", "model.tflite"])
def test_an_altered_file_is_named(folder: Path, name: str) -> None:
    """Otherwise a damaged or forged model would be opened."""
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)

    with pytest.raises(ArtefactError, match=f"SHA-256 of .*{name}"):
        open_classifier(folder)


def test_a_model_file_without_a_stated_checksum_is_not_opened(folder: Path) -> None:
    """Otherwise adding a file to a folder would replace its model."""
    edit_config(folder, sha256={})

    with pytest.raises(ArtefactError, match="SHA-256"):
        open_classifier(folder)


@pytest.mark.parametrize("name", ["../secret", "/etc/hostname", "..", "figures/../../secret"])
def test_a_config_cannot_point_outside_its_folder(folder: Path, name: str) -> None:
    """Otherwise a stranger's artefact could feel for files on this machine."""
    (folder.parent / "secret").write_text("secret", encoding="utf-8")
    (folder / "figures").mkdir()
    edit_config(folder, sha256={name: "0" * 64})

    with pytest.raises(ArtefactError, match=r"sha256 in .*config\.json"):
        open_classifier(folder)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda _: "",
        lambda _: "[]",
        lambda text: text.replace('"format_version": 1', '"format_version": 2'),
    ],
    ids=["half", "empty", "list", "newer"],
)
def test_a_damaged_config_is_named(folder: Path, damage: Callable[[str], str]) -> None:
    """Otherwise json's own error says nothing about which file."""
    path = folder / "config.json"
    path.write_text(damage(path.read_text(encoding="utf-8")), encoding="utf-8")

    with pytest.raises(ArtefactError, match=r"config\.json"):
        open_classifier(folder)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("labels", None),
        ("labels", [0, 1]),
        ("frame", {"side": 28}),
        ("frame", {"side": 28, "box": 40}),
        ("temperature", "warm"),
        ("temperature", 0),
        ("thresholds", {}),
        ("sha256", ["model.keras"]),
    ],
    ids=str,
)
def test_a_config_that_lacks_or_garbles_a_key_is_refused(
    folder: Path, key: str, value: object
) -> None:
    """Otherwise a default would silently stand in, or a reading would crash later."""
    edit_config(folder, **{key: value})

    with pytest.raises(ArtefactError, match=r"config\.json"):
        open_classifier(folder)
