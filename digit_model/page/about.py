"""The page's section on its model: name, and the model card's figures and pictures."""

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
    """Translate the texts of Gradio's own components.

    Args:
        missing: the name of the requested model if it cannot be reached, or "".
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


def describe_model(served: Served, texts: Texts) -> str:
    """Describe a model in Markdown: its name, and its card's figures and pictures."""
    folder = served.reader.folder
    tables = _read_tables(folder) if folder else {}
    pictures = [name for name in PICTURES if folder and (folder / name).is_file()]
    head = f"| {texts('head')} |\n|---|---:|---:|---|\n"
    parts = [f"**{texts('model', model=served.name or texts('built_in'))}**"]
    parts += [f"**{texts(name)}**\n\n{head}{rows}" for name, rows in tables.items()]
    parts += [f"![{texts(Path(name).stem)}](about/{name})" for name in pictures]
    return "\n\n".join(parts if len(parts) > 1 else [*parts, texts("no_figures")])


def _read_tables(folder: Path) -> dict[str, str]:
    """Read the rows of each table; none if the file is missing or has another format."""
    try:
        check_size(folder / METRICS_FILE)
        metrics = parse_json((folder / METRICS_FILE).read_bytes(), METRICS_FILE)
        return {name: "\n".join(map(_format_row, metrics[name])) for name in TABLES}
    except (ArtefactError, KeyError, TypeError, ValueError):
        return {}


def _format_row(row: dict[str, Any]) -> str:
    name = str(row["set"]).replace("|", " ")
    return (
        f"| {name} | {row['n']:,} | {row['accuracy']:.2f} | {row['low']:.2f} – {row['high']:.2f} |"
    )


class About:
    """Routes about the model that is served now.

    Args:
        readings: its `served` is the model.
    """

    def __init__(self, readings: Readings) -> None:
        self._readings = readings

    async def name(self, _: Request) -> Response:
        """Return the model's name as JSON; null for the built-in model."""
        return JSONResponse({"model": self._readings.served.name or None})

    async def show(self, request: Request) -> Response:
        """Return one of the card's `PICTURES`, or 404."""
        folder, name = self._readings.served.reader.folder, request.path_params["name"]
        if folder is None or name not in PICTURES or not (folder / name).is_file():
            return Response(status_code=404)
        return FileResponse(folder / name, media_type="image/png")
