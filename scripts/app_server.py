"""Starts the app in a process of its own, as users do, for tests and measurements."""

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
START_SECONDS = 60  # How long to wait for a start, an answer or a line of the log.


def free_port() -> int:
    """Find a port on which no program listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class AppServer:
    """A running Python program that serves at the port given as its last argument.

    Args:
        log: file to write its output to, in the folder where it runs.
        command: the program and its arguments.
        environment: additional environment variables.

    Attributes:
        url: its address.
        process: its process.
        log: file with its output.
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
        """Wait until the program answers.

        Raises:
            RuntimeError: if it ends, or does not answer within `START_SECONDS`.
        """
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                urllib.request.urlopen(self.url, timeout=START_SECONDS).close()
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"Expected the app to serve. It printed: {self.log.read_text()}")

    def status(self, pid: int | None = None) -> dict[str, str]:
        """Read the status of its process, or of another one: field -> value (Linux).

        Memory is in kB.
        """
        lines = Path(f"/proc/{pid or self.process.pid}/status").read_text().splitlines()
        return {field: value.strip() for field, _, value in (line.partition(":") for line in lines)}

    def peaks_mb(self) -> list[float]:
        """Peak memory of its process and of each child process, in MB (Linux)."""
        pid = self.process.pid
        tasks = Path(f"/proc/{pid}/task").glob("*/children")
        children = [int(child) for task in tasks for child in task.read_text().split()]
        return [int(self.status(p)["VmHWM"].split()[0]) / 1024 for p in (pid, *children)]

    def stop(self) -> None:
        """End the process."""
        self.process.terminate()
        self.process.wait()

    def wait_for_log(self, text: str) -> None:
        """Wait until the program has printed a text.

        Raises:
            RuntimeError: if it does not print it within `START_SECONDS`.
        """
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
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
    """Run a program until the block ends; see `AppServer`."""
    server = AppServer(log, *command, **environment)
    try:
        server.wait()
        yield server
    finally:
        server.stop()
