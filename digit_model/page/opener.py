"""Open visitors' pictures in a separate process: a decoder may crash or never end.

The process reads from standard input: the length of a file, in eight bytes, and the file. It
writes to standard output: a line of JSON with the mode and size of the picture, or the error.
The pixels follow, unless there was an error.
"""

import json
import math
import signal
import subprocess
import sys
from pathlib import Path
from threading import Lock, Timer

from PIL import Image

from digit_model.errors import PictureError
from digit_model.limits import MAX_OPEN_MB, MAX_OPEN_SECONDS, MAX_READ_SECONDS
from digit_model.picture.files import open_file

ROOT = Path(__file__).parents[2]
LENGTH_BYTES = 8  # Size of the length that precedes each file.


class Opener:
    """Opens pictures one by one, in a process that is restarted when it has ended."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process = _start()

    def open(self, content: bytes) -> Image.Image:
        """Open a picture's file; see `digit_model.picture.files.open_file`.

        Raises:
            PictureError: as there, or if it takes more than `MAX_OPEN_SECONDS` of CPU time or
                `MAX_OPEN_MB` of memory.
        """
        with self._lock:
            if self._process.poll() is not None:
                self._process = _start()
            # The process limits its own CPU time; this is for one that hangs without computing.
            watchdog = Timer(MAX_READ_SECONDS, self._process.kill)
            watchdog.daemon = True
            watchdog.start()
            try:
                return self._ask(content)
            except (OSError, EOFError) as error:
                self._process.kill()
                self._process.communicate()
                raise PictureError(
                    f"Expected a picture that opens within {MAX_OPEN_SECONDS} seconds. This one "
                    "takes longer, or is damaged. Save it again as PNG or JPEG, or shrink it."
                ) from error
            finally:
                watchdog.cancel()

    def _ask(self, content: bytes) -> Image.Image:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin, "It is a pipe."
        assert stdout, "It is a pipe."
        stdin.write(len(content).to_bytes(LENGTH_BYTES))
        stdin.write(content)
        stdin.flush()
        line = stdout.readline()
        if not line:
            raise EOFError
        head = json.loads(line)
        if "error" in head:
            raise PictureError(head["error"])
        mode, size = head["mode"], tuple(head["size"])
        return Image.frombytes(mode, size, stdout.read(len(mode) * math.prod(size)))


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "digit_model.page.opener"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Else Ctrl-C would end it before the last answers.
    )


def main() -> None:
    """Open pictures until standard input ends."""
    if sys.platform == "linux":  # Elsewhere, the limit also counts unused memory.
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MAX_OPEN_MB * 1024**2, MAX_OPEN_MB * 1024**2))
    while length := sys.stdin.buffer.read(LENGTH_BYTES):
        content = sys.stdin.buffer.read(int.from_bytes(length))
        _limit_time(MAX_OPEN_SECONDS)
        try:
            image, _ = open_file(content)
            head, pixels = {"mode": image.mode, "size": image.size}, image.tobytes()
        except PictureError as error:
            head, pixels = {"error": str(error)}, b""
        _limit_time(0)
        sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + pixels)
        sys.stdout.buffer.flush()


def _limit_time(seconds: float) -> None:
    """End this process after `seconds` of CPU time from now; 0 removes the limit."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_PROF, seconds)


if __name__ == "__main__":
    main()
