"""Which room of the house may import which: it runs one way, from the app down to the errors."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.imports import imports

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "digit_model"
# A room imports itself and the rooms before it. Files beside the rooms count by their own names.
ORDER = [
    ("errors", "limits", "reading"),
    ("picture",),
    ("model",),
    ("explain",),
    ("lines",),
    ("reader", "rows", "__init__", "__main__"),
    ("page",),
    ("training",),
]
RANKS = {room: rank for rank, rooms in enumerate(ORDER) for room in rooms}
PROGRAMS = [ROOT / "app.py", *sorted(ROOT.glob("scripts/*.py"))]
SERVING = [
    ROOT / "app.py",
    *(path for path in sorted(PACKAGE.rglob("*.py")) if "training" not in path.parts),
]


def room_of(path: Path) -> str:
    """The folder of the package that a file is in, or its own name where it is in none."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def rooms_imported(path: Path) -> set[str]:
    """The rooms of the package that a file imports from."""
    names = (name.split(".") for name in imports(path))
    return {
        parts[1] if len(parts) > 1 and parts[1] in RANKS else "__init__"
        for parts in names
        if parts[0] == "digit_model"
    }


def importers(library: str) -> set[str]:
    """The files that import a library, from the project's root."""
    return {
        path.relative_to(ROOT).as_posix()
        for path in [*PROGRAMS, *PACKAGE.rglob("*.py")]
        if any(f"{name}.".startswith(f"{library}.") for name in imports(path))
    }


def test_every_file_of_the_package_is_in_the_order() -> None:
    """Otherwise a new room is held to no rule."""
    assert {room_of(path) for path in PACKAGE.rglob("*.py")} == set(RANKS)


@pytest.mark.parametrize("room", RANKS)
def test_a_room_imports_only_itself_and_those_before_it(room: str) -> None:
    """Otherwise a part can no longer be read, tested or replaced by itself."""
    may = {other for other, rank in RANKS.items() if rank < RANKS[room]} | {room}
    if RANKS[room] == RANKS["reader"]:
        may |= {"__init__", "reader", "rows"}  # The package's own names, and its command line.
    files = [path for path in PACKAGE.rglob("*.py") if room_of(path) == room]

    assert {path.name: rooms_imported(path) - may for path in files} == {
        path.name: set() for path in files
    }


def test_serving_does_not_know_training_nor_training_the_page() -> None:
    """Otherwise the app needs what only training needs, or training a web framework."""
    training = PACKAGE.joinpath("training").rglob("*.py")
    assert not any("training" in rooms_imported(path) for path in SERVING)
    assert not any("page" in rooms_imported(path) for path in training)


def test_only_the_page_and_the_baselines_import_gradio() -> None:
    """Otherwise reading digits in a script waits four seconds for a web framework."""
    outside = {path for path in importers("gradio") if not path.startswith("digit_model/page/")}
    assert outside == {"scripts/baselines.py"}
    assert importers("gradio") > outside


@pytest.mark.parametrize("library", ["keras", "tensorflow"])
def test_of_what_serves_only_the_classifier_imports_keras(library: str) -> None:
    """Otherwise serving pays seconds and 590 MB for what it does not use."""
    serving = {path.relative_to(ROOT).as_posix() for path in SERVING}
    assert importers(library) & serving <= {"digit_model/model/classifier.py"}


def test_nothing_of_gradio_or_python_is_patched() -> None:
    """Otherwise the next Gradio breaks the page, or one of its checks is lost."""
    patches = re.compile(
        r"sys\.modules\[|type: ignore\[(method-assign|assignment)|\.fns\b|\._queue"
    )
    for path in SERVING:
        assert not patches.search(path.read_text(encoding="utf-8")), path


def test_no_program_changes_the_import_path_or_imports_from_tests() -> None:
    """Otherwise it runs from one folder only, or imports the tests of another package."""
    assert importers("tests") == set()
    for path in [*PROGRAMS, *PACKAGE.rglob("*.py")]:
        assert not re.search(r"\bsys\.(path|modules)\b", path.read_text(encoding="utf-8")), path


def test_the_package_knows_no_program() -> None:
    """Otherwise it works only beside the folder that it was installed from."""
    programs = {path.relative_to(ROOT).as_posix() for path in PROGRAMS}
    assert (importers("app") | importers("scripts")) <= programs


def test_reading_with_the_embedded_model_loads_no_training_library() -> None:
    """Otherwise the app starts ten seconds late, on machines that are too small for it."""
    code = (
        "import sys, digit_model, tests.support.strokes as strokes;"
        "digit_model.load().read(strokes.draw_digit('7'));"
        "print({'tensorflow', 'keras', 'gradio', 'huggingface_hub'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)

    assert (run.stdout, run.returncode) == ("set()\n", 0), run.stderr
