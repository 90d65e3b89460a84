"""What the README and the pages that it links to say is so."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from digit_model import Reader
from digit_model.reader import EMBEDDED_WEIGHTS
from digit_model.training.comparison import comparison_table
from digit_model.training.data import load_mnist
from digit_model.training.evaluation import evaluate, markdown_table
from digit_model.training.report import update_metrics
from scripts.app_server import ROOT
from tests.support.strokes import draw_digit

README = (ROOT / "README.md").read_text(encoding="utf-8")
MNIST = ROOT.parent / "shared" / "data" / "mnist.npz"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def shown_options() -> dict[str, set[str]]:
    """The programs that any page shows in a block of commands, each with its options there."""
    options: dict[str, set[str]] = {}
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for program, rest in re.findall(r"^(python \S+|digit-reader) (.*)$", text, re.MULTILINE):
            options.setdefault(program, set()).update(re.findall(r"--[\w-]+", rest))
    return options


OPTIONS = shown_options()


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
    measured = markdown_table(metrics["results"] + metrics["numbers"] + metrics["refused"])
    measured += "\n" + comparison_table(metrics["peers"])
    rows = re.findall(r"^\| .+ \| [\d,]+ \| .+ \|$", README, re.MULTILINE)

    assert len(rows) > 6
    assert [row for row in rows if row not in measured.splitlines()] == []


def test_the_model_card_is_written_from_the_metrics(tmp_path: Path) -> None:
    """Otherwise its tables are another model's, or its words those of an older template."""
    for name in ("config.json", "metrics.json"):
        shutil.copy(EMBEDDED_WEIGHTS / name, tmp_path)

    update_metrics(tmp_path)

    written = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert (EMBEDDED_WEIGHTS / "README.md").read_text(encoding="utf-8") == written


@pytest.mark.skipif(not MNIST.exists(), reason="MNIST is not in ../shared/data")
def test_the_embedded_model_reads_mnist_as_well_as_it_is_said_to(reader: Reader) -> None:
    """Otherwise the figures are another model's; the bar is 99.5 %."""
    metrics = json.loads((EMBEDDED_WEIGHTS / "metrics.json").read_text(encoding="utf-8"))

    (result,) = evaluate(reader, load_mnist(MNIST).test)

    assert result.row() == metrics["results"][0]
    assert result.row()["right"] >= 9_950


def test_every_file_that_is_named_is_there() -> None:
    """Otherwise the map leads a newcomer astray."""
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    named = re.findall(r"`((?!build)[a-z_]+/[\w./]*)`", text)
    roots = ROOT, ROOT / "digit_model"

    assert len(named) > 10
    assert [name for name in named if not any((root / name).exists() for root in roots)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    """Otherwise whoever follows it on GitHub finds nothing."""
    links = re.findall(r"\]\((?!http)([^)#]*)#?([^)]*)\)", page.read_text(encoding="utf-8"))

    assert [name for name, _ in links if not (page.parent / name).exists()] == []
    for name, anchor in links:
        if anchor:
            text = (page.parent / name).read_text(encoding="utf-8")
            headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
            slugs = [re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in headings]
            assert anchor in slugs


@pytest.mark.parametrize("program", sorted(OPTIONS))
def test_every_command_has_the_options_that_are_shown(program: str) -> None:
    """Otherwise the first thing that somebody copies fails."""
    name, *script = program.split()
    command = [str(Path(sys.executable).with_name(name)), *script, "--help"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    assert [option for option in OPTIONS[program] if option not in run.stdout] == []


def test_the_python_example_runs(tmp_path: Path) -> None:
    """Otherwise the library's front door is shut."""
    example = README.split("```python")[1].split("```")[0]
    for name in ("photo.jpg", "a.png", "b.png"):
        draw_digit("7").save(tmp_path / name)

    run = subprocess.run(
        [sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True
    )

    assert run.stdout.startswith("7 sure"), run.stderr
