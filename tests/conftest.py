"""What several test files share."""

import gzip
import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.support.hub_server import HubServer

# huggingface_hub reads its environment once, at import, so this comes before any:
# no test reaches the real Hub, or finds the token or the cache of whoever runs it.
HUB = HubServer()
os.environ.update(HUB.environment)

from digit_model import Reader, load  # noqa: E402
from digit_model.model.frame import frame_digit  # noqa: E402
from digit_model.reader import EMBEDDED_WEIGHTS  # noqa: E402
from digit_model.training.data import Samples, load_mnist  # noqa: E402
from digit_model.training.spotting.models import Models  # noqa: E402
from scripts.strokes import STROKES  # noqa: E402
from tests.support.strokes import draw_digit  # noqa: E402


@pytest.fixture(scope="session")
def reader() -> Reader:
    """The reader that everybody gets."""
    return load()


@pytest.fixture(scope="session")
def frames() -> np.ndarray:
    """One frame of each digit: uint8 `(10, 28, 28)`."""
    return np.array([frame_digit(255 - np.asarray(draw_digit(label))) for label in STROKES])


@pytest.fixture(scope="module")
def hub() -> Iterator[HubServer]:
    """A running Hub, empty at the start of each test file."""
    HUB.repositories.clear()
    HUB.start()
    yield HUB
    HUB.stop()


@pytest.fixture(scope="session")
def drawn_mnist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An mnist.npz of digits that we drew: 2,000 + 200, each turned and with its own pen."""
    random = np.random.default_rng(0)

    def draw(count: int) -> tuple[np.ndarray, np.ndarray]:
        labels = random.integers(0, 10, count)
        frames = [
            frame_digit(
                np.asarray(
                    draw_digit(str(label), 56, int(random.integers(2, 7)), ink=255, paper=0).rotate(
                        random.uniform(-15, 15)
                    )
                )
            )
            for label in labels
        ]
        return np.array(frames), labels.astype(np.uint8)

    path = tmp_path_factory.mktemp("data") / "mnist.npz"
    (x_train, y_train), (x_test, y_test) = draw(2000), draw(200)
    np.savez(path, x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    return path


@pytest.fixture(scope="session")
def drawn_dev(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of development sets, of ten digits each and three numbers, that we drew."""
    folder = tmp_path_factory.mktemp("dev")
    (folder / "photos").mkdir()
    frames = []
    with gzip.open(folder / "freehand_digits.jsonl.gz", "wt", encoding="utf-8") as file:
        for label, strokes in STROKES.items():
            file.write(json.dumps({"label": label, "writer": "w", "strokes": strokes}) + "\n")
            picture = draw_digit(label, 200, 12, ink=40, paper=230)
            picture.save(folder / "photos" / f"{label}_w_0.jpg")
            frames.append(frame_digit(np.asarray(draw_digit(label, 56, 4, ink=255, paper=0))))
    numbers = ["42", "203", "1747"]
    with gzip.open(folder / "freehand_numbers.jsonl.gz", "wt", encoding="utf-8") as file:
        for number in numbers:
            strokes = [
                [(x + 1.1 * place, y) for x, y in stroke]
                for place, digit in enumerate(number)
                for stroke in STROKES[digit]
            ]
            file.write(json.dumps({"label": number, "writer": "w", "strokes": strokes}) + "\n")
    for name in ("cheques", "number_pages"):
        (folder / name).mkdir()
        one = {f"{number}.png": number for number in numbers}
        many = {file: [number] for file, number in one.items()}
        labels = json.dumps(one if name == "cheques" else many)
        (folder / name / "labels.json").write_text(labels, encoding="utf-8")
        for number in numbers:
            digits = [np.asarray(draw_digit(digit, 100, 8)) for digit in number]
            Image.fromarray(np.concatenate(digits, axis=1)).save(folder / name / f"{number}.png")
    (folder / "kinds").mkdir()
    kinds = {"plain_1.png": "42", "plain_2.png": "203", "two_lines_1.png": "42\n203"}
    (folder / "kinds" / "labels.json").write_text(json.dumps(kinds), encoding="utf-8")
    for sheet, text in kinds.items():
        lines = [
            np.concatenate([np.asarray(draw_digit(digit, 100, 8)) for digit in line], axis=1)
            for line in text.split("\n")
        ]
        width = max(line.shape[1] for line in lines)
        padded = [np.pad(line, ((0, 0), (0, width - line.shape[1])), mode="edge") for line in lines]
        Image.fromarray(np.concatenate(padded)).save(folder / "kinds" / sheet)
    for name in ("envelope_digits", "binary_digits", "scanned_digits", "small_drawings"):
        np.savez(folder / f"{name}.npz", images=np.array(frames), labels=list(STROKES))
    zigzag = [[(x, (-1) ** x) for x in range(9)]]
    for name in ("doodles", "freehand_letters"):
        with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines([json.dumps({"label": "zigzag", "strokes": zigzag}) + "\n"] * 3)
    np.savez(folder / "scanned_symbols.npz", images=np.array(frames[1:2]), labels=["slash"])
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An artefact folder to damage."""
    return shutil.copytree(EMBEDDED_WEIGHTS, tmp_path / "artefact")


@pytest.fixture
def repository(request: pytest.FixtureRequest) -> str:
    """A repository name that no other test uses, so that nothing of it is cached."""
    return "tester/" + re.sub(r"\W+", "-", request.node.name)[-80:].strip("-_")


@pytest.fixture(scope="session")
def samples(drawn_mnist: Path) -> Samples:
    """Digits that we drew."""
    return load_mnist(drawn_mnist).train


@pytest.fixture(scope="session")
def models(samples: Samples) -> Models:
    """What marks are made after."""
    return Models(samples, np.random.default_rng(0), variants=1)
