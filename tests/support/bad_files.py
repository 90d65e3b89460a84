"""Files that may be sent in place of a picture: damaged, hostile, or only odd."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Iterator

from PIL import Image, PngImagePlugin

from digit_model.picture.files import FORMATS
from tests.support.files import encode, png
from tests.support.strokes import draw_digit

FLIPS = 216  # Files in which bits are flipped, of all kinds together.
FLIPPED = (1, 3, 10)  # Bytes in one of them.
CUTS = 8  # Truncated files of each kind.
BOMB_SIDE = 20_000  # Pixels: 400 megapixels, which deflate to some 50 kB.


def make_bad_files(seed: int = 0) -> Iterator[tuple[str, bytes]]:
    """Name and content of some three hundred and fifty files."""
    dice = random.Random(seed)
    seven = draw_digit("7")
    whole = {kind: encode(seven, kind) for kind in FORMATS}
    for kind, content in whole.items():
        for number in range(CUTS):
            yield f"cut {number}.{kind}", content[: len(content) * number // CUTS]
    for number in range(FLIPS):
        kind = FORMATS[number % len(FORMATS)]
        flipped = bytearray(whole[kind])
        for _ in range(dice.choice(FLIPPED)):
            # Half of them among the headers, where they do the most harm.
            end = len(flipped) if number % 2 else min(len(flipped), 200)
            flipped[dice.randrange(end)] ^= 1 << dice.randrange(8)
        yield f"flipped {number}.{kind}", bytes(flipped)
    yield from odd_files(seven)
    yield from hostile_files(whole)


def odd_files(picture: Image.Image) -> Iterator[tuple[str, bytes]]:
    """Pictures of rare kinds."""
    for mode in ("1", "I;16", "P", "LA"):
        yield f"{mode}.png", encode(picture.convert("L").convert(mode), "PNG")
    for mode in ("CMYK", "YCbCr"):
        yield f"{mode}.jpg", encode(picture.convert("RGB").convert(mode), "JPEG")
    for mode in ("F", "LAB", "CMYK", "I;16"):
        content = picture.convert("RGB").convert("LAB" if mode == "LAB" else "L")
        yield f"{mode}.tiff", encode(content if mode == "LAB" else content.convert(mode), "TIFF")
    for kind in ("GIF", "WEBP", "PNG", "TIFF"):
        turned = [picture.rotate(angle) for angle in range(0, 90, 10)]
        yield f"animated.{kind}", encode(picture, kind, save_all=True, append_images=turned)
    for size in ((1, 1), (1, 20_000), (20_000, 1), (2, 2)):
        yield f"{size}.png", encode(Image.new("L", size), "PNG")
    exif = Image.Exif()
    exif[0x0112] = 99
    exif[0x9286] = "comment " * 8000
    yield "exif.jpg", encode(picture, "JPEG", exif=exif)
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "a" * 50_000_000, zip=True)
    yield "text bomb.png", encode(picture, "PNG", pnginfo=text)


def hostile_files(whole: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """What is no picture, or two things at once, or much larger than it looks."""
    yield "empty.png", b""
    yield "zeros.png", bytes(100_000)
    yield "random.png", random.Random(1).randbytes(100_000)
    yield "page.html", b"<html><body onload='alert(1)'><img src=x></body></html>"
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    yield "script.svg", svg
    yield "script.eps", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) run\n"
    yield "document.pdf", b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>"
    yield "program", b"\x7fELF" + bytes(1000)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("../../escape.png", bytes(10_000_000))
    yield "archive.zip", archive.getvalue()
    for kind in ("PNG", "JPEG", "GIF"):
        yield f"polyglot zip.{kind}", whole[kind] + archive.getvalue()
        yield f"polyglot page.{kind}", whole[kind] + b"<script>alert(1)</script>"
    white = zlib.compress(bytes(BOMB_SIDE * (1 + BOMB_SIDE // 8)), 9)
    yield "bomb.png", png(BOMB_SIDE, BOMB_SIDE, white, depth=1)
    for side in (0, 7_000, 60_000, 2**31 - 1):  # The second is just small enough.
        yield f"header {side}.png", png(side, side, zlib.compress(bytes(1000)))
    yield "inflating.png", png(100, 100, zlib.compress(bytes(200_000_000), 9))
    yield "header.gif", b"GIF89a" + struct.pack("<HH", 65535, 65535) + whole["GIF"][10:]
    # A TIFF whose only directory is followed by itself.
    loop = b"II*\x00" + struct.pack("<IH", 8, 1) + struct.pack("<HHII", 256, 4, 1, 9)
    yield "loop.tiff", loop + struct.pack("<I", 8)


def make_largest_files() -> Iterator[bytes]:
    """Pictures that are just small enough, of what takes the most memory."""
    yield encode(Image.new("RGBA", (7071, 7071)), "PNG")
    yield encode(Image.new("I", (7071, 7071)), "TIFF", compression="tiff_deflate")
    yield encode(Image.new("RGB", (6000, 6000)), "JPEG", progressive=True, subsampling=0)
    yield encode(Image.new("RGBA", (4000, 4000)), "WEBP")
    yield encode(Image.new("RGBA", (4000, 4000)), "AVIF")


def damaged_files() -> dict[str, bytes]:
    """Name -> content of files that no reader can read."""
    whole = encode(draw_digit("3"), "PNG")
    # A header that claims 200 megapixels, before the data of 0.08.
    header = whole[12:16] + struct.pack(">II", 20_000, 10_000) + whole[24:29]
    bomb = whole[:12] + header + struct.pack(">I", zlib.crc32(header)) + whole[33:]
    return {
        "corrupt": whole[: len(whole) // 4],
        "empty": b"",
        "text": b"not a picture",
        "bomb": bomb,
    }
