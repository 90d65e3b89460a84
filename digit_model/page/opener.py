"""A process of its own that opens strangers' pictures: a decoder may crash, or not come to an end.

On its standard input it is sent the length of a picture's file, in eight bytes, and the file. On
its standard output it answers with a line of JSON, which has the mode and size of the opened
picture, or the error; after the former follow the pixels.
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
from digit_model.limits import OPEN_MB, OPEN_SECONDS, READ_SECONDS
from digit_model.picture.files import open_file

ROOT = Path(__file__).parents[2]
LENGTH = 8  # Bytes.


class Opener:
    """Opens pictures one by one, in a process that is started again whenever it has ended."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process = _start()

    def open(self, content: bytes) -> Image.Image:
        """Open a picture's file; see `digit_model.picture.files.open_file`.

        Raises:
            PictureError: as there, or if it takes more than `OPEN_SECONDS` of a core's time or
                `OPEN_MB` of memory.
        """
        with self._lock:
            if self._process.poll() is not None:
                self._process = _start()
            # The process limits its own computing; this is for one that waits.
            end = Timer(READ_SECONDS, self._process.kill)
            end.daemon = True
            end.start()
            try:
                return self._ask(content)
            except (OSError, EOFError) as error:
                self._process.kill()
                self._process.communicate()
                raise PictureError(
                    f"Expected a picture that opens within {OPEN_SECONDS} seconds. This one takes "
                    "longer, or is damaged. Save it again as PNG or JPEG, or shrink it."
                ) from error
            finally:
                end.cancel()

    def _ask(self, content: bytes) -> Image.Image:
        asked, answered = self._process.stdin, self._process.stdout
        assert asked, "It is a pipe."
        assert answered, "It is a pipe."
        asked.write(len(content).to_bytes(LENGTH))
        asked.write(content)
        asked.flush()
        line = answered.readline()
        if not line:
            raise EOFError
        head = json.loads(line)
        if "error" in head:
            raise PictureError(head["error"])
        mode, size = head["mode"], tuple(head["size"])
        return Image.frombytes(mode, size, answered.read(len(mode) * math.prod(size)))


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "digit_model.page.opener"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Or Ctrl-C would end it before the last answers are given.
    )


def main() -> None:
    """Answer until the standard input ends."""
    if sys.platform == "linux":  # Elsewhere, the limit also counts what is not used.
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (OPEN_MB * 1024**2, OPEN_MB * 1024**2))
    while length := sys.stdin.buffer.read(LENGTH):
        content = sys.stdin.buffer.read(int.from_bytes(length))
        _limit_time(OPEN_SECONDS)
        try:
            image, _ = open_file(content)
            head, pixels = {"mode": image.mode, "size": image.size}, image.tobytes()
        except PictureError as error:
            head, pixels = {"error": str(error)}, b""
        _limit_time(0)
        sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + pixels)
        sys.stdout.buffer.flush()


def _limit_time(seconds: float) -> None:
    """End this process once it has computed for so long from now on; 0 for no limit."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_PROF, seconds)


if __name__ == "__main__":
    main()
