"""The training set: MNIST's digits, and what MNIST lacks."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context

import numpy as np
from tqdm import tqdm

from digit_model.training.data import Samples
from digit_model.training.negatives import make_negatives
from digit_model.training.strings import take_strings_apart
from digit_model.training.strokes import draw_digits
from digit_model.training.styles import STYLES

DRAWN_PER_DIGIT = 0.4  # Drawn digits per digit of MNIST, equally many of each style.
PIECES_PER_DIGIT = 0.5  # Pieces of strings of digits per digit of MNIST.
NEGATIVES_PER_DIGIT = 0.35  # Frames of what is not a digit per digit of MNIST.
EXAMPLES = 120  # Examples of each digit that the page can show beside others.


def mix(digits: Samples, seed: int) -> dict[str, Samples]:
    """Make a training set from MNIST's digits.

    Args:
        digits: MNIST's digits, or some of them.
        seed: of the random generators.

    Returns:
        Samples by their source: "MNIST", "drawn digits", "strings", "not a digit". Their labels
        are 0 to 9, `SEVERAL_DIGITS` and `NOT_A_DIGIT`.
    """
    count = len(digits.labels)
    drawn = draw_digits(round(DRAWN_PER_DIGIT * count / sum(map(len, STYLES.values()))), seed)
    return {
        "MNIST": digits,
        "drawn digits": drawn,
        "strings": take_strings_apart(join([digits, drawn]), round(PIECES_PER_DIGIT * count), seed),
        "not a digit": make_negatives(round(NEGATIVES_PER_DIGIT * count), seed),
    }


def mix_anew(digits: Samples, seeds: Sequence[int]) -> list[Samples]:
    """Call `mix` with each of the seeds, on all cores, and join the parts of each result."""
    # A forked process may hang, because the libraries of the network run threads.
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        rounds = pool.map(mix, repeat(digits), seeds)
        progress = tqdm(rounds, "Drawing what it learns", len(seeds), unit="round", leave=False)
        return [join([*mixed.values()]) for mixed in progress]


def choose_examples(digits: Samples, seed: int) -> np.ndarray:
    """Choose some of MNIST's digits and of drawn digits: uint8 `(10, n, 28, 28)`."""
    first = Samples(digits.frames[: 10 * EXAMPLES], digits.labels[: 10 * EXAMPLES])
    frames, labels = join([first, draw_digits(EXAMPLES // 10, seed)])
    random = np.random.default_rng(seed)
    chosen = [random.choice(np.flatnonzero(labels == digit), EXAMPLES) for digit in range(10)]
    examples: np.ndarray = frames[np.array(chosen)]
    return examples


def join(parts: list[Samples]) -> Samples:
    """Concatenate samples."""
    return Samples(*(np.concatenate(column) for column in zip(*parts, strict=True)))
