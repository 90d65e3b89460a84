"""The digits that are shown beside one that was read."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from digit_model import ArtefactError, Reader, load
from digit_model.model.artefact import CONFIG_FILE, EXAMPLES_FILE
from digit_model.model.examples import ExampleDigits, open_examples, save_examples
from digit_model.training.data import Samples
from digit_model.training.training_set import EXAMPLES, choose_examples
from tests.support.strokes import draw_digit


def test_the_example_most_like_a_digit_is_shown() -> None:
    """Otherwise a slashed 0 stands over a plain one."""
    bar = np.zeros((28, 28), np.uint8)
    bar[4:24, 13:15] = 255
    slanted = np.array([np.roll(row, 7 - number // 2) for number, row in enumerate(bar)])
    examples = ExampleDigits(np.broadcast_to([bar, slanted], (10, 2, 28, 28)))

    assert np.array_equal(examples.nearest(np.roll(bar, 1, axis=1), 1), bar)
    assert np.array_equal(examples.nearest(np.roll(slanted, 1, axis=1), 1), slanted)


def test_an_explanation_shows_one_of_the_answers_own_digits(reader: Reader) -> None:
    """Otherwise a 4 stands under a 9."""
    (digit,) = reader.read(draw_digit("4"), digits=1).digits

    example = reader.explain(digit).example

    known = reader.classifier.examples
    assert known is not None
    assert example is not None
    assert any(np.array_equal(example, other) for other in known.frames[4])


def test_examples_are_written_and_opened_as_they_are(tmp_path: Path) -> None:
    """Otherwise rows and columns are mixed up."""
    frames = np.random.default_rng(0).integers(256, size=(10, 3, 28, 28), dtype=np.uint8)

    save_examples(frames, tmp_path)

    assert np.array_equal(open_examples(tmp_path, 28).frames, frames)


@pytest.mark.parametrize("sheet", [Image.new("L", (28, 28)), b"text"])
def test_a_wrong_sheet_is_explained(folder: Path, sheet: Image.Image | bytes) -> None:
    """Otherwise an artefact made by hand ends the app with a traceback."""
    path = folder / EXAMPLES_FILE
    if isinstance(sheet, bytes):
        path.write_bytes(sheet)
    else:
        sheet.save(path)
    config = json.loads((folder / CONFIG_FILE).read_text())
    config["sha256"][EXAMPLES_FILE] = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / CONFIG_FILE).write_text(json.dumps(config))

    with pytest.raises(ArtefactError, match="ten rows of 28x28 frames"):
        load(folder)


def test_an_artefact_without_examples_explains_without(folder: Path) -> None:
    """Otherwise models that were published before cannot be served."""
    config = json.loads((folder / CONFIG_FILE).read_text())
    del config["sha256"][EXAMPLES_FILE]
    (folder / CONFIG_FILE).write_text(json.dumps(config))
    (folder / EXAMPLES_FILE).unlink()
    reader = load(folder)

    (digit,) = reader.read(draw_digit("4"), digits=1).digits

    assert reader.explain(digit).example is None


def test_examples_are_of_their_own_digit_mnists_and_drawn() -> None:
    """Otherwise the styles that MNIST lacks are never shown."""
    frames = np.repeat(np.arange(10, dtype=np.uint8), 300)[:, None, None] * np.ones(
        (28, 28), np.uint8
    )
    order = np.random.default_rng(0).permutation(len(frames))
    mnist = Samples(frames[order], np.repeat(np.arange(10), 300)[order])

    chosen = choose_examples(mnist, 0)

    assert chosen.shape == (10, EXAMPLES, 28, 28)
    flat = chosen.reshape(10, EXAMPLES, -1)
    is_mnist = flat.max(axis=2) < 10
    assert 0.3 < is_mnist.mean() < 0.7
    assert all((flat[digit][is_mnist[digit]] == digit).all() for digit in range(10))
