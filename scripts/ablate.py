"""Measure what each ingredient contributes: leave it out, and measure the accuracy again.

    python scripts/ablate.py --data mnist.npz --dev FOLDER --card digit_model/weights

To leave out an ingredient of the picture processing, the reader is patched; to leave out one of the
training, a network is trained anew for a few epochs. MNIST's validation part is used, because its
test part must not influence any choice. The dozen short trainings take most of the time.
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

EMPTY_FRAME = np.zeros((28, 28), np.uint8)


def stretch(digit: np.ndarray, _: Any) -> np.ndarray:
    """Resize the digit's bounding box to the whole frame, as most demos do."""
    return np.asarray(Image.fromarray(digit).resize((28, 28), Image.Resampling.BILINEAR))


def without_layer(layer_type: type[keras.layers.Layer]) -> AbstractContextManager[Any]:
    """Leave out the layers of one type from the augmentation, until the block ends."""
    build_whole = augment.build_augmentation

    def build(seed: int) -> keras.Sequential:
        layers = build_whole(seed).layers
        return keras.Sequential([layer for layer in layers if type(layer) is not layer_type])

    return mock.patch.object(augment, "build_augmentation", build)


PICTURE: dict[str, Callable[[], AbstractContextManager[Any]]] = {
    "nothing": nullcontext,
    "framing as MNIST's": lambda: mock.patch.object(batches, "frame_digit", stretch),
    "widening hair lines": lambda: mock.patch.object(frame, "PEN", 0.0),
    "joining a digit's parts": lambda: mock.patch.object(segment, "REACH_TO_DIGIT", -1.0),
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
        ink, STRONG_TO_NOISE=ink.WEAK_TO_NOISE, STRONG_TO_PEAK=ink.WEAK_TO_PEAK
    ),
}
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
    parser.add_argument("--epochs", type=int, default=4, help="epochs of each short training")
    parser.add_argument("--limit", type=int, help="use only so many images, for a smoke run")
    parser.add_argument(
        "--card", type=Path, help="artefact folder to measure, and to write the tables into"
    )
    arguments = parser.parse_args()
    split = load_mnist(arguments.data, arguments.limit)
    tables: dict[str, dict[str, Any]] = {"picture": {}, "training": {}}
    reader = digit_model.load(arguments.card)
    for name, patch in PICTURE.items():
        with patch():
            results = evaluate(reader, split.validation, arguments.dev, "MNIST validation")
        tables["picture"][name] = [result.row() for result in results]
        print(ablation_table(tables["picture"]), flush=True)
        if name == "nothing":
            whole_results = results
    for name, patch in TRAINING.items():
        keras.utils.set_random_seed(0)
        with patch(), tempfile.TemporaryDirectory() as folder:
            samples = training_set.join([*training_set.mix(split.train, 0).values()])
            network = trainer.fit([samples], split.validation, arguments.epochs, 0, Path(folder))
        tables["training"][name] = [result.row() for result in read_again(whole_results, network)]
        print(ablation_table(tables["training"]), flush=True)
    if arguments.card:
        update_metrics(arguments.card, ablation={"epochs": arguments.epochs, **tables})


if __name__ == "__main__":
    main()
