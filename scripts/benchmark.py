"""Measure this app beside the usual digit demo and a Gradio app that does nothing.

    python -m scripts.benchmark

Runs every app as its users would, on this machine, prints a table of medians, and writes them as
JSON with the middle eight tenths of what was measured. Takes some minutes. Where matplotlib is
installed, Gradio imports it in every one of them: 0.3 s and 29 MB more for all.
"""

import argparse
import asyncio
import io
import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import digit_model
from digit_model.training.strokes import STYLES, draw_digit
from scripts.app_server import ROOT, AppServer
from scripts.baselines import KINDS, Baseline
from scripts.callers import Caller, call_together

# Width and height in pixels; rows and columns of digits.
PICTURES = {
    "sketch": ((280, 280), (1, 1)),
    "sketch of 5 digits": ((480, 320), (1, 5)),
    "photo": ((1000, 750), (1, 1)),
    "photo of 20 numbers": ((1000, 1400), (20, 5)),
    "photo, 12 megapixels": ((4000, 3000), (1, 1)),
}
APPS = {
    "this app": [str(ROOT / "app.py"), "--log-level", "warning"],
    **{kind: [str(ROOT / "scripts" / "baselines.py"), kind] for kind in KINDS},
}
STARTS = 3
ANSWERS = 100  # After which the peak of the memory is read.
CLIENTS = 1, 8, 32
CALLS = 10  # In a row to one app, at least, before it is the next one's turn.
BULK_FRAMES = 4096
BULK_FILES = 1000

Spread = tuple[float, float, float]  # The median, and the tenth and ninetieth percentile.
Figures = dict[str, Spread]


def spread(values: Iterable[float]) -> Spread:
    """The median of some values, and between what the middle eight tenths of them lie."""
    low, median, high = np.percentile([*values], (10, 50, 90)).tolist()
    return median, low, high


def make_picture(name: str, random: np.random.Generator, first: int = 7) -> bytes:
    """A PNG of drawn digits from the first on, or a JPEG of some on paper in slanting light."""
    size, (rows, columns) = PICTURES[name]
    picture = Image.new("L", size, "white")
    cell = size[0] // columns, size[1] // rows
    height = round(0.6 * min(cell))
    for row, column in np.ndindex(rows, columns):
        style = STYLES[(row + column + first) % 10][0]
        frame = Image.fromarray(255 - draw_digit(style, random))
        place = (
            column * cell[0] + (cell[0] - height) // 2,
            row * cell[1] + (cell[1] - height) // 2,
        )
        picture.paste(frame.resize((height, height), Image.Resampling.BICUBIC), place)
    file = io.BytesIO()
    if name.startswith("sketch"):
        picture.save(file, "PNG")
    else:
        light = np.linspace(0.5, 0.8, size[0]) * random.normal(1, 0.01, size[::-1])
        Image.fromarray((np.asarray(picture) * light).astype(np.uint8)).save(file, "JPEG")
    return file.getvalue()


def milliseconds(call: Callable[[], Any], repeat: int) -> Spread:
    """How long a call takes, after one that warms up."""
    times = []
    for _ in range(repeat + 1):
        begin = time.perf_counter()
        call()
        times.append(1000 * (time.perf_counter() - begin))
    return spread(times[1:])


def measure_reading(
    classify: Callable[[np.ndarray], Any],
    read: Callable[[bytes], Any],
    frames: np.ndarray,
    repeat: int,
) -> Figures:
    """How fast a network and the reader around it are, in this process."""
    random = np.random.default_rng(0)
    figures = {"network, one frame, ms": milliseconds(partial(classify, frames[:1]), 10 * repeat)}
    for name, ((width, height), _) in PICTURES.items():
        picture = make_picture(name, random)
        figures[f"{name}, {width}x{height}, ms"] = milliseconds(partial(read, picture), repeat)
    bulk = frames_a_second(partial(classify, frames), len(frames))
    return figures | {"network in bulk, frames a second": bulk}


def frames_a_second(call: Callable[[], Any], count: int) -> Spread:
    """How many frames a call that takes so many gets through in a second."""
    median, low, high = (1000 * count / took for took in milliseconds(call, 3))
    return median, high, low


def measure_apps(folder: Path, repeat: int) -> dict[str, Figures]:
    """How fast the apps start, answer and serve many, and their peak memory."""
    with ExitStack() as stack:
        servers, figures = {}, {}
        for name in APPS:
            servers[name], figures[name] = start_app(name, folder / f"{name}.log", stack)
        for name, more in call_in_turn(servers, repeat).items():
            figures[name] |= more
    return figures


def start_app(name: str, log: Path, stack: ExitStack) -> tuple[AppServer, Figures]:
    """Start an app several times; the last stays until the stack ends it."""
    pages, answers = [], []
    for _ in range(STARTS):
        begin = time.perf_counter()
        server = AppServer(log, *APPS[name])
        stack.callback(server.stop)
        server.wait()
        pages.append(time.perf_counter() - begin)
        call(server, name, 1, 1)
        answers.append(time.perf_counter() - begin)
        if len(answers) < STARTS:
            server.stop()
    call(server, name, 1, ANSWERS)
    return server, {
        "start to the page, s": spread(pages),
        "start to the first answer, s": spread(answers),
        "peak memory, MB": spread([sum(server.peaks_mb())]),
    }


def call(server: AppServer, name: str, clients: int, calls: int) -> list[float]:
    """Draw so often on an app; the seconds that each answer took."""
    sketch = make_picture("sketch", np.random.default_rng(0))

    async def draw(caller: Caller, _: int) -> None:
        await (caller.draw if name == "this app" else caller.draw_on_stock)(sketch)

    return asyncio.run(call_together(server.url, clients, calls, draw))


def call_in_turn(servers: dict[str, AppServer], repeat: int) -> dict[str, Figures]:
    """How fast the apps answer, when what else the machine does slows all of them alike."""
    took: dict[str, list[float]] = {name: [] for name in servers}
    rates: dict[str, dict[int, list[float]]] = {name: {k: [] for k in CLIENTS} for name in servers}
    for _, clients, (name, server) in itertools.product(range(repeat), CLIENTS, servers.items()):
        calls = max(CALLS, 3 * clients)
        begin = time.perf_counter()
        seconds = call(server, name, clients, calls)
        rates[name][clients].append(calls / (time.perf_counter() - begin))
        took[name] += seconds if clients == 1 else []
    return {
        name: {
            "one request, ms": spread(1000 * np.array(took[name])),
            "one request, 99th percentile, ms": spread([1000 * np.percentile(took[name], 99)]),
            **{
                f"{clients} clients, requests a second": spread(values)
                for clients, values in rates[name].items()
            },
        }
        for name in servers
    }


def files_a_second(folder: Path) -> float:
    """How many sketches the command line reads in a second, its start included."""
    sketch = make_picture("sketch", np.random.default_rng(0))
    for number in range(BULK_FILES):
        (folder / f"{number}.png").write_bytes(sketch)
    begin = time.perf_counter()
    rows = str(folder / "rows.txt")
    command = [sys.executable, "-m", "digit_model", str(folder), "--output", rows]
    subprocess.run(command, cwd=ROOT, check=True)
    return BULK_FILES / (time.perf_counter() - begin)


def figure(value: float) -> str:
    """A value to four digits, without an exponent."""
    return f"{float(f'{value:.4g}'):,g}"


def table(figures: dict[str, Figures]) -> str:
    """All figures as Markdown, and how ours compare with the usual demo's and the bare app's."""
    rows = [
        f"| | {' | '.join(figures)} | to usual | to bare |",
        "|---|" + "---:|" * (len(figures) + 2),
    ]
    for row, (ours, *_) in figures["this app"].items():
        cells = [figure(of[row][0]) if row in of else "–" for of in figures.values()]
        for other in ("usual", "bare"):
            known = row in figures[other]
            cells.append(f"{ours / figures[other][row][0]:.3g}" if known else "–")
        rows.append(f"| {row} | {' | '.join(cells)} |")
    return "\n".join(rows)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", help="artefact folder or Hub repository")
    parser.add_argument("--repeat", type=int, default=30, help="readings of each picture")
    parser.add_argument("--reading", action="store_true", help="measure this app's reading alone")
    parser.add_argument("--out", type=Path, default=Path("build/benchmark.json"))
    arguments = parser.parse_args()

    reader = digit_model.load(arguments.model)
    frame = draw_digit(STYLES[7][0], np.random.default_rng(0))
    frames = np.repeat(frame[None], BULK_FRAMES, axis=0)
    ours = measure_reading(reader.classifier, reader.read, frames, arguments.repeat)
    read_all = partial(reader.read_many, [*frames], 1)
    ours["read_many, frames a second"] = frames_a_second(read_all, len(frames))
    if arguments.reading:
        for row, (median, low, high) in ours.items():
            print(f"| {row} | {figure(median)} | {figure(low)} – {figure(high)} |")
        return
    with tempfile.TemporaryDirectory() as folder:
        ours["command line, sketches a second"] = spread([files_a_second(Path(folder))])
        figures = measure_apps(Path(folder), -(-arguments.repeat // 3))
    figures["this app"] |= ours
    for kind in ("usual", "compiled"):
        baseline = Baseline(compiled=kind == "compiled")
        scaled = frames[..., None] / np.float32(255)
        figures[kind] |= measure_reading(baseline.classify, baseline.read, scaled, arguments.repeat)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print(table(figures))


if __name__ == "__main__":
    main()
