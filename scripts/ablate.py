"""Measure what each ingredient buys: leave it out, and read everything again.

    python scripts/ablate.py --data mnist.npz --dev FOLDER --card digit_model/weights

An ingredient of the picture part is left out of the reader as it is; one of the training, of a
short training from the start. MNIST stands for its validation part: the test part chooses nothing.
The short trainings, a dozen of them, take much the most of the time.
"""

import argparse
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any
from unittest import mock

import keras
import numpy as np
from PIL import Image

import digit_model
from digit_model.lines import batches, segment
from digit_model.model import frame
from digit_model.picture import ink
from digit_model.reading import Reading
from digit_model.training import augment, muon, trainer, training_set
from digit_model.training.data import load_mnist
from digit_model.training.evaluation import Result, ablation_table, evaluate
from digit_model.training.report import update_metrics

EMPTY = np.zeros((28, 28), np.uint8)


def stretch(digit: np.ndarray, _: Any) -> np.ndarray:
    """What most demonstrations do: the digit's box, resized to the whole frame."""
    return np.asarray(Image.fromarray(digit).resize((28, 28), Image.Resampling.BILINEAR))


def without(kind: type[keras.layers.Layer]) -> AbstractContextManager[Any]:
    """The augmentation less one kind of layer."""
    whole = augment.build_augmentation

    def build(seed: int) -> keras.Sequential:
        layers = whole(seed).layers
        return keras.Sequential([layer for layer in layers if type(layer) is not kind])

    return mock.patch.object(augment, "build_augmentation", build)


PICTURE: dict[str, Callable[[], AbstractContextManager[Any]]] = {
    "nothing": nullcontext,
    "framing as MNIST's": lambda: mock.patch.object(batches, "frame_digit", stretch),
    "widening hair lines": lambda: mock.patch.object(frame, "PEN_TO_HEIGHT", 0.0),
    "joining a digit's parts": lambda: mock.patch.object(segment, "REACH", -1.0),
    "flattening the light": lambda: mock.patch.object(
        ink, "_paper", lambda channel: np.full_like(channel, np.median(channel))
    ),
    "finding the sheet": lambda: mock.patch.object(
        ink, "find_sheet", lambda small, _: np.ones(small.shape[:2], bool)
    ),
    "dropping printed rules": lambda: mock.patch.object(
        ink, "find_ruled_lines", lambda marks, *_: np.zeros_like(marks)
    ),
    "hysteresis": lambda: mock.patch.multiple(
        ink, STRONG_NOISE=ink.WEAK_NOISE, STRONG_INK=ink.WEAK_INK
    ),
}
TRAINING: dict[str, Callable[[], AbstractContextManager[Any]]] = {
    "nothing": nullcontext,
    "drawn digits": lambda: mock.patch.object(training_set, "DRAWN", 0),
    "strings taken apart": lambda: mock.patch.object(training_set, "STRINGS", 0),
    "what is not a digit": lambda: mock.patch.object(training_set, "NEGATIVES", 0),
    "warp": lambda: without(augment.RandomWarp),
    "stroke width": lambda: without(augment.RandomStrokeWidth),
    "scan": lambda: without(augment.RandomScan),
    "erasing": lambda: without(keras.layers.RandomErasing),
    "blur": lambda: without(keras.layers.RandomGaussianBlur),
    "Muon, so with AdamW": lambda: mock.patch.object(
        muon, "ConvolutionMuon", keras.optimizers.AdamW
    ),
    "label smoothing": lambda: mock.patch.object(trainer, "LABEL_SMOOTHING", 0.0),
    "averaged weights": lambda: mock.patch.object(muon, "AVERAGED", 0.0),
}


def read_again(results: list[Result], network: keras.Model) -> list[Result]:
    """The same frames, read by another network."""
    again = []
    for name, labels, readings in results:
        frames = np.array(
            [reading.digits[0].frame if reading.digits else EMPTY for reading in readings]
        )
        texts = network.predict(frames[..., None], batch_size=256, verbose=0)[:, :10].argmax(axis=1)
        again.append(Result(name, labels, [Reading(str(text), "unsure", {}, ()) for text in texts]))
    return again


def main() -> None:
    """Leave out one ingredient after the other, and print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="an mnist.npz; without it, Keras downloads MNIST")
    parser.add_argument("--dev", type=Path, required=True, help="folder of the development sets")
    parser.add_argument("--epochs", type=int, default=4, help="of each short training")
    parser.add_argument("--limit", type=int, help="use only so many images, for a smoke run")
    parser.add_argument("--card", type=Path, help="write the tables into this folder's card")
    arguments = parser.parse_args()
    split = load_mnist(arguments.data, arguments.limit)
    tables: dict[str, dict[str, Any]] = {"picture": {}, "training": {}}
    whole = digit_model.load(arguments.card)
    for name, patch in PICTURE.items():
        with patch():
            results = evaluate(whole, split.validation, arguments.dev, "MNIST validation")
        tables["picture"][name] = [result.row() for result in results]
        print(ablation_table(tables["picture"]), flush=True)
        if name == "nothing":
            usual = results
    for name, patch in TRAINING.items():
        keras.utils.set_random_seed(0)
        with patch(), tempfile.TemporaryDirectory() as folder:
            samples = training_set.join([*training_set.mix(split.train, 0).values()])
            network = trainer.fit([samples], split.validation, arguments.epochs, 0, Path(folder))
        tables["training"][name] = [result.row() for result in read_again(usual, network)]
        print(ablation_table(tables["training"]), flush=True)
    if arguments.card:
        update_metrics(arguments.card, ablation={"epochs": arguments.epochs, **tables})


if __name__ == "__main__":
    main()
