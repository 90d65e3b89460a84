"""The scripts that measure: evaluate, ablate, benchmark."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from digit_model.reader import EMBEDDED_WEIGHTS
from digit_model.training import ablation, augment, muon, numbers, rejection, trainer, training_set
from scripts import ablate, benchmark, evaluate
from scripts.app_server import ROOT


@pytest.fixture
def few_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves most photos of blank paper and most strings out, which take a minute."""
    monkeypatch.setattr(rejection, "BLANK_PHOTOS", 8)
    monkeypatch.setattr(numbers, "MAX_STRINGS", 20)


@pytest.mark.usefixtures("few_pictures")
def test_evaluate_prints_and_writes_each_set_with_its_interval(
    drawn_mnist: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Otherwise the figures in the model card cannot be checked."""
    rows = tmp_path / "rows.json"
    asked = ["--data", str(drawn_mnist), "--json", str(rows)]
    monkeypatch.setattr(sys, "argv", ["evaluate.py", *asked])

    evaluate.main()

    measured = json.loads(rows.read_text())
    assert {"results", "untold", "numbers", "refused", "scores"} <= measured.keys()
    (row,) = measured["results"]
    assert row["n"] == 200
    assert row["low"] < row["accuracy"] <= row["high"]
    assert f"| {row['right']} | {row['accuracy']:.2f} |" in capsys.readouterr().out


def test_a_damaged_model_ends_the_evaluation_in_one_sentence(
    drawn_mnist: Path, tmp_path: Path
) -> None:
    """Otherwise a traceback hides what to do."""
    folder = shutil.copytree(EMBEDDED_WEIGHTS, tmp_path / "damaged")
    with (folder / "model.tflite").open("r+b") as file:
        file.write(b"damaged!")
    script = str(ROOT / "scripts" / "evaluate.py")

    run = subprocess.run(
        [sys.executable, script, "--data", str(drawn_mnist), "--model", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 1
    assert "model.tflite" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.usefixtures("few_pictures")
def test_evaluate_shows_the_confusion_and_the_errors_of_each_set(
    drawn_mnist: Path,
    drawn_dev: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Otherwise nobody can see what is read wrong."""
    asked = ["--data", str(drawn_mnist), "--dev", str(drawn_dev)]
    errors = tmp_path / "errors"
    monkeypatch.setattr(sys, "argv", ["evaluate.py", *asked, "--errors", str(errors)])

    evaluate.main()

    printed = capsys.readouterr().out
    photos = printed.split("\nphotos\n")[1].splitlines()
    assert photos[0].split() == ["label", *map(str, range(10)), "none"]
    counts = [int(word) for line in photos[1:11] for word in line.split()[1:] if word != "."]
    assert sum(counts) == 10
    sheets = {sheet.name for sheet in errors.iterdir()}
    assert {"MNIST_test.png", "photos.png", "freehand_thin_brush_4_px.png"} <= sheets
    assert len(sheets) == 10
    assert "| freehand numbers | 3 | 3 |" in printed
    assert "| numbers on pages | 3 | 3 |" in printed
    assert "| two lines | 1 | 1 |" in printed
    assert "| kinds of paper, all | 3 | 3 |" in printed


@pytest.mark.usefixtures("few_pictures")
def test_an_ablation_leaves_out_what_it_says_and_tells_what_that_costs(
    drawn_mnist: Path,
    drawn_dev: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Otherwise an ingredient that buys nothing stays, or one that buys much goes."""
    card = shutil.copytree(EMBEDDED_WEIGHTS, tmp_path / "artefact")
    asked = ["--data", drawn_mnist, "--dev", drawn_dev, "--card", card]
    smoke = ["--epochs", "1", "--limit", "600"]
    monkeypatch.setattr(sys, "argv", ["ablate.py", *map(str, asked), *smoke])
    monkeypatch.setattr(ablate, "TRAINING", {"drawn digits": ablate.TRAINING["drawn digits"]})

    ablate.main()

    metrics = json.loads((card / "metrics.json").read_text())
    whole, *_ = metrics["reader_ablation"]["nothing"]
    stretched, *_ = metrics["reader_ablation"]["framing as MNIST's"]
    assert metrics["reader_ablation"].keys() == {
        "nothing",
        *ablation.LEFT_OUT,
        "the spotter and the judge",
    }
    assert stretched["right"] == whole["right"] - stretched["lost"] + stretched["won"]
    assert stretched["right"] < whole["right"]
    assert metrics["ablation"]["training"].keys() == ablate.TRAINING.keys()
    printed = capsys.readouterr().out
    written = (card / "README.md").read_text()
    assert all(
        f"| {name} | " in text for text in (printed, written) for name in metrics["reader_ablation"]
    )
    assert all("| drawn digits | " in text for text in (printed, written))


@pytest.mark.parametrize("name", ablate.TRAINING)
def test_what_an_ablation_leaves_out_is_there_otherwise(name: str) -> None:
    """Otherwise the table compares the recipe with itself."""

    def recipe() -> tuple[object, ...]:
        layers = [type(layer) for layer in augment.build_augmentation(0).layers]
        shares = (
            training_set.DRAWN_PER_DIGIT,
            training_set.PIECES_PER_DIGIT,
            training_set.NEGATIVES_PER_DIGIT,
        )
        return layers, shares, muon.ConvolutionMuon, trainer.LABEL_SMOOTHING, muon.AVERAGED_SHARE

    whole = recipe()
    with ablate.TRAINING[name]():
        assert (recipe() == whole) == (name == "nothing")


def test_the_benchmark_times_each_picture(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Otherwise the times in docs/speed.md cannot be checked."""
    monkeypatch.setattr(benchmark, "BULK_FRAMES", 64)
    monkeypatch.setattr(sys, "argv", ["benchmark.py", "--reading", "--repeat", "2"])

    benchmark.main()

    printed = capsys.readouterr().out
    rows = re.findall(r"^\| (.+) \| ([\d.,]+) \| [\d.,]+ – [\d.,]+ \|$", printed, re.MULTILINE)
    assert len(rows) == len(benchmark.PICTURES) + 3
    assert all(float(median.replace(",", "")) > 0 for _, median in rows)


def test_the_benchmark_measures_apps_side_by_side(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise nobody can see what this app costs beside another."""
    monkeypatch.delitem(benchmark.APPS, "compiled")
    monkeypatch.setattr(benchmark, "STARTS", 1)
    monkeypatch.setattr(benchmark, "ANSWERS", 10)
    monkeypatch.setattr(benchmark, "CLIENTS", (1, 4))

    figures = benchmark.measure_apps(tmp_path, 1)

    rows = benchmark.table(figures).splitlines()[2:]
    assert len(rows) == 5 + len(benchmark.CLIENTS)
    assert not any("–" in row for row in rows)
    assert all(low > 0 for of in figures.values() for _, low, _ in of.values())
