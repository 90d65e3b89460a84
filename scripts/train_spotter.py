"""Make pages, and train the spotter, the network that finds the digits on them.

    python scripts/train_spotter.py --data mnist.npz

On two CPU cores, 14,000 pages take three minutes and a step 0.16 to 0.25 s, so all of it takes an
hour or a little more. An interrupted run goes on where it was when the same command is given again,
and a finished one when more steps are asked for. It ends with

    500/500 - centre_loss: 0.7737 - ... - val_centre_loss: 0.7177 - val_kind_loss: 1.3936

The weights that come with the code are older than this recipe: they were made with the code as of
commit 9c6d102, whose pages had fewer signs and whose network had no layer of its own for kinds.
They were asked for 30,000 steps at first, then for 20,000 and last for 17,500.
"""

import argparse
import os
import shlex
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # Each core makes pages of its own.

from digit_model.errors import DigitModelError
from digit_model.reader import SPOTTER_FOLDER
from digit_model.training.data import load_mnist
from digit_model.training.spotting.pages import SHARD, open_shards, write_shards


def main() -> None:
    """Make what is missing, train, and say what is wrong with the data in a sentence."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="an mnist.npz; without it, Keras downloads MNIST")
    parser.add_argument("--pages", type=int, default=14000, help="how many are made")
    parser.add_argument("--steps", type=int, default=17500, help="of the training")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("build/spotter"))
    arguments = parser.parse_args()
    try:
        split = load_mnist(arguments.data)
    except DigitModelError as error:
        sys.exit(f"train_spotter.py: {error}")
    folder = arguments.out / "pages"
    files = write_shards(split.train, folder, arguments.pages, arguments.seed)
    held_out = write_shards(split.validation, folder, SHARD, arguments.seed + 1)

    import keras

    from digit_model.training.callbacks import read_history
    from digit_model.training.spotting.export import export_spotter
    from digit_model.training.spotting.trainer import BATCH, NETWORK_FILE, fit
    from digit_model.training.trainer import HISTORY_FILE

    keras.utils.set_random_seed(arguments.seed)
    validation = open_shards(held_out)
    fit(open_shards(files), validation, arguments.steps, arguments.seed, arguments.out)
    # What it saved has averaged weights, also where a finished run had nothing left to do.
    network = keras.saving.load_model(arguments.out / NETWORK_FILE, compile=False)
    *_, last = read_history(arguments.out / HISTORY_FILE)
    made = {
        "command": shlex.join(["python", "scripts/train_spotter.py", *sys.argv[1:]]),
        "data": "MNIST's training part, on pages that the project makes",
        "pages": arguments.pages,
        "steps": arguments.steps,
        "batch": BATCH,
        "seed": arguments.seed,
        "parameters": network.count_params(),
        "validation": {name: round(value, 4) for name, value in last.items() if "val_" in name},
    }
    export_spotter(network, arguments.out / "artefact", validation[0].picture, made)
    print(f"Written to {arguments.out / 'artefact'}. Serve it: copy it to {SPOTTER_FOLDER}")


if __name__ == "__main__":
    main()
