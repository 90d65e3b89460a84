"""Make pages, and train the spotter and the network that names the marks it finds.

    python scripts/train_spotter.py --data mnist.npz

On two CPU cores, making 14,000 pages takes three minutes. A training step of the spotter takes 0.16
to 0.25 s, so all of them take about an hour. Cutting out the marks takes five minutes, training the
judge, which names them, twenty, and fitting the choice between two readings ten. The same
command resumes an interrupted run, and continues a finished one if it asks for more steps. The
spotter's last epoch prints

    500/500 - centre_loss: 0.7418 - ... - val_centre_loss: 0.7605 - val_kind_loss: 0.5996

The spotter that ships is that of the 24th epoch: with it, more of the development sets was read
than with the last one. `--steps` was 27,000 for the first 19 epochs, 18,000 up to the 22nd, and
then 20,000. The judge was trained on the marks that this spotter found. The choice depends on the
classifier too: after training another one to ship, fit it again with `--only-choice`.
"""

import argparse
import json
import os
import shlex
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # Pages are made by one process per core.

from digit_model.errors import DigitModelError
from digit_model.lines.batches import Batches
from digit_model.lines.choice import WEIGHTS_FILE
from digit_model.lines.closeups import Closeups
from digit_model.lines.kinds import KINDS
from digit_model.lines.settings import Settings
from digit_model.lines.spotter import Spotter
from digit_model.model.classifier import open_classifier
from digit_model.reader import EMBEDDED_WEIGHTS, SPOTTER_FOLDER
from digit_model.training.data import Samples, load_mnist
from digit_model.training.spotting.pages import SHARD_PAGES, open_shards, write_shards


def main() -> None:
    """Make the pages that are missing, train both networks, and write their files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="an mnist.npz; without it, Keras downloads MNIST")
    parser.add_argument("--pages", type=int, default=14000, help="number of pages to make")
    parser.add_argument("--steps", type=int, default=20000, help="training steps of the spotter")
    parser.add_argument(
        "--epochs", type=int, default=8, help="epochs of the network that names the marks"
    )
    parser.add_argument(
        "--only-choice",
        action="store_true",
        help="only fit the choice between two readings, for the networks that ship",
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of all random choices")
    parser.add_argument(
        "--out", type=Path, default=Path("build/spotter"), help="folder for both networks"
    )
    arguments = parser.parse_args()
    try:
        split = load_mnist(arguments.data)
    except DigitModelError as error:
        sys.exit(f"train_spotter.py: {error}")
    if arguments.only_choice:
        write_choice(SPOTTER_FOLDER, split.validation, arguments.seed)
        return
    folder = arguments.out / "pages"
    train_files = write_shards(split.train, folder, arguments.pages, arguments.seed)
    validation_files = write_shards(split.validation, folder, SHARD_PAGES, arguments.seed + 1)

    import keras

    from digit_model.training.callbacks import read_history
    from digit_model.training.spotting import closeups, export, trainer
    from digit_model.training.trainer import HISTORY_FILE

    keras.utils.set_random_seed(arguments.seed)
    pages, validation = open_shards(train_files), open_shards(validation_files)
    trainer.fit(pages, validation, arguments.steps, arguments.seed, arguments.out)
    # The saved network has the averaged weights, also if a finished run had nothing left to do.
    network = keras.saving.load_model(arguments.out / trainer.NETWORK_FILE, compile=False)
    *_, last = read_history(arguments.out / HISTORY_FILE)
    artefact = arguments.out / "artefact"
    spotter = export.export_spotter(network, artefact, validation[0].picture)

    print("Cutting out what the spotter finds, for the network that names it.", flush=True)
    train_closeups = closeups.make_closeups(pages, spotter, arguments.seed)
    validation_closeups = closeups.make_closeups(validation, spotter, arguments.seed)
    namer = closeups.fit(train_closeups, validation_closeups, arguments.epochs, arguments.seed)
    labels = keras.utils.to_categorical(validation_closeups.labels, KINDS)
    _, accuracy = namer.evaluate(validation_closeups.frames.astype("float32"), labels)
    export.export_closeups(namer, artefact, validation_closeups.frames)
    training = {
        "command": shlex.join(["python", "scripts/train_spotter.py", *sys.argv[1:]]),
        "data": "MNIST's training part, on pages that the project makes",
        "pages": arguments.pages,
        "steps": arguments.steps,
        "batch": trainer.BATCH,
        "seed": arguments.seed,
        "parameters": network.count_params(),
        "validation": {name: round(value, 4) for name, value in last.items() if "val_" in name},
        "closeups": {
            "marks": len(train_closeups.labels),
            "epochs": arguments.epochs,
            "parameters": namer.count_params(),
            "validation_accuracy": round(accuracy, 4),
        },
    }
    export.write_config(artefact, training)
    write_choice(artefact, split.validation, arguments.seed)
    print(f"Written to {artefact}. Serve it: copy it to {SPOTTER_FOLDER}")


def write_choice(folder: Path, samples: Samples, seed: int) -> None:
    """Fit the choice between two readings for the networks in a folder, and write it there."""
    from digit_model.training.spotting.choice import fit_choice

    print("Reading pictures in both ways, to learn which reading to choose.", flush=True)
    judge = Closeups(folder / "closeups.tflite")
    spotter = Spotter(folder / "spotter.tflite")
    batches = Batches(open_classifier(EMBEDDED_WEIGHTS), spotter, judge, Settings())
    fitted = fit_choice(batches, samples, seed)
    text = json.dumps({"command": shlex.join(["python", *sys.argv]), **fitted}, indent=2) + "\n"
    (folder / WEIGHTS_FILE.name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
