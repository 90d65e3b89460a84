"""The parts of training, each by itself."""

from pathlib import Path

import keras
import numpy as np
import pytest

from digit_model.errors import ArtefactError
from digit_model.model.artefact import BARE_CONFIG, CLASSES
from digit_model.reading import Reading
from digit_model.training import trainer
from digit_model.training.calibrate import digit_threshold, fit_temperature, sure_threshold
from digit_model.training.data import Samples
from digit_model.training.evaluation import BRUSHES, CANVAS_SIDE, Result, draw_strokes
from digit_model.training.export import write_artefact
from digit_model.training.muon import ConvolutionMuon
from digit_model.training.network import build_network
from scripts.strokes import STROKES


def test_a_temperature_makes_confidence_true() -> None:
    """Otherwise "90 %" is right eight times in ten."""
    random = np.random.default_rng(0)
    logits = random.normal(0, 2, (20_000, 10))
    true = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = (true.cumsum(axis=1) > random.random((len(true), 1))).argmax(axis=1)
    bold = true**3 / (true**3).sum(axis=1, keepdims=True)

    assert fit_temperature(bold, labels) == pytest.approx(3, rel=0.05)


def test_sure_answers_are_as_often_right_as_asked() -> None:
    """Otherwise "sure" means nothing."""
    random = np.random.default_rng(0)
    confidence = random.uniform(0.5, 1, 10_000)
    right = random.random(10_000) < confidence

    threshold = sure_threshold(confidence, right, precision=0.97)

    assert right[confidence >= threshold].mean() == pytest.approx(0.97, abs=0.005)


def test_a_kernel_takes_steps_of_one_length_in_every_direction() -> None:
    """Otherwise training is AdamW's, and takes several times as long to get as far."""
    kernel = keras.Variable(np.zeros((3, 3, 8, 16), np.float32))
    bias = keras.Variable(np.zeros(16, np.float32))
    optimizer = ConvolutionMuon(1e-3, weight_decay=0.0, adam_weight_decay=0.0)
    gradient = np.random.default_rng(0).normal(size=kernel.shape).astype(np.float32)

    optimizer.apply([gradient * np.geomspace(1, 30, 16), np.ones(16)], [kernel, bias])

    step = keras.ops.convert_to_numpy(kernel).reshape(-1, 16)
    lengths = np.linalg.svd(step, compute_uv=False)
    assert lengths.max() / lengths.min() < 2
    assert (step * gradient.reshape(-1, 16)).sum() < 0
    assert np.sqrt((step**2).mean()) == pytest.approx(2e-4, rel=0.2)
    assert keras.ops.convert_to_numpy(bias) == pytest.approx(-1e-3, rel=0.01)


def test_a_network_learns_from_its_teachers_and_they_learn_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise teachers cost hours and change nothing, or forget what they know."""
    monkeypatch.setattr(trainer, "BATCH_SIZE", 8)  # Many steps in few epochs.
    frames = np.random.default_rng(0).integers(256, size=(64, 28, 28), dtype=np.uint8)
    samples = Samples(frames, np.zeros(64, np.int64))
    teacher = build_network()
    teacher.layers[-1].bias.assign(20 * np.eye(CLASSES)[5])  # It says that everything is a 5.
    before = teacher.get_weights()

    # What is kept is the epoch that learned most of the teacher.
    validation = samples._replace(labels=np.full(64, 5))
    network = trainer.fit([samples], validation, 4, 0, tmp_path, [teacher])

    said = network.predict(frames[..., None], verbose=0).mean(axis=0)
    assert said.argsort()[-2:].tolist() == [0, 5]
    pairs = zip(before, teacher.get_weights(), strict=True)
    assert all(np.array_equal(old, new) for old, new in pairs)


def test_each_epoch_shows_the_next_round_in_an_order_of_its_own() -> None:
    """Otherwise what was made anew is never learned, or a batch holds one kind only."""
    count = trainer.BATCH_SIZE + 10
    rounds = [
        Samples(np.full((count, 28, 28), number, np.uint8), np.arange(count) % 10)
        for number in (0, 1)
    ]
    shown = trainer.Rounds(rounds, seed=0)

    epochs = []
    for _ in range(3):
        batches = [shown[number] for number in range(len(shown))]
        epochs.append([np.concatenate(column) for column in zip(*batches, strict=True)])
        shown.on_epoch_end()

    assert [frames.mean() for frames, _ in epochs] == [0, 1, 0]
    assert all(frames.shape == (count, 28, 28, 1) for frames, _ in epochs)
    assert all(labels.shape == (count, CLASSES) for _, labels in epochs)
    assert not np.array_equal(epochs[0][1], epochs[2][1])
    assert np.array_equal(epochs[0][1].sum(axis=0), epochs[2][1].sum(axis=0))


def test_few_digits_are_refused_on_purpose() -> None:
    """Otherwise the threshold refuses real digits, or nothing at all."""
    log_odds = np.random.default_rng(0).normal(8, 3, 10_000)

    threshold = digit_threshold(log_odds, accepted=0.99)

    assert (log_odds >= threshold).mean() == pytest.approx(0.99, abs=0.002)


def test_an_accuracy_comes_with_its_wilson_interval() -> None:
    """Otherwise 9 of 10 looks as certain as 9,000 of 10,000 (expected: Wilson, 1927, by hand)."""
    right, wrong = (Reading(text, "sure", {text: 1.0}, ()) for text in "71")
    row = Result("ten", ["7"] * 10, [right] * 9 + [wrong]).row()

    assert (row["accuracy"], row["low"], row["high"]) == (90.0, 59.58, 98.21)


@pytest.mark.parametrize("brush", BRUSHES.values())
def test_strokes_are_drawn_with_the_brush_and_fit_the_canvas(brush: int) -> None:
    """Otherwise the freehand figures say nothing of the app's canvas."""
    vertical = draw_strokes([[[0, 0], [0, 1000]]], brush)

    ink = 255 - np.asarray(vertical, int)
    assert vertical.size == (CANVAS_SIDE, CANVAS_SIDE)
    assert ink[CANVAS_SIDE // 2].sum() / 255 == pytest.approx(brush, abs=1)
    assert ink[0].sum() == ink[-1].sum() == 0
    eight = np.asarray(
        draw_strokes([[list(point) for point in line] for line in STROKES["8"]], brush)
    )
    assert eight.shape == (CANVAS_SIDE, CANVAS_SIDE)
    assert (eight[[0, -1]] == 255).all()
    assert (eight[:, [0, -1]] == 255).all()
    assert eight.min() == 0


def test_a_model_that_litert_runs_otherwise_is_not_written(
    tmp_path: Path, frames: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise what is served is not what was measured, and the good model before it is gone."""
    monkeypatch.setattr("digit_model.training.export.LITERT_TOLERANCE", -1)
    folder = tmp_path / "artefact"

    with pytest.raises(ArtefactError, match="differ by"):
        write_artefact(
            build_network(), folder, frames, frames[:, None], 1.0, BARE_CONFIG["thresholds"], {}
        )

    assert list(folder.iterdir()) == []
