"""Make pages, and train the spotter, the network that finds the digits on them.

    python scripts/train_spotter.py --data mnist.npz

On two CPU cores, 14,000 pages take three minutes and a step of the spotter 0.16 to 0.25 s, so it
takes about an hour; what it finds is cut out in five minutes, and the network that names it is
trained in twenty. An interrupted run goes on where it was when the same command is given again, and
a finished one when more steps are asked for. The spotter's last epoch says

    500/500 - centre_loss: 0.7418 - ... - val_centre_loss: 0.7605 - val_kind_loss: 0.5996

The spotter that comes with the code is that of the 24th epoch, which read more of the development
sets than the last one. It was asked for 27,000 steps for its first 19 epochs, for 18,000 up to the
22nd, and then for 20,000. The other network was trained on what it found.
"""

import argparse
import os
import shlex
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # Each core makes pages of its own.

from digit_model.errors import DigitModelError
from digit_model.lines.kinds import KINDS
from digit_model.reader import SPOTTER_FOLDER
from digit_model.training.data import load_mnist
from digit_model.training.spotting.pages import SHARD_PAGES, open_shards, write_shards


def main() -> None:
    """Make what is missing, train, and say what is wrong with the data in a sentence."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="an mnist.npz; without it, Keras downloads MNIST")
    parser.add_argument("--pages", type=int, default=14000, help="how many are made")
    parser.add_argument("--steps", type=int, default=20000, help="of the training")
    parser.add_argument("--epochs", type=int, default=8, help="of what names the marks")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("build/spotter"))
    arguments = parser.parse_args()
    try:
        split = load_mnist(arguments.data)
    except DigitModelError as error:
        sys.exit(f"train_spotter.py: {error}")
    folder = arguments.out / "pages"
    files = write_shards(split.train, folder, arguments.pages, arguments.seed)
    held_out = write_shards(split.validation, folder, SHARD_PAGES, arguments.seed + 1)

    import keras

    from digit_model.training.callbacks import read_history
    from digit_model.training.spotting import closeups, export, trainer
    from digit_model.training.trainer import HISTORY_FILE

    keras.utils.set_random_seed(arguments.seed)
    pages, validation = open_shards(files), open_shards(held_out)
    trainer.fit(pages, validation, arguments.steps, arguments.seed, arguments.out)
    # What it saved has averaged weights, also where a finished run had nothing left to do.
    network = keras.saving.load_model(arguments.out / trainer.NETWORK_FILE, compile=False)
    *_, last = read_history(arguments.out / HISTORY_FILE)
    artefact = arguments.out / "artefact"
    spotter = export.export_spotter(network, artefact, validation[0].picture)

    print("It looks at the pages, for the network that names what it finds.", flush=True)
    seen = closeups.make_closeups(pages, spotter, arguments.seed)
    unseen = closeups.make_closeups(validation, spotter, arguments.seed)
    namer = closeups.fit(seen, unseen, arguments.epochs, arguments.seed)
    wanted = keras.utils.to_categorical(unseen.labels, KINDS)
    _, accuracy = namer.evaluate(unseen.frames.astype("float32"), wanted)
    export.export_closeups(namer, artefact, unseen.frames)
    made = {
        "command": shlex.join(["python", "scripts/train_spotter.py", *sys.argv[1:]]),
        "data": "MNIST's training part, on pages that the project makes",
        "pages": arguments.pages,
        "steps": arguments.steps,
        "batch": trainer.BATCH,
        "seed": arguments.seed,
        "parameters": network.count_params(),
        "validation": {name: round(value, 4) for name, value in last.items() if "val_" in name},
        "closeups": {
            "marks": len(seen.labels),
            "epochs": arguments.epochs,
            "parameters": namer.count_params(),
            "validation_accuracy": round(accuracy, 4),
        },
    }
    export.write_config(artefact, made)
    print(f"Written to {artefact}. Serve it: copy it to {SPOTTER_FOLDER}")


if __name__ == "__main__":
    main()
