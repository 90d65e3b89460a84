"""What a folder holds."""

from pathlib import Path


def contents(folder: Path) -> dict[str, bytes]:
    """Name -> content of each file in a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def files_in(folder: Path) -> set[Path]:
    """All files below a folder."""
    return {path for path in folder.rglob("*") if path.is_file()}
