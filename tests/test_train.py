"""The path of a practitioner: train, publish, pull, serve; real processes, real HTTP."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from gradio_client import Client, handle_file
from huggingface_hub import ModelCard

import digit_model
from digit_model.artefact import ARTEFACT_FILES
from tests.app_server import ROOT, serve
from tests.hub_server import HubServer
from tests.strokes import draw_digit


def train_command(data: Path, out: Path, *arguments: str) -> list[str]:
    """`train.py` with these arguments, as a command."""
    script = [sys.executable, "-m", "tests.smoke_train"]
    return [*script, "--data", str(data), "--out", str(out), *arguments]


def test_what_train_publishes_is_what_the_app_serves(
    drawn_mnist: Path, hub: HubServer, tmp_path: Path
) -> None:
    """Otherwise a practitioner deploys something else than was trained."""
    out = tmp_path / "artefact"
    smoke = ["--limit", "2000", "--epochs", "1", "--teachers", "1"]
    publish = ["--push", "tester/digits", "--tag", "v0"]
    environment = {**os.environ, **hub.environment}
    command = train_command(drawn_mnist, out, *smoke, *publish)
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
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


def test_an_interrupted_training_goes_on_where_it_was(drawn_mnist: Path, tmp_path: Path) -> None:
    """Otherwise a night's training is lost to a closed laptop."""
    out = tmp_path / "artefact"
    command = train_command(drawn_mnist, out, "--epochs", "3", "--teachers", "0")
    first = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    unfinished = tmp_path / "artefact.unfinished"
    saved = unfinished / "0" / "backup" / "training_metadata.json"
    limit = time.monotonic() + 300
    while not saved.exists() and first.poll() is None and time.monotonic() < limit:
        time.sleep(0.05)
    first.send_signal(signal.SIGKILL)
    first.wait()

    run = partial(subprocess.run, cwd=ROOT, capture_output=True, text=True)
    other = run([*command, "--seed", "1"], check=False)
    second = run(command, check=True)

    assert other.returncode == 1
    assert "Give the same settings" in other.stderr
    started = re.findall(r"Epoch (\d)/3", second.stdout)
    assert "1" not in started
    assert started[-1] == "3"
    metrics = json.loads((out / "metrics.json").read_text())
    assert [epoch["epoch"] for epoch in metrics["epochs"]] == list(range(3))
    assert metrics["results"][0]["accuracy"] > 80
    assert not unfinished.exists()
    card = ModelCard.load(out / "README.md")
    assert card.data.eval_results[0].metric_value == metrics["results"][0]["accuracy"] / 100
