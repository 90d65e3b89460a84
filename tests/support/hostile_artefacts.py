"""Artefact folders in which a stranger has hidden something, for the tests."""

import hashlib
import io
import json
import os
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py

from digit_model.reader import EMBEDDED_WEIGHTS
from tests.support.files import png

GIGABYTE = 1_000_000_000
DEEP = "[" * 100_000 + "]" * 100_000
with zipfile.ZipFile(EMBEDDED_WEIGHTS / "model.keras") as KERAS:
    MEMBERS = {name: KERAS.read(name) for name in KERAS.namelist()}
CONFIG = json.loads((EMBEDDED_WEIGHTS / "config.json").read_text(encoding="utf-8"))


def make_hostile_artefacts(root: Path) -> Iterator[Path]:
    """Folders, each named after what is wrong with it."""
    for name, text in hostile_configs():
        folder = shutil.copytree(EMBEDDED_WEIGHTS, root / name)
        (folder / "config.json").write_bytes(text)
        yield folder
    for name, content in hostile_keras_files():
        (root / name).mkdir()
        (root / name / "model.keras").write_bytes(content)
        yield root / name
    for file in ("config.json", "model.keras", "model.tflite", "examples.png"):
        for kind, replace in SPECIAL_FILES.items():
            folder = shutil.copytree(EMBEDDED_WEIGHTS, root / f"{file} {kind}")
            (folder / file).unlink()
            replace(folder / file)
            yield folder
    white = zlib.compress(bytes(GIGABYTE // 8), 1)
    for name, sheet in {
        "examples of a gigapixel": png(GIGABYTE // 280, 280, white, depth=1),
        "examples of a gigapixel that are short": png(GIGABYTE // 280, 280, b""),
        "examples that are none": b"\x89PNG",
    }.items():
        folder = shutil.copytree(EMBEDDED_WEIGHTS, root / name)
        (folder / "examples.png").write_bytes(sheet)
        digest = hashlib.sha256(sheet).hexdigest()
        changed = CONFIG | {"sha256": CONFIG["sha256"] | {"examples.png": digest}}
        (folder / "config.json").write_text(json.dumps(changed))
        yield folder


def hostile_configs() -> Iterator[tuple[str, bytes]]:
    """Name and content of a config.json."""
    changes: dict[str, dict[str, Any]] = {
        "NaN": {"temperature": float("nan")},
        "infinity": {"temperature": float("inf")},
        "NaN where nobody looks": {"training": {"seconds": [float("nan")]}},
        "temperature near 0": {"temperature": 1e-300},
        "temperature of 4,000 digits": {"temperature": 10**4000},
        "temperature yes": {"temperature": True},
        "format yes": {"format_version": True},
        "side of a billion": {"frame": {"side": GIGABYTE, "box": 20}},
        "side below 0": {"frame": {"side": -28, "box": -28}},
        "box yes": {"frame": {"side": 28, "box": True}},
        "always sure": {"thresholds": {"sure": -1, "digit": 0.0}},
        "no digits": {"thresholds": {"sure": 0.9, "digit": 1e300}},
        "many labels": {"labels": ["0"] * 100_000},
        "long label": {"labels": [*CONFIG["labels"][:-1], "a" * 500_000]},
        "labels of a terminal's commands": {"labels": ["\x1b[2J"] * 12},
        "many files": {"sha256": {str(number): "" for number in range(10_000)}},
        "file elsewhere": {"sha256": CONFIG["sha256"] | {"../model.keras": ""}},
        "deep checksums": {"sha256": {"a": json.loads("[" * 500 + "]" * 500)}},
    }
    for name, change in changes.items():
        yield name, json.dumps(CONFIG | change).encode()
    text = json.dumps(CONFIG)
    yield "number too large", text.replace('"seed": 0', '"seed": 1e999').encode()
    yield "number of 5,000 digits", text.replace('"seed": 0', '"seed": 1' + "0" * 5000).encode()
    yield "brackets", DEEP.encode()
    yield "braces", ('{"a":' * 100_000 + "0" + "}" * 100_000).encode()
    yield "brackets where nobody looks", text.replace('"seed": 0', f'"seed": {DEEP}').encode()
    yield "megabytes of objects", b"[" + b"{}," * 1_000_000 + b"{}]"
    yield "UTF-16", text.encode("utf-16")
    yield "bytes", b"\xff\xfe\x00" * 1000


def hostile_keras_files() -> Iterator[tuple[str, bytes]]:
    """Name and content of a model.keras."""
    zeros = bytes(GIGABYTE // 4)
    bomb = archive(MEMBERS | {"assets/zeros": zeros}, zipfile.ZIP_DEFLATED)
    yield "unpacks to 250 MB", bomb
    yield (
        "weights that unpack to 250 MB",
        archive(MEMBERS | {"model.weights.h5": zeros}, zipfile.ZIP_DEFLATED),
    )

    def lie(members: list[zipfile.ZipInfo]) -> None:
        members[-1].file_size = 100

    yield (
        "unpacks to more than it says",
        archive(MEMBERS | {"assets/zeros": zeros}, zipfile.ZIP_DEFLATED, lie),
    )

    def overlap(members: list[zipfile.ZipInfo]) -> None:
        members.extend(members * 1000)

    def exceed(members: list[zipfile.ZipInfo]) -> None:
        members[2].file_size = members[2].compress_size = 4 * GIGABYTE

    yield "members that overlap", archive(MEMBERS, change=overlap)
    yield "members of four gigabytes", archive(MEMBERS, change=exceed)
    many = {f"assets/{number}": b"" for number in range(30_000)}
    yield "30,000 members", archive(MEMBERS | many)
    for name in ("../escape", "assets/../../escape", "/escape", "assets/\\..\\escape", "code.py"):
        yield f"member {name}".replace("/", "|"), archive(MEMBERS | {name: b""})
    for name, text in {
        "description of brackets": DEEP.encode(),
        "description of megabytes": b" " * 2_000_000 + b"{}",
        "description that is none": b"7",
        "description of a NaN": b'{"a": NaN}',
    }.items():
        yield name, archive(MEMBERS | {"config.json": text})
    yield "no description", archive({"model.weights.h5": MEMBERS["model.weights.h5"]})
    yield "no weights", archive({"config.json": MEMBERS["config.json"]})
    for name, write in HOSTILE_WEIGHTS.items():
        file = io.BytesIO()
        with h5py.File(file, "w", libver="latest") as weights:
            write(weights)
        yield name, archive(MEMBERS | {"model.weights.h5": file.getvalue()})
    yield "weights of zeros", archive(MEMBERS | {"model.weights.h5": zeros[:49_000_000]})
    yield "text", b"this is no zip file"
    yield "end of a zip file", b"PK\x05\x06" + b"\xff" * 18


def archive(
    members: dict[str, bytes],
    compression: int = zipfile.ZIP_STORED,
    change: Callable[[list[zipfile.ZipInfo]], None] = lambda _: None,
) -> bytes:
    """A zip file, whose list of members may be changed before it is written."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression, compresslevel=1) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
        change(packed.filelist)
    return file.getvalue()


def nest(weights: h5py.File) -> None:
    """A group in a group in a group."""
    group = weights
    for _ in range(4000):
        group = group.create_group("a")


def spread(weights: h5py.File) -> None:
    """As many groups as take a second to look through."""
    for number in range(10):
        for other in range(1000):
            weights.create_group(f"{number}/{other}")


def link(weights: h5py.File) -> None:
    """A way out of the file."""
    weights["vars"] = h5py.ExternalLink("/etc/hostname", "/")


def fill(path: Path) -> None:
    """Ten gigabytes, of which none is on the disk."""
    path.touch()
    os.truncate(path, 10 * GIGABYTE)


def name_types(weights: h5py.File) -> None:
    """An array whose type is a hundred texts."""
    weights.create_dataset("vars/0", data=[0.0]).attrs["dtype"] = ["bfloat16"] * 100


HOSTILE_WEIGHTS: dict[str, Callable[[h5py.File], Any]] = {
    "array that unpacks to gigabytes": lambda weights: weights.create_dataset(
        "vars/0", (GIGABYTE,), "f4", chunks=(GIGABYTE // 100,), compression="gzip"
    ),
    "array of which nothing is written": lambda weights: weights.create_dataset(
        "vars/0", (GIGABYTE,), "f4"
    ),
    "array in another file": lambda weights: weights.create_dataset(
        "vars/0", (GIGABYTE,), "u1", external="/dev/zero"
    ),
    "array of texts": lambda weights: weights.create_dataset("vars/0", data=["a" * 100_000] * 100),
    "array of many types": name_types,
    "nested groups": nest,
    "many groups": spread,
    "link to another file": link,
}

SPECIAL_FILES: dict[str, Callable[[Path], Any]] = {
    "is a pipe": os.mkfifo,
    "is a device": lambda path: path.symlink_to("/dev/zero"),
    "is a folder": Path.mkdir,
    "is the system's": lambda path: path.symlink_to("/proc/self/status"),
    "links to itself": lambda path: path.symlink_to(path),
    "links to nothing": lambda path: path.symlink_to("none"),
    "has ten gigabytes": fill,
    "is empty": Path.touch,
}
