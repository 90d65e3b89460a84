"""What the page says of its model: its name, and the figures and pictures of its card."""

from pathlib import Path
from typing import Any

import gradio as gr
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from digit_model.errors import ArtefactError
from digit_model.model.artefact import METRICS_FILE, check_size, parse_json
from digit_model.page.readings import Readings, Served
from digit_model.page.texts import TEXTS, Texts

PICTURES = "confusion.png", "errors.png", "reliability.png"
TABLES = "results", "numbers"


def write_static(missing: str) -> gr.I18n:
    """What stands in Gradio's own components.

    Args:
        missing: the name of the model that was asked for, if it cannot be reached; "" for none.
    """
    languages = {}
    for language in TEXTS:
        texts = Texts(language)
        warning = f"⚠️ **{texts('unreachable', model=missing)}**\n\n" if missing else ""
        languages[language] = {
            "description": warning + texts("description"),
            "probabilities": texts("probabilities"),
            "about": texts("about"),
        }
    return gr.I18n(**languages)


def describe(served: Served, texts: Texts) -> str:
    """What the page says of a model, in Markdown: its name, and its card's figures and pictures."""
    folder = served.reader.folder
    tables = _read_tables(folder) if folder else {}
    pictures = [name for name in PICTURES if folder and (folder / name).is_file()]
    head = f"| {texts('head')} |\n|---|---:|---:|---|\n"
    parts = [f"**{texts('model', model=served.name or texts('built_in'))}**"]
    parts += [f"**{texts(name)}**\n\n{head}{rows}" for name, rows in tables.items()]
    parts += [f"![{texts(Path(name).stem)}](about/{name})" for name in pictures]
    return "\n\n".join(parts if len(parts) > 1 else [*parts, texts("no_figures")])


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


class About:
    """Serves what is told of the model that answers now.

    Args:
        readings: know it.
    """

    def __init__(self, readings: Readings) -> None:
        self._readings = readings

    async def name(self, _: Request) -> Response:
        """The name of the model, for programs; null for the one that comes with the code."""
        return JSONResponse({"model": self._readings.served.name or None})

    async def show(self, request: Request) -> Response:
        """One of the card's `PICTURES`, or 404."""
        folder, name = self._readings.served.reader.folder, request.path_params["name"]
        if folder is None or name not in PICTURES or not (folder / name).is_file():
            return Response(status_code=404)
        return FileResponse(folder / name, media_type="image/png")
