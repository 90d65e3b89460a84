"""Call the app thousands of times, and check its answers and its memory.

    python -m scripts.soak --requests 10000 --clients 32

Starts the app, sends it drawings, photos and damaged files, and compares every answer with the
reader's in this process. Prints the app's memory, threads and files after a tenth of the requests
and at the end. The exit status is 1 if an answer was wrong. Takes some minutes.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

import digit_model
from digit_model.page.answer import describe_reading
from digit_model.page.texts import Texts
from digit_model.training.styles import STYLES
from scripts.app_server import AppServer
from scripts.benchmark import APPS, make_picture
from scripts.callers import Caller, CallError, call_together

PICTURES = 40  # Number of different pictures.
DAMAGED_EVERY = 10  # One of this many pictures is a damaged file.
PHOTO_EVERY = 5  # One of this many pictures is a photo.


class Task(NamedTuple):
    """A picture to send, whether it is a drawing or an upload, and the text of its answer."""

    picture: bytes
    is_drawing: bool
    expected: str


class Vitals(NamedTuple):
    """The resources that a process uses at a moment.

    Attributes:
        memory: resident memory, in MiB.
        threads: number of threads.
        handles: number of open files and sockets.
        kept: size of the files in the server's temporary folder, in MiB.
    """

    memory: float
    threads: int
    handles: int
    kept: float


def take_vitals(server: AppServer, folder: Path) -> Vitals:
    """Measure the resources of an app and the size of its temporary folder (Linux)."""
    status = server.status()
    kept = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return Vitals(
        int(status["VmRSS"].split()[0]) / 1024,
        int(status["Threads"]),
        len([*Path(f"/proc/{server.process.pid}/fd").iterdir()]),
        kept / 2**20,
    )


def make_tasks(reader: digit_model.Reader, seed: int = 0) -> list[Task]:
    """Make drawings, photos and damaged files, with the reader's answer to each."""
    random = np.random.default_rng(seed)
    tasks = []
    for number in range(PICTURES):
        name = "photo" if number % PHOTO_EVERY == 1 else "sketch"
        picture = make_picture(name, random, first=number % len(STYLES))
        if number % DAMAGED_EVERY == 0:
            picture = picture[: len(picture) // 3]
        try:
            expected, _ = describe_reading(reader.read(picture), Texts())
        except digit_model.PictureError as error:
            expected = str(error)
        tasks.append(Task(picture, name == "sketch", expected))
    return tasks


async def check(caller: Caller, task: Task) -> str:
    """Send a picture; return what is wrong with the answer, or ""."""
    try:
        call = caller.draw if task.is_drawing else caller.upload
        reply = str((await call(task.picture))[0])
    except CallError as error:
        reply = str(error)
    return (
        "" if task.expected[:40] in reply else f"Expected {task.expected!r}. Received: {reply!r}."
    )


def soak(
    server: AppServer, tasks: list[Task], clients: int, requests: int
) -> tuple[list[float], list[str]]:
    """Let clients send the tasks repeatedly; return each call's seconds, and all problems."""
    wrong = []

    async def call(caller: Caller, number: int) -> None:
        problem = await check(caller, tasks[number % len(tasks)])
        if problem:
            wrong.append(problem)

    seconds = asyncio.run(call_together(server.url, clients, requests, call))
    return seconds, wrong


def main() -> None:
    """Run the load test, and print its results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=10_000, help="pictures to send in all")
    parser.add_argument("--clients", type=int, default=32, help="clients that send at once")
    arguments = parser.parse_args()
    tasks = make_tasks(digit_model.load())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kept = folder / "kept"
        server = AppServer(folder / "app.log", *APPS["this app"], GRADIO_TEMP_DIR=str(kept))
        try:
            server.wait()
            first = arguments.requests // 10
            seconds, wrong = soak(server, tasks, arguments.clients, first)
            before = take_vitals(server, kept)
            begin = time.perf_counter()
            more = soak(server, tasks, arguments.clients, arguments.requests - first)
            rate = (arguments.requests - first) / (time.perf_counter() - begin)
            after = take_vitals(server, kept)
        finally:
            server.stop()
    wrong += more[1]
    half, nearly_all = 1000 * np.percentile(seconds + more[0], (50, 99))
    print(f"{arguments.requests} requests of {arguments.clients} clients, {len(wrong)} answered")
    print(f"wrongly; {rate:.0f} a second, half within {half:.0f} ms, 99 % within {nearly_all:.0f}.")
    print(f"| | after {first:,} | after {arguments.requests:,} |\n|---|---:|---:|")
    for name, early, late in zip(Vitals._fields, before, after, strict=True):
        print(f"| {name} | {early:.4g} | {late:.4g} |")
    for problem in wrong[:10]:
        print(problem)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
