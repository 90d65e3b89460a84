"""What the network in an artefact folder says."""

import hashlib
import json
import resource
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keras
import numpy as np
import pytest

from digit_model import ArtefactError
from digit_model.limits import BATCH_FRAMES
from digit_model.model.classifier import Classifier, open_classifier
from digit_model.reader import EMBEDDED_WEIGHTS
from tests.support.artefacts import edit_config, save_model


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    """The embedded classifier."""
    return open_classifier(EMBEDDED_WEIGHTS)


def test_litert_and_keras_give_the_same_probabilities(
    folder: Path, frames: np.ndarray, classifier: Classifier
) -> None:
    """Otherwise the page shows another model than Keras has. Eight bits move them a little."""
    sha256 = {"model.keras": classifier.config["sha256"]["model.keras"]}
    edit_config(folder, sha256=sha256)
    (folder / "model.tflite").unlink()

    by_keras = open_classifier(folder)(frames)

    np.testing.assert_array_equal(classifier(frames).argmax(axis=1), by_keras.argmax(axis=1))
    np.testing.assert_allclose(classifier(frames), by_keras, atol=0.03)


@pytest.mark.parametrize("shape", [(28, 28), (28, 28, 1)])
def test_a_lone_keras_model_that_rescales_is_given_0_to_255(
    tmp_path: Path, frames: np.ndarray, shape: tuple[int, ...]
) -> None:
    """Otherwise a repository that holds only model.keras reads nonsense."""
    save_model(tmp_path, keras.layers.Rescaling(1 / 255), shape=shape)
    model = keras.saving.load_model(tmp_path / "model.keras")

    expected = model.predict(frames.reshape(-1, *shape), verbose=0)

    np.testing.assert_allclose(open_classifier(tmp_path).predict_once(frames), expected, atol=1e-6)


def test_a_lone_keras_model_that_does_not_rescale_is_given_0_to_1(
    tmp_path: Path, frames: np.ndarray
) -> None:
    """Otherwise the model of nearly every tutorial is fed 255 times too much."""
    save_model(tmp_path)
    model = keras.saving.load_model(tmp_path / "model.keras")

    expected = model.predict(frames[..., None] / 255, verbose=0)

    np.testing.assert_allclose(open_classifier(tmp_path).predict_once(frames), expected, atol=1e-6)


def test_where_keras_is_missing_a_model_that_needs_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a plain Keras model ends in a traceback where only serving is installed."""
    save_model(tmp_path)
    monkeypatch.setitem(sys.modules, "keras", None)

    with pytest.raises(ArtefactError, match="pip install tensorflow"):
        open_classifier(tmp_path)


def test_keras_models_of_many_layers_are_opened(tmp_path: Path) -> None:
    """Otherwise the guard against strangers' models refuses honest ones."""
    shapes = keras.layers.Normalization(mean=0.5, variance=0.1), keras.layers.RandomRotation(0.1)
    convolutions = keras.layers.Conv2D(4, 3), keras.layers.BatchNormalization()
    more = keras.layers.Dropout(0.1), keras.layers.SeparableConv2D(4, 3), keras.layers.PReLU()
    sequence = keras.layers.Reshape((24, 96)), keras.layers.LSTM(4, return_sequences=True)
    save_model(tmp_path, *shapes, *convolutions, *more, *sequence)

    assert open_classifier(tmp_path).labels == list("0123456789")


@pytest.mark.parametrize("units", [1_000_000, 10**15])
def test_a_keras_model_that_asks_for_more_weights_than_it_brings_is_refused(
    tmp_path: Path, units: int
) -> None:
    """Otherwise a few words in its description take gigabytes before a weight is read."""
    save_model(tmp_path, keras.layers.Flatten(), keras.layers.Dense(7777))
    path = tmp_path / "model.keras"
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    asked = members["config.json"].replace(b"7777", str(units).encode())
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in (members | {"config.json": asked}).items():
            archive.writestr(name, content)

    with pytest.raises(ArtefactError, match=r"Received: [\d,]+ weights in"):
        open_classifier(tmp_path)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with keras.StatelessScope():
        pass  # Keras makes the weights then that it has put off.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < before + 50_000


def test_a_litert_model_that_makes_gigabytes_of_a_frame_is_refused(folder: Path) -> None:
    """Otherwise five kilobytes take three gigabytes and ten seconds."""
    enlarged = keras.layers.UpSampling2D(1000), keras.layers.GlobalMaxPooling2D()
    model = keras.Sequential([keras.Input((28, 28, 1)), *enlarged, keras.layers.Dense(12)])
    model.export(folder / "model.tflite", format="litert", verbose=False)
    content = (folder / "model.tflite").read_bytes()
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    sha256 = config["sha256"] | {"model.tflite": hashlib.sha256(content).hexdigest()}
    edit_config(folder, sha256=sha256)

    with pytest.raises(ArtefactError, match=r"at most 10,000,000 bytes for a frame"):
        open_classifier(folder)


def test_many_threads_at_once_get_the_answers_of_one(
    frames: np.ndarray, classifier: Classifier
) -> None:
    """Otherwise two people drawing at the same moment would swap digits."""
    expected = [classifier(frames[[k]]) for k in range(len(frames))]

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda k: classifier(frames[[k % 10]]), range(400)))

    for k, answer in enumerate(answers):
        np.testing.assert_array_equal(answer, expected[k % 10])


def test_a_large_batch_equals_its_frames_one_by_one(
    frames: np.ndarray, classifier: Classifier
) -> None:
    """Otherwise an evaluation measures another reader than people use."""
    many = np.concatenate([frames] * (BATCH_FRAMES // 5))

    rows = classifier(many)

    assert rows.shape == (len(many), len(classifier.labels))
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows[-10:], [classifier(frame[None])[0] for frame in frames], 1e-4)


def test_a_temperature_above_1_makes_less_sure_of_the_same_digit(folder: Path) -> None:
    """Otherwise calibration would change what is read, or nothing at all."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config |= {"labels": ["0", "1", "2"], "temperature": 2.0}

    softmax = np.array([[0.8, 0.15, 0.05]], np.float32)

    row = Classifier(lambda _: softmax, config)(np.zeros((1, 28, 28), np.uint8))[0]

    logits = np.log(softmax[0]) / 2
    np.testing.assert_allclose(row, np.exp(logits) / np.exp(logits).sum(), rtol=1e-5)
