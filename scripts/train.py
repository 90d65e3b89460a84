"""Train the digit reader on MNIST and write its artefact folder.

    python scripts/train.py

By default one network is trained for 8 epochs; on two cores that took 37 minutes, and ended with

    | MNIST test | 10,000 | 9,955 | 99.55 | 99.40 – 99.66 |

`--recipe full` trains the one that ships: three teachers, then a student that also learns from
their predictions (distillation). On two cores each takes more than an hour, the student longest. On
one H200 GPU with 16 cores, with KERAS_BACKEND=jax and jax installed, the student took seven
minutes; its teachers were trained side by side, each in its own run. The training soon prints how
long it will take, and the full one ended with

    Epoch 40/40
    484/484 ... accuracy: 0.9798 - loss: 0.3953 - val_accuracy: 0.9863 - val_loss: 0.3340
    | set | n | right | accuracy, % | 95 % interval |
    |---|---:|---:|---:|---|
    | MNIST test | 10,000 | 9,972 | 99.72 | 99.60 – 99.81 |
"""

import argparse
import json
import math
import os
import shlex
import shutil
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

import digit_model
from digit_model.model import hub
from digit_model.model.artefact import DIGITS
from digit_model.model.probabilities import calibrate, predict_with_views
from digit_model.training import muon, trainer
from digit_model.training.calibrate import digit_threshold, fit_temperature, sure_threshold
from digit_model.training.callbacks import read_history
from digit_model.training.corrections import SHOWS_PER_EPOCH, open_corrections
from digit_model.training.data import load_mnist
from digit_model.training.evaluation import markdown_table
from digit_model.training.export import write_artefact
from digit_model.training.report import measure, table_rows, write_report
from digit_model.training.training_set import choose_examples, join, mix, mix_anew

# Most training sets that are made. Each epoch uses one: MNIST's digits with other examples added.
MAX_ROUNDS = 16
# Epochs that use each set in a short training, because making a set takes as long as an epoch.
EPOCHS_PER_ROUND = 2
HELD_OUT_SEED = 1000  # Added to the seed for the validation set.
ACCEPTED_DIGITS = 0.997  # Share of the held-out digits that the threshold must not refuse.
RECIPES = {"quick": (8, 0), "full": (40, 3)}  # Epochs of each network, and number of teachers.
MODEL_FILE = "trained.keras"
SETTINGS_FILE = "settings.json"  # Written when a run starts; its time stamp is that start.


def positive(text: str) -> int:
    """Parse a whole number above 0."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"Expected a number above 0. Received: {text}")
    return number


def parse_arguments() -> argparse.Namespace:
    """Parse the command line, and fill in the recipe's epochs and teachers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="an mnist.npz; without it, Keras downloads MNIST")
    parser.add_argument("--dev", type=Path, help="folder of other sets to measure at the end")
    parser.add_argument(
        "--extra",
        metavar="FOLDER|USER/DATASET",
        help="digits of your own (subfolders 0 to 9, or metadata.jsonl), or corrections from the "
        f"page: each is shown {SHOWS_PER_EPOCH} times an epoch, a fifth held out",
    )
    parser.add_argument(
        "--recipe",
        choices=RECIPES,
        default="quick",
        help="quick: one network; full: the one that ships, taught by others",
    )
    parser.add_argument(
        "--epochs", type=positive, help="epochs of each network, instead of the recipe's"
    )
    parser.add_argument("--limit", type=positive, help="use only so many images, for a smoke run")
    parser.add_argument("--seed", type=int, default=0, help="seed of all random choices")
    parser.add_argument(
        "--out", type=Path, default=Path("build/artefact"), help="folder for the artefact"
    )
    parser.add_argument("--push", metavar="USER/REPO", help="publish to this Hub repository")
    parser.add_argument("--private", action="store_true", help="make a new repository private")
    parser.add_argument("--tag", help="name the published revision, e.g. v1")
    arguments = parser.parse_args()
    epochs, arguments.teachers = RECIPES[arguments.recipe]
    arguments.epochs = arguments.epochs or epochs
    if arguments.dev and not arguments.dev.is_dir():
        parser.error(f"--dev wants a folder. Received: {arguments.dev}")
    return arguments


def open_unfinished(arguments: argparse.Namespace) -> Path:
    """Open the folder of an unfinished run, which the same command resumes.

    Raises:
        DigitModelError: if it cannot be written to, or holds a run with other settings.
    """
    folder: Path = arguments.out.with_name(arguments.out.name + ".unfinished")
    settings = folder / SETTINGS_FILE
    given = {
        key: str(getattr(arguments, key)) for key in ("data", "epochs", "teachers", "limit", "seed")
    }
    if arguments.extra:
        given["extra"] = arguments.extra
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not settings.exists():
            settings.write_text(json.dumps(given), encoding="utf-8")
    except OSError as error:
        raise digit_model.DigitModelError(
            f"Expected a folder to write to beside {arguments.out}. Received: {error.strerror}. "
            "Give another one as --out."
        ) from error
    saved = json.loads(settings.read_text(encoding="utf-8"))
    if given != saved:
        raise digit_model.DigitModelError(
            f"Expected {saved}, as in the unfinished run in {folder}. Received: {given}. "
            "Give the same settings to go on with it, or remove that folder to start afresh."
        )
    return folder


def train(arguments: argparse.Namespace) -> None:
    """Train, calibrate and measure a network, write its artefact, and publish it if asked."""
    split = load_mnist(arguments.data, arguments.limit, arguments.seed)
    unfinished = open_unfinished(arguments)
    extra = open_corrections(arguments.extra) if arguments.extra else None
    if extra:
        print(f"{arguments.extra}: {extra}")
    # The validation set has the same mix of examples as the training sets.
    held_out = mix(split.validation, arguments.seed + HELD_OUT_SEED)
    validation_set = join([*held_out.values()])
    *teacher_files, final = [
        unfinished / str(n) / MODEL_FILE for n in range(arguments.teachers + 1)
    ]
    round_count = min(MAX_ROUNDS, math.ceil(arguments.epochs / EPOCHS_PER_ROUND))
    if not final.exists():
        seeds = range(arguments.seed, arguments.seed + round_count)
        rounds = mix_anew(split.train, seeds)
        if extra:
            rounds = [join([part, *[extra.train] * SHOWS_PER_EPOCH]) for part in rounds]
        teachers: list[keras.Model] = []
        for number, file in enumerate([*teacher_files, final]):
            if not file.exists():
                print(f"Network {number + 1} of {arguments.teachers + 1}; curves in {file.parent}")
                file.parent.mkdir(exist_ok=True)
                seed = arguments.seed + number
                keras.utils.set_random_seed(seed)
                used_teachers = teachers if file == final else []
                network = trainer.fit(
                    rounds, validation_set, arguments.epochs, seed, file.parent, used_teachers
                )
                network.save(file)
            teachers.append(keras.saving.load_model(file, compile=False))
    if keras.backend.backend() != "tensorflow":
        print(
            "Trained. Expected Keras with the backend tensorflow, to write the artefact. Received: "
            f"{keras.backend.backend()}. The network is in {unfinished}. Where that folder is, "
            "give the same command again with KERAS_BACKEND=tensorflow."
        )
        return
    network = keras.saving.load_model(final, compile=False)
    epochs = read_history(final.parent / trainer.HISTORY_FILE)

    raw = predict_with_views(
        validation_set.frames, lambda frames: network.predict_on_batch(frames[..., None])
    )
    temperature = fit_temperature(raw, validation_set.labels)
    probabilities = calibrate(raw, temperature)
    digits = validation_set.labels < len(DIGITS)
    best = probabilities[:, : len(DIGITS)].max(axis=1)
    right = probabilities[:, : len(DIGITS)].argmax(axis=1) == validation_set.labels
    log_odds = np.log(best / (1 - probabilities[:, : len(DIGITS)].sum(axis=1)))[digits]
    thresholds = {
        "sure": sure_threshold(best[digits], right[digits]),
        "digit": digit_threshold(log_odds, accepted=ACCEPTED_DIGITS),
    }
    write_artefact(
        network,
        arguments.out,
        split.train.frames[:1000],
        choose_examples(split.train, arguments.seed),
        temperature,
        thresholds,
        {
            "command": shlex.join(["python", *sys.argv]),
            "repository": arguments.push,
            "tag": arguments.tag,
            "data": "MNIST",
            "rounds": round_count,
            "held_out": {name: len(part.labels) for name, part in held_out.items()},
            "corrections": extra.counts | {"shown": SHOWS_PER_EPOCH} if extra else None,
            "parameters": network.count_params(),
            "epochs": len(epochs),
            "recipe": arguments.recipe,
            "teachers": arguments.teachers,
            "seconds": round(final.stat().st_mtime - (unfinished / SETTINGS_FILE).stat().st_mtime),
            "seed": arguments.seed,
            "batch": trainer.BATCH_SIZE,
            "peak_learning_rate": muon.PEAK_LEARNING_RATE,
            "label_smoothing": trainer.LABEL_SMOOTHING,
        },
    )

    corrected = extra.held_out if extra else None
    measured = measure(digit_model.load(arguments.out), split.test, arguments.dev, corrected)
    right = right[: len(split.validation.labels)]  # Only MNIST's own, which come first.
    validation = {"n": len(right), "accuracy": float(right.mean())}
    write_report(arguments.out, measured, epochs=epochs, validation=validation)
    shutil.rmtree(unfinished)
    print(markdown_table(table_rows(measured)["results"]))
    print(f"Artefact written to {arguments.out}. Try it: python app.py --model {arguments.out}")

    if arguments.push:
        address = hub.push(
            arguments.out, arguments.push, tag=arguments.tag, private=arguments.private
        )
        print(f"Published: {address}")


def main() -> None:
    """Train; print one sentence about an error in the arguments, the data or the Hub."""
    try:
        train(parse_arguments())
    except digit_model.DigitModelError as error:
        sys.exit(f"train.py: {error}")


if __name__ == "__main__":
    main()
