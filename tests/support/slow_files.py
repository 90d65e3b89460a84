"""Files of less than 20 MB that would keep a decoder busy for long, or fill the memory."""

import struct
import zlib
from collections.abc import Callable

import numpy as np
from PIL import Image

from tests.support.files import chunk, encode, png

MB = 1_000_000
BOMB = zlib.compress(bytes(MB))
SMALL = Image.new("L", (100, 100), "white")
NOISE = np.random.default_rng(0)


def insert(kind: str, place: int, part: bytes) -> bytes:
    """A small picture's file with a part in it, as often as 19 MB allow."""
    content = encode(SMALL, kind)
    return content[:place] + part * (19 * MB // len(part)) + content[place:]


def make_tags(size: int, count: int) -> bytes:
    """A block of EXIF, each of whose tags tells the whole of it."""
    tags = struct.pack("<HHII", 0x9286, 7, size - 100, 8) * count
    head = b"II*\0" + struct.pack("<IH", 8, count) + tags + bytes(4)
    return head + bytes(size - len(head))


def make_tiff() -> bytes:
    """A TIFF with a tile that is far larger than the picture."""
    tags = [(256, 100), (257, 100), (258, 8), (259, 1), (262, 1), (322, 60_000), (323, 60_000)]
    entries = [struct.pack("<HHII", tag, 4, 1, value) for tag, value in [*tags, (324, 8)]]
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + b"".join(entries) + bytes(19 * MB)


def make_scans() -> bytes:
    """A progressive JPEG that goes over its 36 megapixels again and again."""
    content = encode(Image.new("L", (6000, 6000), "white"), "JPEG", progressive=True)
    last = content[content.rindex(b"\xff\xda") : -2]
    return content[:-2] + last * 200 + content[-2:]


def make_interlaced() -> bytes:
    """An interlaced PNG of a single column."""
    side = 49 * MB
    data = zlib.compress(bytes(2 * side), 1)
    header = struct.pack(">IIBBBBB", 1, side, 8, 0, 0, 0, 1)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", data), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def make_noise() -> bytes:
    """A PNG of 16-bit colour and opacity, near the limits."""
    pixels = NOISE.integers(0, 2, (1500, 1 + 8 * 1500), np.uint8)
    pixels[:, 0] = 4  # The filter that takes longest, Paeth's.
    return png(1500, 1500, zlib.compress(pixels.tobytes(), 1), 16, 6)


FILES: dict[str, Callable[[], bytes]] = {
    "text": lambda: b"P3 2200 1500 255\n" + b"7 " * (2200 * 1500 * 3),
    "comment in a PPM": lambda: b"P6 #" + b"a" * 19 * MB + b"\n10 10 255\n" + bytes(300),
    "comments in a GIF": lambda: insert("GIF", encode(SMALL, "GIF").index(b",", 19), b"!\xfe\1a\0"),
    "comments in a JPEG": lambda: insert("JPEG", 2, b"\xff\xfe\0\2"),
    "parts of a PNG": lambda: insert("PNG", 33, chunk(b"IDAT", b"")),
    "texts in a PNG": lambda: insert("PNG", 33, chunk(b"zTXt", b"a\0\0" + BOMB)),
    "EXIF in a PNG": lambda: insert("PNG", 33, chunk(b"eXIf", make_tags(19 * MB, 60_000))),
    "EXIF in a WebP": lambda: encode(SMALL, "WEBP", exif=make_tags(19 * MB, 60_000)),
    "EXIF in a JPEG": lambda: insert(
        "JPEG", 2, b"\xff\xe1" + struct.pack(">H", 65_008) + b"Exif\0\0" + make_tags(65_000, 5000)
    ),
    "scans of a JPEG": make_scans,
    "tile of a TIFF": make_tiff,
    "tags of a TIFF": lambda: make_tags(19 * MB, 65_000),
    "interlaced column": make_interlaced,
    "noise": make_noise,
}
