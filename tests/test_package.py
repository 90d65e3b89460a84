"""What `pip install .` brings."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import digit_model
from scripts.app_server import ROOT
from tests.support.strokes import draw_digit

PACKAGE = ROOT / "digit_model"
MADE_BY_RUNNING = {".pyc", ".pyi"}  # Python's, and Gradio's.
API = "import digit_model; print(digit_model.load().read('7.png').text, digit_model.__file__)"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what is installed, far from the checkout, and a picture."""
    folder = tmp_path_factory.mktemp("site")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    subprocess.run([*build, "--directory", folder], cwd=ROOT, check=True)
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder)
    draw_digit("7").save(folder / "7.png")
    return folder


def run(site: Path, *arguments: str) -> str:
    """What Python prints that imports from there."""
    command = [sys.executable, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(site)}
    return subprocess.run(
        command, cwd=site, env=environment, capture_output=True, text=True, check=True
    ).stdout


def test_all_that_is_in_the_package_is_installed(site: Path) -> None:
    """Otherwise the weights, the page's scripts or the types are missing."""
    ours = {
        path.relative_to(ROOT)
        for path in PACKAGE.rglob("*")
        if path.is_file() and path.suffix not in MADE_BY_RUNNING
    }
    installed = {path.relative_to(site) for path in site.glob("digit_model/**/*") if path.is_file()}

    assert installed == ours
    assert PACKAGE / "py.typed" in {ROOT / path for path in installed}


def test_it_reads_from_any_folder(site: Path) -> None:
    """Otherwise only whoever works in the checkout can use it."""
    text, file = run(site, "-c", API).split()

    assert (text, Path(file).parent) == ("7", site / "digit_model")
    assert "7" in run(site, "-m", "digit_model", "7.png", "--format", "csv").splitlines()[1]


@pytest.mark.parametrize("name", digit_model.__all__)
def test_each_public_name_is_there(name: str) -> None:
    """Otherwise `from digit_model import *` fails."""
    assert getattr(digit_model, name).__name__ == name


def test_the_command_is_installed(site: Path) -> None:
    """Otherwise `digit-reader` is not found."""
    (entry_points,) = site.glob("*.dist-info/entry_points.txt")

    assert "digit-reader = digit_model.__main__:main" in entry_points.read_text().splitlines()
