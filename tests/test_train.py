"""The path of a practitioner: train, publish, pull, serve; real processes, real HTTP."""

import json
import os
import re
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from gradio_client import Client, handle_file
from huggingface_hub import ModelCard

import digit_model
from digit_model.artefact import ARTEFACT_FILES
from digit_model.page.corrections import Corrections
from digit_model.training.corrections import NAME
from tests.app_server import ROOT, serve
from tests.hub_server import HubServer
from tests.strokes import draw_digit


def train_command(data: Path, out: Path, *arguments: str) -> list[str]:
    """`train.py` with these arguments, as a command."""
    script = [sys.executable, "-m", "tests.smoke_train"]
    return [*script, "--data", str(data), "--out", str(out), *arguments]


def kill_after_an_epoch(command: list[str], unfinished: Path) -> None:
    """Start a training, and kill it once it has saved an epoch."""
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    saved = unfinished / "0" / "backup" / "training_metadata.json"
    limit = time.monotonic() + 300
    while not saved.exists() and process.poll() is None and time.monotonic() < limit:
        time.sleep(0.05)
    process.kill()
    process.wait()


def test_an_interrupted_training_goes_on_and_what_it_publishes_is_what_the_app_serves(
    drawn_mnist: Path, hub: HubServer, tmp_path: Path
) -> None:
    """Otherwise a night's training is lost to a closed laptop, or something else is deployed."""
    out, unfinished = tmp_path / "artefact", tmp_path / "artefact.unfinished"
    publish = ["--push", "tester/digits", "--tag", "v0"]
    kept = Corrections()
    kept.setup([], tmp_path / "corrections")
    for digit in "0123456789":
        drawn = draw_digit(digit, 120, 11)
        kept.flag([drawn, 255 - np.asarray(drawn), "5", "unsure", "built in", ""], digit)
    smoke = ["--limit", "2000", "--epochs", "3"]
    smoke += ["--extra", str(tmp_path / "corrections")]
    command = train_command(drawn_mnist, out, *smoke, *publish)
    environment = {**os.environ, **hub.environment}
    run = partial(subprocess.run, cwd=ROOT, capture_output=True, text=True, env=environment)

    kill_after_an_epoch(command, unfinished)
    other = run([*command, "--seed", "1"], check=False)
    second = run(command, check=True)

    assert other.returncode == 1
    assert "Give the same settings" in other.stderr
    started = dict.fromkeys(re.findall(r"Epoch \d/3", second.stdout))
    assert [*started] == ["Epoch 2/3", "Epoch 3/3"]
    metrics = json.loads((out / "metrics.json").read_text())
    assert [epoch["epoch"] for epoch in metrics["epochs"]] == [0, 1, 2]
    assert metrics["results"][0]["accuracy"] > 80
    counts = json.loads((out / "config.json").read_text())["training"]["corrections"]
    assert counts["train"] + counts["held_out"] == 10
    assert (metrics["results"][-1]["set"], metrics["results"][-1]["n"]) == (
        NAME,
        counts["held_out"],
    )
    assert "visitors of the page drew" in (out / "README.md").read_text()
    assert not unfinished.exists()
    card = ModelCard.load(out / "README.md")
    assert card.data.eval_results[0].metric_value == metrics["results"][0]["accuracy"] / 100

    picture = tmp_path / "three.png"
    draw_digit("3").save(picture)
    with serve(
        tmp_path, "--model", "tester/digits", "--revision", "v0", **hub.environment
    ) as server:
        client = Client(server.url, verbose=False)
        answer = client.predict(upload=handle_file(picture), api_name="/predict")
    served = {row["label"]: row["confidence"] for row in answer[1]["confidences"]}
    local = digit_model.load(out).read(picture).probabilities
    assert served == pytest.approx(local, abs=1e-4)
    assert hub.repositories["tester/digits"].tags.keys() == {"v0"}
    assert {file.name for file in out.iterdir()} == set(ARTEFACT_FILES)
