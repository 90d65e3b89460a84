"""What the page says of its model: the figures and pictures of the model's card."""

from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from digit_model.artefact import METRICS_FILE, check_size, parse_json
from digit_model.errors import ArtefactError

PICTURES = {
    "confusion.png": "How often each digit was read as each other",
    "errors.png": "Every test image that is read wrong",
    "reliability.png": "How far the probabilities hold",
}
TABLES = {"results": "Single digits", "numbers": "Whole numbers, right only if every digit is"}
HEAD = "| set | pictures | right, % | 95 % interval |\n|---|---:|---:|---|\n"


def describe_model(folder: Path | None) -> str:
    """The card's figures and pictures, in Markdown.

    Args:
        folder: the artefact's; None where there is none.
    """
    tables = _read_tables(folder) if folder else {}
    parts = [f"**{TABLES[name]}**\n\n{HEAD}{rows}" for name, rows in tables.items()]
    parts += [
        f"![{words}](about/{name})"
        for name, words in PICTURES.items()
        if folder and (folder / name).is_file()
    ]
    return "\n\n".join(parts) or "This model comes without figures."


def _read_tables(folder: Path) -> dict[str, str]:
    """The rows of each table; none where the file is missing or another's."""
    try:
        check_size(folder / METRICS_FILE)
        metrics = parse_json((folder / METRICS_FILE).read_bytes(), METRICS_FILE)
        return {name: "\n".join(map(_row, metrics[name])) for name in TABLES}
    except (ArtefactError, KeyError, TypeError, ValueError):
        return {}


def _row(row: dict[str, Any]) -> str:
    """A row of a table."""
    name = str(row["set"]).replace("|", " ")
    return (
        f"| {name} | {row['n']:,} | {row['accuracy']:.2f} | {row['low']:.2f} – {row['high']:.2f} |"
    )


class CardPictures:
    """Serves the pictures of a model's card.

    Args:
        folder: the artefact's; None where there is none.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    async def show(self, request: Request) -> Response:
        """One of `PICTURES`, or 404."""
        name = request.path_params["name"]
        if self._folder is None or name not in PICTURES or not (self._folder / name).is_file():
            return Response(status_code=404)
        return FileResponse(self._folder / name, media_type="image/png")
