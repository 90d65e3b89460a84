"""The app as users start it, for tests and measurements."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
START_SECONDS = 60


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class AppServer:
    """A running program that serves at the port given as its last argument.

    Attributes:
        url: where it serves.
        process: the process itself.
        log: file with what it has printed.
    """

    def __init__(self, log: Path, *command: str, **environment: str) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.log = log
        with log.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-u", *command, "--port", str(port)],
                env={**os.environ, **environment},
                cwd=log.parent,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def wait(self) -> None:
        """Wait until it answers.

        Raises:
            RuntimeError: if it ends, or does not answer in time.
        """
        limit = time.monotonic() + START_SECONDS
        while time.monotonic() < limit and self.process.poll() is None:
            try:
                urllib.request.urlopen(self.url, timeout=START_SECONDS).close()
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"Expected the app to serve. It printed: {self.log.read_text()}")

    def status(self, pid: int | None = None) -> dict[str, str]:
        """What the system says of its process, or of one of its own: field -> value (Linux).

        Memory is in kB.
        """
        lines = Path(f"/proc/{pid or self.process.pid}/status").read_text().splitlines()
        return {field: value.strip() for field, _, value in (line.partition(":") for line in lines)}

    def peaks_mb(self) -> list[float]:
        """The most memory that it and each process of its own have held (Linux)."""
        pid = self.process.pid
        tasks = Path(f"/proc/{pid}/task").glob("*/children")
        children = [int(child) for task in tasks for child in task.read_text().split()]
        return [int(self.status(of)["VmHWM"].split()[0]) / 1024 for of in (pid, *children)]

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait()

    def wait_for_log(self, text: str) -> None:
        """Wait until it prints this.

        Raises:
            RuntimeError: if it does not in time.
        """
        limit = time.monotonic() + START_SECONDS
        while time.monotonic() < limit:
            if text in self.log.read_text():
                return
            time.sleep(0.1)
        raise RuntimeError(f"Expected {text!r}. It printed: {self.log.read_text()}")


@contextmanager
def serve(folder: Path, *arguments: str, **environment: str) -> Iterator[AppServer]:
    """Run `app.py` with these arguments and environment variables until the block ends."""
    with running(folder / "app.log", str(ROOT / "app.py"), *arguments, **environment) as server:
        yield server


@contextmanager
def running(log: Path, *command: str, **environment: str) -> Iterator[AppServer]:
    """Run an app until the block ends; see `AppServer`."""
    server = AppServer(log, *command, **environment)
    try:
        server.wait()
        yield server
    finally:
        server.stop()
