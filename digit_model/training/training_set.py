"""What the network learns: MNIST's digits, and what MNIST lacks."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context

import numpy as np
from tqdm import tqdm

from digit_model.training.data import Samples
from digit_model.training.negatives import make_negatives
from digit_model.training.strings import take_strings_apart
from digit_model.training.strokes import STYLES, draw_digits

# For each of MNIST's digits:
DRAWN = 0.4  # digits that a pen draws, as many of each style,
STRINGS = 0.5  # pieces of strings of digits,
NEGATIVES = 0.35  # and what is not a digit.
EXAMPLES = 120  # Of each digit, to show beside others.


def mix(digits: Samples, seed: int) -> dict[str, Samples]:
    """The digits, and in the variety that people bring what can be made from them or drawn.

    Args:
        digits: MNIST's.
        seed: of the random generators.

    Returns:
        Samples by where they come from: "MNIST", "drawn digits", "strings", "not a digit".
        Their labels are 0 to 9, `SEVERAL_DIGITS` and `NOT_A_DIGIT`.
    """
    count = len(digits.labels)
    drawn = draw_digits(round(DRAWN * count / sum(map(len, STYLES.values()))), seed)
    return {
        "MNIST": digits,
        "drawn digits": drawn,
        "strings": take_strings_apart(join([digits, drawn]), round(STRINGS * count), seed),
        "not a digit": make_negatives(round(NEGATIVES * count), seed),
    }


def mix_anew(digits: Samples, seeds: Sequence[int]) -> list[Samples]:
    """All that `mix` makes of the digits with each of these seeds, on all cores."""
    # A fork of a process in which a network's library runs threads may hang.
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        rounds = pool.map(mix, repeat(digits), seeds)
        progress = tqdm(rounds, "Drawing what it learns", len(seeds), unit="round", leave=False)
        return [join([*mixed.values()]) for mixed in progress]


def choose_examples(digits: Samples, seed: int) -> np.ndarray:
    """Some of MNIST's digits and of those that `mix` draws: uint8 `(10, n, 28, 28)`."""
    first = Samples(digits.frames[: 10 * EXAMPLES], digits.labels[: 10 * EXAMPLES])
    frames, labels = join([first, draw_digits(EXAMPLES // 10, seed)])
    random = np.random.default_rng(seed)
    chosen = [random.choice(np.flatnonzero(labels == digit), EXAMPLES) for digit in range(10)]
    examples: np.ndarray = frames[np.array(chosen)]
    return examples


def join(parts: list[Samples]) -> Samples:
    """All of them, one after the other."""
    return Samples(*(np.concatenate(column) for column in zip(*parts, strict=True)))
