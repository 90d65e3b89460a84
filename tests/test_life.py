"""A model's whole life: train, publish, serve, correct, retrain, promote, roll back.

Real processes, a real browser, and a Hub on the loopback.
"""

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from functools import partial
from pathlib import Path

import pytest
from huggingface_hub import ModelCard

from digit_model.model.artefact import ARTEFACT_FILES, CONFIG_FILE
from scripts.app_server import ROOT, AppServer, serve
from scripts.visit import DESK, Visit, open_browser
from tests.support.artefacts import edit_config
from tests.support.hub_server import HubServer

MODEL, DATASET = "tester/life", "tester/life-corrections"
WORSE = {"side": 28, "box": 4}  # Digits that are a fifth as large as the network knows them.
SMOKE = ["--limit", "2000", "--epochs", "3"]


class Bench:
    """Somebody's working place: runs our scripts as their commands.

    Args:
        data: an mnist.npz.
        environment: of the commands.
    """

    def __init__(self, data: Path, environment: dict[str, str]) -> None:
        self.environment = {**os.environ, **environment}
        self._data = ["--data", str(data)]
        self._run = partial(
            subprocess.run, cwd=ROOT, capture_output=True, text=True, env=self.environment
        )

    def train(self, out: Path, *arguments: str) -> list[str]:
        """`train.py` for a smoke run, as a command."""
        script = [sys.executable, "-m", "tests.support.smoke_train"]
        return [*script, *self._data, "--out", str(out), *SMOKE, *arguments]

    def run(self, *command: str) -> str:
        """What a command prints.

        Raises:
            AssertionError: with all that it printed, if it fails.
        """
        done = self._run(command)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    def refuse(self, *command: str) -> str:
        """What a command says when it ends with 1."""
        done = self._run(command)
        assert done.returncode == 1, done.stdout
        return done.stderr

    def promote(self, version: str) -> list[str]:
        """`promote.py`, as a command."""
        return [sys.executable, "scripts/promote.py", MODEL, version, *self._data]


def kill_after_an_epoch(command: list[str], unfinished: Path) -> None:
    """Start a training, and kill it once it has saved an epoch."""
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    saved = unfinished / "0" / "backup" / "training_metadata.json"
    limit = time.monotonic() + 300
    while not saved.exists() and process.poll() is None and time.monotonic() < limit:
        time.sleep(0.05)
    process.kill()
    process.wait()


def wait_for_version(server: AppServer, version: str) -> None:
    """Wait until a running app says that this version answers."""
    limit, said = time.monotonic() + 60, ""
    while time.monotonic() < limit:
        said = json.load(urllib.request.urlopen(f"{server.url}/about/model.json"))["model"]
        if said == f"{MODEL} at serving ({version})":
            return
        time.sleep(0.2)
    pytest.fail(f"Expected {version} to answer. It is {said}.")


def correct_a_seven(folder: Path, hub: HubServer, *arguments: str) -> None:
    """Draw a 7, and tell the page that it was a 1."""
    with (
        serve(folder, *arguments, DIGIT_FEEDBACK=DATASET, **hub.environment) as server,
        open_browser() as browser,
    ):
        visit = Visit(browser, server.url, DESK)
        visit.draw("7")
        visit.press("It was a 1")
        visit.page.get_by_text("Thank you!").wait_for()


def test_a_model_is_trained_served_corrected_retrained_promoted_and_rolled_back(
    drawn_mnist: Path, hub: HubServer, tmp_path: Path
) -> None:
    """Otherwise the loop that this project is a template of is broken somewhere."""
    bench = Bench(drawn_mnist, hub.environment)
    first, second = tmp_path / "v1", tmp_path / "v2"
    train = bench.train(first, "--push", MODEL, "--tag", "v1")

    kill_after_an_epoch(train, tmp_path / "v1.unfinished")
    assert "Give the same settings" in bench.refuse(*train, "--seed", "1")
    printed = bench.run(*train)

    started = dict.fromkeys(re.findall(r"Epoch \d/3", printed))
    assert [*started] == ["Epoch 2/3", "Epoch 3/3"]
    assert re.search(r"About \d+ minutes are left", printed)
    metrics = json.loads((first / "metrics.json").read_text())
    assert [epoch["epoch"] for epoch in metrics["epochs"]] == [0, 1, 2]
    assert metrics["results"][0]["accuracy"] > 80
    assert {file.name for file in first.iterdir()} == set(ARTEFACT_FILES)
    assert not (tmp_path / "v1.unfinished").exists()
    card = ModelCard.load(first / "README.md")
    assert card.data.eval_results[0].metric_value == metrics["results"][0]["accuracy"] / 100

    bench.run(*bench.promote("v1"))
    served = "--model", MODEL, "--revision", "serving"
    correct_a_seven(tmp_path, hub, *served)
    corrections = hub.repositories[DATASET]
    (lines,) = (
        content
        for path, content in corrections.commits[corrections.branches["main"]].items()
        if path.endswith("metadata.jsonl")
    )
    row = json.loads(lines)
    assert row["label"] == "1"
    assert row["model"] == f"{MODEL} at serving (v1)"

    printed = bench.run(*bench.train(second, "--extra", DATASET, "--push", MODEL, "--tag", "v2"))
    assert "digits to learn from" in printed
    config = json.loads((second / CONFIG_FILE).read_text())
    assert (
        config["training"]["corrections"]["train"] + (config["training"]["corrections"]["held_out"])
        == 1
    )
    edit_config(first, frame=WORSE)
    publish = [sys.executable, "scripts/publish.py", str(first), MODEL, "--tag", "v3"]
    bench.run(*publish)

    with serve(tmp_path, *served, "--check-minutes", "0.01", **hub.environment) as server:
        wait_for_version(server, "v1")
        assert "worse on MNIST test" in bench.refuse(*bench.promote("v3"))
        bench.run(*bench.promote("v2"))
        wait_for_version(server, "v2")
        bench.run(*bench.promote("v1"))
        wait_for_version(server, "v1")
