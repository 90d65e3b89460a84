"""Check that a .keras file is not a decompression bomb, and read its description.

A .keras file is a zip file with a description in JSON and weights in HDF5. Both formats allow
compression, so kilobytes may unpack to gigabytes. Keras does not compress them, so compressed
files are refused.
"""

import io
import math
import re
import zipfile
from pathlib import Path
from typing import Any

from digit_model.errors import ArtefactError, excerpt
from digit_model.model.artefact import MAX_JSON_BYTES, check_size, parse_json

DESCRIPTION_FILE, WEIGHTS_FILE = "config.json", "model.weights.h5"
MEMBER_PATTERN = re.compile(
    r"metadata\.json|config\.json|model\.weights\.h5|assets/(?!.*\.\.)[\w./-]+"
)
MAX_DIRECTORY_BYTES = 100_000  # Size of the zip directory: ours has 200; 100 kB take 2 MB.
MAX_LINKS = 3000  # Links in the HDF5 file: ours has 102, and checking 3,000 takes 0.4 s.
MAX_DEPTH = 30  # Nesting of HDF5 groups: ours has 4, and deeper groups open more slowly.
HDF5_TEXT_BYTES = 16  # HDF5 stores the length and address of a text in so many bytes.


class _ShortReads(io.FileIO):
    """Limits one read to a valid zip directory: zipfile trusts the size that a file states."""

    def read(self, size: int | None = -1) -> bytes:
        if size is not None and size > MAX_DIRECTORY_BYTES:
            raise zipfile.BadZipFile(f"its list of members has {size} bytes")
        return super().read(size)


def read_description(path: Path) -> dict[str, Any]:
    """Check a .keras file and read its description, without Keras.

    Raises:
        ArtefactError: if it is not a .keras file, or would unpack to more than its size.
    """
    check_size(path)
    try:
        with _ShortReads(path) as file, zipfile.ZipFile(file) as archive:
            _check_members(archive.infolist(), path.stat().st_size)
        with zipfile.ZipFile(path) as archive:
            text, weights = archive.read(DESCRIPTION_FILE), archive.read(WEIGHTS_FILE)
        _check_weights(weights)
    # zipfile and h5py document no list of errors for a damaged file.
    except Exception as error:
        raise ArtefactError(
            f"Expected a Keras 3 model in {path}, as Keras writes it. "
            f"Received: {excerpt(error)}. Save the model again with Keras."
        ) from error
    description = parse_json(text, f"{DESCRIPTION_FILE} of {path}")
    if not isinstance(description, dict):
        raise ArtefactError(
            f"Expected {DESCRIPTION_FILE} of {path} to describe a network. "
            f"Received: {type(description).__name__}. Save the model again with Keras."
        )
    return description


def _check_members(members: list[zipfile.ZipInfo], size: int) -> None:
    for member in members:
        if not MEMBER_PATTERN.fullmatch(member.filename):
            raise ValueError(f"a member {member.filename!a}")
        # zipfile may unpack a gigabyte at once, whatever size the file declares.
        if member.compress_type != zipfile.ZIP_STORED or member.compress_size != member.file_size:
            raise ValueError(f"{member.filename}, compressed")
        if member.filename == DESCRIPTION_FILE and member.file_size > MAX_JSON_BYTES:
            raise ValueError(f"{DESCRIPTION_FILE} of {member.file_size:,} bytes")
    if sum(member.file_size for member in members) > size:
        raise ValueError("members that overlap or end beyond the file")


def _check_weights(content: bytes) -> None:
    import h5py

    links, unpacked = 0, 0
    with h5py.File(io.BytesIO(content)) as file:
        groups = [(file, 1)]
        # h5py's visititems would take minutes for thousands of nested groups.
        while groups:
            group, depth = groups.pop()
            links += len(group)
            if links > MAX_LINKS or depth > MAX_DEPTH:
                raise ValueError(
                    f"more than {MAX_LINKS} arrays of weights, or {MAX_DEPTH} nested groups"
                )
            for name in group:
                if group.get(name, getclass=True, getlink=True) is not h5py.HardLink:
                    raise ValueError(f"{name!a}, a link that may leave the file")
                item = group[name]
                if isinstance(item, h5py.Group):
                    groups.append((item, depth + 1))
                    continue
                if not isinstance(item, h5py.Dataset) or item.dtype.hasobject:
                    raise ValueError(f"{name!a}, which is no array of numbers")
                # Keras reads only this attribute. Many texts may share one text of megabytes.
                attrs = item.attrs
                if "dtype" in attrs and attrs.get_id("dtype").get_storage_size() > HDF5_TEXT_BYTES:
                    raise ValueError(f"{name!a}, whose dtype is no text")
                unpacked += math.prod(item.shape or ()) * item.dtype.itemsize
    if unpacked > len(content):
        raise ValueError(f"{unpacked:,} bytes of weights in a file of {len(content):,}")
