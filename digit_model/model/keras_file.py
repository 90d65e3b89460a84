"""A .keras file -> the network that it describes, once it is known to unpack to no more than it is.

It is a zip file of a description in JSON and of the weights in HDF5. Both formats may compress,
so that kilobytes become gigabytes. Keras compresses neither, so what is compressed is refused.
"""

import io
import math
import re
import zipfile
from pathlib import Path
from typing import Any

from digit_model.errors import ArtefactError, excerpt
from digit_model.model.artefact import JSON_BYTES, check_size, parse_json

DESCRIPTION, WEIGHTS = "config.json", "model.weights.h5"
MEMBER = re.compile(r"metadata\.json|config\.json|model\.weights\.h5|assets/(?!.*\.\.)[\w./-]+")
MEMBERS_BYTES = 100_000  # Of the list of members: ours has 200, and 100 kB take 2 MB of memory.
LINKS = 3000  # In the weights: ours have 102, and 3,000 are looked through within 0.4 s.
DEPTH = 30  # Groups in groups of weights: ours have 4, and to open one takes longer at each.
TEXT_BYTES = 16  # In HDF5, for the length and place of one text.


class _ShortReads(io.FileIO):
    """Reads no more at once than a list of members may have: zipfile believes what a file says."""

    def read(self, size: int | None = -1) -> bytes:
        if size is not None and size > MEMBERS_BYTES:
            raise zipfile.BadZipFile(f"its list of members has {size} bytes")
        return super().read(size)


def read_description(path: Path) -> dict[str, Any]:
    """Check a .keras file and read its description, without Keras.

    Raises:
        ArtefactError: if it is none, or would take much more memory than it takes on the disk.
    """
    check_size(path)
    try:
        with _ShortReads(path) as file, zipfile.ZipFile(file) as archive:
            _check_members(archive.infolist(), path.stat().st_size)
        with zipfile.ZipFile(path) as archive:
            text, weights = archive.read(DESCRIPTION), archive.read(WEIGHTS)
        _check_weights(weights)
    # Of what zipfile and h5py raise at a damaged file, neither has a list.
    except Exception as error:
        raise ArtefactError(
            f"Expected a Keras 3 model in {path}, as Keras writes it. "
            f"Received: {excerpt(error)}. Save the model again with Keras."
        ) from error
    description = parse_json(text, f"{DESCRIPTION} of {path}")
    if not isinstance(description, dict):
        raise ArtefactError(
            f"Expected {DESCRIPTION} of {path} to describe a network. "
            f"Received: {type(description).__name__}. Save the model again with Keras."
        )
    return description


def _check_members(members: list[zipfile.ZipInfo], size: int) -> None:
    for member in members:
        if not MEMBER.fullmatch(member.filename):
            raise ValueError(f"a member {member.filename!a}")
        # Of what is compressed, zipfile unpacks a gigabyte at once, whatever size is declared.
        if member.compress_type != zipfile.ZIP_STORED or member.compress_size != member.file_size:
            raise ValueError(f"{member.filename}, compressed")
        if member.filename == DESCRIPTION and member.file_size > JSON_BYTES:
            raise ValueError(f"{DESCRIPTION} of {member.file_size:,} bytes")
    if sum(member.file_size for member in members) > size:
        raise ValueError("members that overlap or end beyond the file")


def _check_weights(content: bytes) -> None:
    import h5py

    links, unpacked = 0, 0
    with h5py.File(io.BytesIO(content)) as file:
        groups = [(file, 1)]
        # Not h5py's visititems, which takes minutes where groups are nested by the thousand.
        while groups:
            group, depth = groups.pop()
            links += len(group)
            if links > LINKS or depth > DEPTH:
                raise ValueError(f"more than {LINKS} arrays of weights, or {DEPTH} nested groups")
            for name in group:
                if group.get(name, getclass=True, getlink=True) is not h5py.HardLink:
                    raise ValueError(f"{name!a}, a link that may leave the file")
                item = group[name]
                if isinstance(item, h5py.Group):
                    groups.append((item, depth + 1))
                    continue
                if not isinstance(item, h5py.Dataset) or item.dtype.hasobject:
                    raise ValueError(f"{name!a}, which is no array of numbers")
                # The one attribute that Keras reads; a hundred texts may be one text of megabytes.
                marks = item.attrs
                if "dtype" in marks and marks.get_id("dtype").get_storage_size() > TEXT_BYTES:
                    raise ValueError(f"{name!a}, whose dtype is no text")
                unpacked += math.prod(item.shape or ()) * item.dtype.itemsize
    if unpacked > len(content):
        raise ValueError(f"{unpacked:,} bytes of weights in a file of {len(content):,}")
