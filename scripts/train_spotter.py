"""Make pages, and train the spotter, the network that finds the digits on them.

    python scripts/train_spotter.py --data mnist.npz

On two CPU cores that nothing else uses, 1,000 pages take about half a minute and a step 0.4 s, so
that what is asked for by default should take an hour; it has only been run in parts. An interrupted
run goes on where it was when the same command is given again, and a finished one when more steps
are asked for. 6,500 steps, with settings that changed on the way, ended with

    val_centre_loss: 0.93 - val_ink_loss: 0.06 - val_kind_loss: 1.46 - val_loss: 3.1
"""

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # Each core makes pages of its own.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from digit_model.errors import DigitModelError
from digit_model.training.data import load_mnist
from digit_model.training.spotting.pages import SHARD, open_shards, write_shards


def main() -> None:
    """Make what is missing, train, and say what is wrong with the data in a sentence."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="an mnist.npz; without it, Keras downloads MNIST")
    parser.add_argument("--pages", type=int, default=11000, help="how many are made")
    parser.add_argument("--steps", type=int, default=9000, help="of the training")
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

    from digit_model.training.spotting.export import export_spotter
    from digit_model.training.spotting.trainer import LITERT_FILE, NETWORK_FILE, fit

    keras.utils.set_random_seed(arguments.seed)
    validation = open_shards(held_out)
    fit(open_shards(files), validation, arguments.steps, arguments.seed, arguments.out)
    # What it saved has averaged weights, also where a finished run had nothing left to do.
    network = keras.saving.load_model(arguments.out / NETWORK_FILE, compile=False)
    export_spotter(network, arguments.out / LITERT_FILE, validation[0].picture)
    print(f"Written to {arguments.out / LITERT_FILE}.")


if __name__ == "__main__":
    main()
