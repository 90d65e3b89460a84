"""Measure what each ingredient contributes: leave it out, and measure the accuracy again.

    python scripts/ablate.py --data mnist.npz --dev FOLDER --card digit_model/weights

An ingredient of the reader is left out by its settings, without training. One of the training is
left out of a short training from the start; these dozen trainings take most of the time, and
--picture-only skips them. MNIST is its validation part: the test part chooses nothing.
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

import digit_model
from digit_model.reading import Reading
from digit_model.training import augment, muon, trainer, training_set
from digit_model.training.ablation import ablate, load_sets, reader_ablation_table
from digit_model.training.data import load_mnist
from digit_model.training.evaluation import Result, ablation_table, evaluate
from digit_model.training.report import update_metrics

EMPTY_FRAME = np.zeros((28, 28), np.uint8)


def without_layer(layer_type: type[keras.layers.Layer]) -> AbstractContextManager[Any]:
    """Leave out the layers of one type from the augmentation, until the block ends."""
    build_whole = augment.build_augmentation

    def build(seed: int) -> keras.Sequential:
        layers = build_whole(seed).layers
        return keras.Sequential([layer for layer in layers if type(layer) is not layer_type])

    return mock.patch.object(augment, "build_augmentation", build)


TRAINING: dict[str, Callable[[], AbstractContextManager[Any]]] = {
    "nothing": nullcontext,
    "drawn digits": lambda: mock.patch.object(training_set, "DRAWN_PER_DIGIT", 0),
    "strings taken apart": lambda: mock.patch.object(training_set, "PIECES_PER_DIGIT", 0),
    "what is not a digit": lambda: mock.patch.object(training_set, "NEGATIVES_PER_DIGIT", 0),
    "warp": lambda: without_layer(augment.RandomWarp),
    "stroke width": lambda: without_layer(augment.RandomStrokeWidth),
    "scan": lambda: without_layer(augment.RandomScan),
    "erasing": lambda: without_layer(keras.layers.RandomErasing),
    "blur": lambda: without_layer(keras.layers.RandomGaussianBlur),
    "Muon, so with AdamW": lambda: mock.patch.object(
        muon, "ConvolutionMuon", keras.optimizers.AdamW
    ),
    "label smoothing": lambda: mock.patch.object(trainer, "LABEL_SMOOTHING", 0.0),
    "averaged weights": lambda: mock.patch.object(muon, "AVERAGED_SHARE", 0.0),
}


def read_again(results: list[Result], network: keras.Model) -> list[Result]:
    """Read the frames of these results by another network."""
    again = []
    for name, labels, readings in results:
        frames = np.array(
            [reading.digits[0].frame if reading.digits else EMPTY_FRAME for reading in readings]
        )
        texts = network.predict(frames[..., None], batch_size=256, verbose=0)[:, :10].argmax(axis=1)
        again.append(Result(name, labels, [Reading(str(text), "unsure", {}, ()) for text in texts]))
    return again


def main() -> None:
    """Leave out one ingredient after another, and print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="an mnist.npz; without it, Keras downloads MNIST")
    parser.add_argument("--dev", type=Path, required=True, help="folder of the development sets")
    parser.add_argument("--picture-only", action="store_true", help="skip the short trainings")
    parser.add_argument("--epochs", type=int, default=4, help="epochs of each short training")
    parser.add_argument("--limit", type=int, help="use only so many images, for a smoke run")
    parser.add_argument(
        "--card", type=Path, help="artefact folder to measure, and to write the tables into"
    )
    arguments = parser.parse_args()
    split = load_mnist(arguments.data, arguments.limit)
    whole = digit_model.load(arguments.card)
    rows = {}
    for name, results in ablate(whole, load_sets(split.validation, arguments.dev)):
        rows[name] = results
        print(reader_ablation_table(rows), flush=True)
    if arguments.card:
        update_metrics(arguments.card, reader_ablation=rows)
    if arguments.picture_only:
        return
    usual = evaluate(whole, split.validation, arguments.dev, "MNIST validation")
    table = {}
    for name, patch in TRAINING.items():
        keras.utils.set_random_seed(0)
        with patch(), tempfile.TemporaryDirectory() as folder:
            samples = training_set.join([*training_set.mix(split.train, 0).values()])
            network = trainer.fit([samples], split.validation, arguments.epochs, 0, Path(folder))
        table[name] = [result.row() for result in read_again(usual, network)]
        print(ablation_table(table), flush=True)
    if arguments.card:
        update_metrics(arguments.card, ablation={"epochs": arguments.epochs, "training": table})


if __name__ == "__main__":
    main()
