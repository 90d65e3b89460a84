"""Pictures that take long to read, and a search for the slowest.

`python -m tests.support.slow_pictures --minutes 10` prints each that is slower than all before it.
"""

import argparse
import math
import time
from collections.abc import Iterator

import numpy as np

import digit_model
from tests.support.files import encode
from tests.support.patterns import FORMS, KINDS, LOOKS, Recipe, draw

SIDES = 100, 2600  # Pixels of the picture.
PITCHES = 3.0, 300.0  # Pixels from one mark to the next.
PENS = 1.0, 40.0  # Pixels.
FRESH = 0.3  # Of the tries are new recipes; the others change one of the slowest.
KEPT = 8  # Of the slowest that are changed.
CHANGED = 0.35  # Of a recipe's numbers.


def invent(random: np.random.Generator) -> Recipe:
    """A recipe at random."""
    width, height = np.exp(random.uniform(math.log(SIDES[0]), math.log(SIDES[1]), 2)).astype(int)
    return Recipe(
        str(random.choice(KINDS)),
        int(width),
        int(height),
        float(np.exp(random.uniform(*np.log(PITCHES)))),
        float(np.exp(random.uniform(*np.log(PENS)))),
        random.random(),
        float(random.choice([0, 0, 45, random.uniform(-90, 90)])),
        str(random.choice(LOOKS)),
        str(random.choice(FORMS)),
        int(random.integers(1000)),
    )


def mutate(recipe: Recipe, random: np.random.Generator) -> Recipe:
    """A recipe that differs a little."""
    other = invent(random)
    changes: dict[str, object] = {}
    for name in Recipe._fields[1:]:
        if random.random() > CHANGED:
            continue
        old, new = getattr(recipe, name), getattr(other, name)
        if name in ("pitch", "pen", "width", "height"):
            low, high = {"pitch": PITCHES, "pen": PENS}.get(name, SIDES)
            new = type(old)(np.clip(old * math.exp(random.normal(0, 0.3)), low, high))
        elif name == "share":
            new = float(np.clip(old + random.normal(0, 0.15), 0, 1))
        changes[name] = new
    return recipe._replace(**changes)  # type: ignore[arg-type]


def seconds(reader: digit_model.Reader, recipe: Recipe) -> float:
    """How long it takes to read a picture, in seconds of the processor."""
    content = encode(draw(recipe), recipe.form)
    begin = time.process_time()
    reader.read(content)
    return time.process_time() - begin


def search(reader: digit_model.Reader, budget: float, seed: int) -> Iterator[tuple[float, Recipe]]:
    """Look for the slowest picture for so many seconds; yield what is slower than all before."""
    random = np.random.default_rng(seed)
    slowest: list[tuple[float, Recipe]] = []
    end = time.monotonic() + budget
    while time.monotonic() < end:
        if len(slowest) < KEPT or random.random() < FRESH:
            recipe = invent(random)
        else:
            recipe = mutate(slowest[random.integers(len(slowest))][1], random)
        took = seconds(reader, recipe)
        if not slowest or took > slowest[0][0]:
            yield took, recipe
        slowest = sorted([*slowest, (took, recipe)], key=lambda pair: -pair[0])[:KEPT]


def main() -> None:
    """Search, and print."""
    parser = argparse.ArgumentParser(description="Look for the picture that takes longest to read.")
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for took, recipe in search(digit_model.load(), 60 * options.minutes, options.seed):
        print(f"{took:.2f} s", recipe, flush=True)


if __name__ == "__main__":
    main()
