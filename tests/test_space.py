"""The Space: what it requires, and that it starts and answers once that is installed."""

import base64
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from gradio_client import Client

from digit_model.model.hub import push
from digit_model.reader import EMBEDDED_WEIGHTS
from scripts.app_server import ROOT, running
from scripts.deploy import KERAS_ONLY, deploy, derive_requirements, list_served
from tests.support.files import encode
from tests.support.hub_server import HubServer
from tests.support.imports import imports
from tests.support.strokes import draw_digit

MODEL = "tester/digits-of-a-space"
SPACE = "tester/reader"
# Of modules that are called otherwise.
PACKAGES = {"PIL": "pillow", "ai_edge_litert": "ai-edge-litert", "pillow_heif": "pillow-heif"}
MAX_BYTES = 670_000_000  # A quarter of what requirements.txt installs.


def packages(requirements: str) -> set[str]:
    """The names of what is required."""
    return set(re.findall(r"^[\w.-]+", requirements, re.MULTILINE))


def imported() -> Iterator[str]:
    """The packages that what serves imports."""
    for name in list_served():
        if name.endswith(".py"):
            for module in {module.split(".")[0] for module in imports(ROOT / name)}:
                if module not in {*sys.stdlib_module_names, "digit_model", "__future__"}:
                    yield PACKAGES.get(module, module)


def test_requirements_txt_is_what_the_project_needs_to_serve_and_to_train() -> None:
    """Otherwise a Space made of this repository, which has no package, lacks what it imports."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = project["dependencies"] + project["optional-dependencies"]["train"]

    assert sorted((ROOT / "requirements.txt").read_text().split()) == sorted(needed)


def test_a_space_installs_what_serving_imports_and_no_more() -> None:
    """Otherwise it lacks a package, or builds for one that it never imports."""
    assert packages(derive_requirements(litert=True)) == set(imported()) - KERAS_ONLY
    assert packages(derive_requirements(litert=False)) == set(imported()) | KERAS_ONLY


def install(space: Path) -> Path:
    """A clean environment with what the Spaces builder installs.

    It takes a minute, and is kept in build/ until there is something else to install.
    """
    sdk_version = yaml.safe_load((space / "README.md").read_text().split("---")[1])["sdk_version"]
    environment = ROOT / "build" / "space"
    command = f"-m pip install -r requirements.txt gradio[oauth,mcp]=={sdk_version}"
    wanted = command + (space / "requirements.txt").read_text()
    installed = environment / "installed"
    if not installed.exists() or installed.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", environment], check=True)
        subprocess.run([environment / "bin" / "python", *command.split()], cwd=space, check=True)
        installed.write_text(wanted)
    return environment


def test_the_space_starts_in_a_clean_environment_and_answers(
    hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the Space shows a build error where everything here is green."""
    space = tmp_path / "space"
    push(EMBEDDED_WEIGHTS, MODEL, tag="v1")
    deploy(SPACE, MODEL, "v1", None)
    deployed = hub.repositories[f"spaces/{SPACE}"]
    for name, content in deployed.commits[deployed.branches["main"]].items():
        (space / name).parent.mkdir(parents=True, exist_ok=True)
        (space / name).write_bytes(content)
    environment = install(space)
    front_matter = yaml.safe_load((space / "README.md").read_text().split("---")[1])
    # What a Space's process has; the token that deployed it is not among it.
    variables = {
        **deployed.variables,
        "HF_HOME": str(tmp_path / "home"),
        "HF_TOKEN": "",
        "GRADIO_SERVER_NAME": "0.0.0.0",
        "SPACE_HOST": "tester-reader.hf.space",
    }
    repository, names, commit = front_matter["preload_from_hub"][0].split(" ")
    fetch = ["download", repository, *names.split(","), "--revision", commit]
    command = [environment / "bin" / "hf", *fetch]
    subprocess.run(command, env=os.environ | variables, check=True)
    preloaded = len(hub.requests)
    drawing = f"data:image/png;base64,{base64.b64encode(encode(draw_digit('7'))).decode()}"

    monkeypatch.setattr("sys.executable", str(environment / "bin" / "python"))
    with running(space / "app.log", "app.py", **variables) as server:
        server.wait_for_log(f"Serving the model {MODEL} at v1")
        answer = Client(server.url, verbose=False).predict(sketchpad=drawing, api_name="/predict")

    assert answer[0] == "This looks like a 7."
    assert not [request for request in hub.requests[preloaded:] if "/resolve/" in request]
    there = {path.name for path in environment.glob("lib/*/site-packages/*")}
    assert "gradio" in there
    assert not there & {"tensorflow", "keras", "matplotlib"}
    sizes = (path.lstat().st_size for path in environment.rglob("*"))
    assert sum(sizes) < MAX_BYTES
