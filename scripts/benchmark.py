"""Measure this app beside the usual digit demo and a Gradio app that does nothing.

    python -m scripts.benchmark

Runs every app as its users would, on this machine and one after the other, prints a table of
medians, and writes them as JSON with the middle eight tenths of what was measured. Takes some
minutes.
"""

import argparse
import asyncio
import io
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import digit_model
from digit_model.training.strokes import STYLES, draw_digit
from scripts.callers import Caller, call_together
from scripts.rivals import KINDS, Rival
from tests.app_server import ROOT, AppServer

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
    **{kind: [str(ROOT / "scripts" / "rivals.py"), kind] for kind in KINDS},
}
STARTS = 3
ANSWERS = 100  # After which the peak of the memory is read.
CLIENTS = 1, 8, 32
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


def measure_app(name: str, folder: Path, repeat: int) -> Figures:
    """How fast an app starts, answers and serves many, and its peak memory."""
    inputs = 2 if name == "this app" else 1
    sketch = make_picture("sketch", np.random.default_rng(0))
    pages, answers = [], []

    async def draw(caller: Caller, _: int) -> None:
        await caller.draw(sketch)

    def call(clients: int, calls: int) -> list[float]:
        return asyncio.run(call_together(server.url, clients, calls, draw, inputs))

    for _ in range(STARTS):
        begin = time.perf_counter()
        server = AppServer(folder / "app.log", *APPS[name])
        try:
            server.wait()
            pages.append(time.perf_counter() - begin)
            call(1, 1)
            answers.append(time.perf_counter() - begin)
            if len(answers) < STARTS:
                continue
            call(1, ANSWERS)
            figures = {
                "start to the page, s": spread(pages),
                "start to the first answer, s": spread(answers),
                "peak memory, MB": spread([int(server.status()["VmHWM"].split()[0]) / 1024]),
            }
            took = 1000 * np.array(call(1, 10 * repeat))
            figures["one request, ms"] = spread(took)
            figures["one request, 99th percentile, ms"] = spread([np.percentile(took, 99)])
            for clients in CLIENTS:
                begin = time.perf_counter()
                calls = 10 * repeat
                call(clients, calls)
                rate = calls / (time.perf_counter() - begin)
                figures[f"{clients} clients, requests a second"] = spread([rate])
        finally:
            server.stop()
    return figures


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


def table(figures: dict[str, Figures]) -> str:
    """All figures as Markdown, and how ours compare with the usual demo's and the bare app's."""
    rows = [
        f"| | {' | '.join(figures)} | to usual | to bare |",
        "|---|" + "---:|" * (len(figures) + 2),
    ]
    for row, (ours, *_) in figures["this app"].items():
        cells = [f"{of[row][0]:.4g}" if row in of else "–" for of in figures.values()]
        for other in ("usual", "bare"):
            known = row in figures[other]
            cells.append(f"{ours / figures[other][row][0]:.2g}" if known else "–")
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
            print(f"| {row} | {median:.4g} | {low:.4g} – {high:.4g} |")
        return
    with tempfile.TemporaryDirectory() as folder:
        ours["command line, sketches a second"] = spread([files_a_second(Path(folder))])
        figures = {name: measure_app(name, Path(folder), arguments.repeat) for name in APPS}
    figures["this app"] |= ours
    for kind in ("usual", "compiled"):
        rival = Rival(compiled=kind == "compiled")
        scaled = frames[..., None] / np.float32(255)
        figures[kind] |= measure_reading(rival.classify, rival.read, scaled, arguments.repeat)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print(table(figures))


if __name__ == "__main__":
    main()
