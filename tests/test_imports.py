"""Which part may import which: it runs one way, from the app down to the errors."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.imports import imports

ROOT = Path(__file__).parents[1]
PARTS = sorted(ROOT.glob("digit_model/*.py"))
PAGE = sorted(ROOT.glob("digit_model/page/*.py"))
TRAINING = sorted(ROOT.glob("digit_model/training/*.py"))
SCRIPTS = sorted(ROOT.glob("scripts/*.py"))


def importers(module: str, paths: list[Path]) -> set[str]:
    """Names of the files that import a module, or something of it."""
    return {
        path.name
        for path in paths
        if any(f"{name}.".startswith(f"{module}.") for name in imports(path))
    }


def test_only_the_page_and_its_baselines_import_gradio() -> None:
    """Otherwise reading digits in a script waits four seconds for a web framework."""
    assert importers("gradio", [ROOT / "app.py", *PARTS, *TRAINING, *SCRIPTS]) == {"baselines.py"}
    assert importers("gradio", PAGE)


def test_only_the_app_the_scripts_and_the_page_know_the_page() -> None:
    """Otherwise the reader cannot be used without a web framework."""
    assert importers("digit_model.page", PARTS + TRAINING) == set()


def test_nothing_of_gradio_or_python_is_patched() -> None:
    """Otherwise the next Gradio breaks the page, or one of its checks is lost."""
    patches = re.compile(
        r"sys\.modules\[|type: ignore\[(method-assign|assignment)|\.fns\b|\._queue"
    )
    for path in (ROOT / "app.py", *PAGE):
        assert not patches.search(path.read_text(encoding="utf-8")), path


def test_no_program_changes_the_import_path_or_imports_from_tests() -> None:
    """Otherwise it runs from one folder only, or imports the tests of another package."""
    programs = [ROOT / "app.py", *SCRIPTS, *ROOT.glob("digit_model/**/*.py")]
    assert importers("tests", programs) == set()
    for path in programs:
        assert not re.search(r"\bsys\.(path|modules)\b", path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize("library", ["keras", "tensorflow"])
def test_of_what_serves_only_the_classifier_imports_keras(library: str) -> None:
    """Otherwise serving pays seconds and 590 MB for what it does not use."""
    assert importers(library, [ROOT / "app.py", *PARTS, *PAGE]) <= {"classifier.py"}


def test_the_parts_of_the_reader_know_neither_it_nor_what_is_above_it() -> None:
    """Otherwise a part can no longer be read, tested or replaced by itself."""
    above = {"reader", "show", "hub", "hub_dataset", "rows", "__init__", "__main__"}
    below = [path for path in PARTS if path.stem not in above]
    for part in ("reader", "hub", "training"):
        assert importers(f"digit_model.{part}", below) == set()
    assert importers("digit_model.reader", [ROOT / "digit_model" / "hub.py"]) == set()
    assert importers("app", PARTS + TRAINING) == importers("scripts", PARTS + TRAINING) == set()


@pytest.mark.parametrize("part", ["errors", "limits"])
def test_what_every_part_imports_depends_on_nothing(part: str) -> None:
    """Otherwise the one thing that every part imports would import parts."""
    assert list(imports(ROOT / "digit_model" / f"{part}.py")) == []


def test_serving_does_not_know_training() -> None:
    """Otherwise the app needs what only training needs."""
    assert importers("digit_model.training", [ROOT / "app.py", *PARTS, *PAGE]) == set()


def test_reading_with_the_embedded_model_loads_no_training_library() -> None:
    """Otherwise the app starts ten seconds late, on machines that are too small for it."""
    code = (
        "import sys, digit_model, tests.support.strokes as strokes;"
        "digit_model.load().read(strokes.draw_digit('7'));"
        "print({'tensorflow', 'keras', 'gradio', 'huggingface_hub'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)

    assert (run.stdout, run.returncode) == ("set()\n", 0), run.stderr
