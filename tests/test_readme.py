"""What the README says is so."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from digit_model import Reader
from digit_model.reader import EMBEDDED_WEIGHTS
from digit_model.training.data import load_mnist
from digit_model.training.evaluation import evaluate, markdown_table
from scripts.app_server import ROOT
from tests.support.strokes import draw_digit

README = (ROOT / "README.md").read_text(encoding="utf-8")
MNIST = ROOT.parent / "shared" / "data" / "mnist.npz"
COMMANDS = sorted(set(re.findall(r"^(?:python|digit-reader) .*?(?=\s+#|$)", README, re.MULTILINE)))


def test_spaces_runs_the_gradio_that_is_tested() -> None:
    """Otherwise the Space breaks where everything here is green."""
    front_matter = yaml.safe_load(README.split("---")[1])
    pins = (ROOT / "requirements.txt").read_text().split()

    assert f"gradio=={front_matter['sdk_version']}" in pins
    assert front_matter["python_version"] == "3.11"
    assert (ROOT / front_matter["app_file"]).is_file()


def test_the_results_are_those_of_the_embedded_model() -> None:
    """Otherwise the README praises another model than it ships."""
    metrics = json.loads((EMBEDDED_WEIGHTS / "metrics.json").read_text(encoding="utf-8"))
    card = (EMBEDDED_WEIGHTS / "README.md").read_text(encoding="utf-8")

    for name in ("results", "untold", "numbers"):
        table = markdown_table(metrics[name])
        assert table in README
        assert table in card


@pytest.mark.skipif(not MNIST.exists(), reason="MNIST is not in ../shared/data")
def test_the_embedded_model_reads_mnist_as_well_as_it_is_said_to(reader: Reader) -> None:
    """Otherwise the figures are another model's; the bar is 99.5 %."""
    metrics = json.loads((EMBEDDED_WEIGHTS / "metrics.json").read_text(encoding="utf-8"))

    (result,) = evaluate(reader, load_mnist(MNIST).test)

    assert result.row() == metrics["results"][0]
    assert result.row()["right"] >= 9_950


def test_every_file_that_is_named_is_there() -> None:
    """Otherwise the map leads a newcomer astray."""
    named = re.findall(r"`((?:digit_model|scripts|tests)/[\w./]+)`", README)
    linked = re.findall(r"\]\((?!http)([^)]+)\)", README)

    assert len(named) > 10
    assert [name for name in named + linked if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_the_options_that_are_shown(command: str) -> None:
    """Otherwise the first thing that somebody copies fails."""
    words = shlex.split(command)
    program = words[: 3 if words[1] == "-m" else 2 if words[0] == "python" else 1]
    program[0] = str(Path(sys.executable).with_name(program[0]))
    help_text = subprocess.run(
        [*program, "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout

    assert [flag for flag in re.findall(r"--\w+", command) if flag not in help_text] == []


def test_the_python_example_runs(tmp_path: Path) -> None:
    """Otherwise the library's front door is shut."""
    example = README.split("```python")[1].split("```")[0]
    for name in ("photo.jpg", "a.png", "b.png"):
        draw_digit("7").save(tmp_path / name)

    run = subprocess.run(
        [sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True
    )

    assert run.stdout.startswith("7 sure"), run.stderr
