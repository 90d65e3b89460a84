"""Measure this app beside the usual digit demo and a Gradio app that does nothing.

    python -m scripts.benchmark

Runs every app as its users would, on this machine, prints a table of medians, and writes them as
JSON with their tenth and ninetieth percentiles. Takes some minutes. Where matplotlib is installed,
Gradio imports it in every app, which costs each of them 0.3 s and 29 MB.
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
from digit_model.training.strokes import draw_digit
from digit_model.training.styles import STYLES
from scripts.app_server import ROOT, AppServer
from scripts.baselines import KINDS, Baseline
from scripts.callers import Caller, call_together

# Name -> width and height in pixels; rows and columns of digits.
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
STARTS = 3  # How often each app is started.
ANSWERS = 100  # Answers before the peak memory is read.
CLIENTS = 1, 8, 32  # Numbers of clients that call at the same time.
MIN_CALLS = 10  # Least number of calls to one app before the next app's turn.
BULK_FRAMES = 4096
BULK_FILES = 1000

Spread = tuple[float, float, float]  # The median, the tenth and the ninetieth percentile.
Figures = dict[str, Spread]


def summarise(values: Iterable[float]) -> Spread:
    """Return the median, the tenth and the ninetieth percentile of some values."""
    low, median, high = np.percentile([*values], (10, 50, 90)).tolist()
    return median, low, high


def make_picture(name: str, random: np.random.Generator, first: int = 7) -> bytes:
    """Make a PNG of drawn digits, or a JPEG of them on unevenly lit paper.

    Args:
        name: a key of `PICTURES`; sketches are PNGs.
        random: varies the digits and the light.
        first: the first digit; the others count up from it.
    """
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


def time_call(call: Callable[[], Any], repeat: int) -> Spread:
    """Measure how many milliseconds a call takes, after one call to warm up."""
    times = []
    for _ in range(repeat + 1):
        begin = time.perf_counter()
        call()
        times.append(1000 * (time.perf_counter() - begin))
    return summarise(times[1:])


def measure_reading(
    classify: Callable[[np.ndarray], Any],
    read: Callable[[bytes], Any],
    frames: np.ndarray,
    repeat: int,
) -> Figures:
    """Measure the speed of a network and of the reader around it, in this process."""
    random = np.random.default_rng(0)
    figures = {"network, one frame, ms": time_call(partial(classify, frames[:1]), 10 * repeat)}
    for name, ((width, height), _) in PICTURES.items():
        picture = make_picture(name, random)
        figures[f"{name}, {width}x{height}, ms"] = time_call(partial(read, picture), repeat)
    bulk = measure_frame_rate(partial(classify, frames), len(frames))
    return figures | {"network in bulk, frames a second": bulk}


def measure_frame_rate(call: Callable[[], Any], count: int) -> Spread:
    """Measure how many frames a second a call processes that takes `count` at once."""
    median, low, high = (1000 * count / ms for ms in time_call(call, 3))
    return median, high, low


def measure_apps(folder: Path, repeat: int) -> dict[str, Figures]:
    """Measure how fast the apps start, answer and serve many clients, and their peak memory."""
    with ExitStack() as stack:
        servers, figures = {}, {}
        for name in APPS:
            servers[name], figures[name] = start_app(name, folder / f"{name}.log", stack)
        for name, answer_figures in call_in_turn(servers, repeat).items():
            figures[name] |= answer_figures
    return figures


def start_app(name: str, log: Path, stack: ExitStack) -> tuple[AppServer, Figures]:
    """Start an app several times; the last one runs until the stack ends it."""
    pages, answers = [], []
    for _ in range(STARTS):
        begin = time.perf_counter()
        server = AppServer(log, *APPS[name])
        stack.callback(server.stop)
        server.wait()
        pages.append(time.perf_counter() - begin)
        draw_on(server, name, 1, 1)
        answers.append(time.perf_counter() - begin)
        if len(answers) < STARTS:
            server.stop()
    draw_on(server, name, 1, ANSWERS)
    return server, {
        "start to the page, s": summarise(pages),
        "start to the first answer, s": summarise(answers),
        "peak memory, MB": summarise([sum(server.peaks_mb())]),
    }


def draw_on(server: AppServer, name: str, clients: int, calls: int) -> list[float]:
    """Send an app `calls` drawings in all; return the seconds that each answer took."""
    sketch = make_picture("sketch", np.random.default_rng(0))

    async def draw(caller: Caller, _: int) -> None:
        await (caller.draw if name == "this app" else caller.draw_on_stock)(sketch)

    return asyncio.run(call_together(server.url, clients, calls, draw))


def call_in_turn(servers: dict[str, AppServer], repeat: int) -> dict[str, Figures]:
    """Measure how fast the apps answer, in turns, so that other load slows them all alike."""
    times: dict[str, list[float]] = {name: [] for name in servers}
    rates: dict[str, dict[int, list[float]]] = {name: {k: [] for k in CLIENTS} for name in servers}
    for _, clients, (name, server) in itertools.product(range(repeat), CLIENTS, servers.items()):
        calls = max(MIN_CALLS, 3 * clients)
        begin = time.perf_counter()
        seconds = draw_on(server, name, clients, calls)
        rates[name][clients].append(calls / (time.perf_counter() - begin))
        times[name] += seconds if clients == 1 else []
    return {
        name: {
            "one request, ms": summarise(1000 * np.array(times[name])),
            "one request, 99th percentile, ms": summarise([1000 * np.percentile(times[name], 99)]),
            **{
                f"{clients} client{'s' * (clients > 1)}, requests a second": summarise(values)
                for clients, values in rates[name].items()
            },
        }
        for name in servers
    }


def measure_file_rate(folder: Path) -> float:
    """Measure how many sketches the command line reads in a second, with its start."""
    sketch = make_picture("sketch", np.random.default_rng(0))
    for number in range(BULK_FILES):
        (folder / f"{number}.png").write_bytes(sketch)
    begin = time.perf_counter()
    rows = str(folder / "rows.txt")
    command = [sys.executable, "-m", "digit_model", str(folder), "--output", rows]
    subprocess.run(command, cwd=ROOT, check=True)
    return BULK_FILES / (time.perf_counter() - begin)


def format_cell(value: float) -> str:
    """Format a value to four digits, without an exponent."""
    return f"{float(f'{value:.4g}'):,g}"


def table(figures: dict[str, Figures]) -> str:
    """All figures as Markdown, and the ratios of ours to the usual demo's and the bare app's."""
    rows = [
        f"| | {' | '.join(figures)} | to usual | to bare |",
        "|---|" + "---:|" * (len(figures) + 2),
    ]
    for row, (ours, *_) in figures["this app"].items():
        cells = [format_cell(app[row][0]) if row in app else "–" for app in figures.values()]
        for other in ("usual", "bare"):
            is_measured = row in figures[other]
            cells.append(f"{ours / figures[other][row][0]:.3g}" if is_measured else "–")
        rows.append(f"| {row} | {' | '.join(cells)} |")
    return "\n".join(rows)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", help="artefact folder or Hub repository")
    parser.add_argument("--repeat", type=int, default=30, help="readings of each picture")
    parser.add_argument("--reading", action="store_true", help="measure only this app's reading")
    parser.add_argument(
        "--out", type=Path, default=Path("build/benchmark.json"), help="file for the figures"
    )
    arguments = parser.parse_args()

    reader = digit_model.load(arguments.model)
    frame = draw_digit(STYLES[7][0], np.random.default_rng(0))
    frames = np.repeat(frame[None], BULK_FRAMES, axis=0)
    ours = measure_reading(reader.classifier, reader.read, frames, arguments.repeat)
    read_all = partial(reader.read_many, [*frames], 1)
    ours["read_many, frames a second"] = measure_frame_rate(read_all, len(frames))
    if arguments.reading:
        for row, (median, low, high) in ours.items():
            print(f"| {row} | {format_cell(median)} | {format_cell(low)} – {format_cell(high)} |")
        return
    with tempfile.TemporaryDirectory() as folder:
        ours["command line, sketches a second"] = summarise([measure_file_rate(Path(folder))])
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
