"""What the page says of its model: its name, and the figures and pictures of its card."""

from pathlib import Path
from typing import Any

import gradio as gr
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from digit_model.artefact import METRICS_FILE, check_size, parse_json
from digit_model.errors import ArtefactError
from digit_model.page.texts import TEXTS, Texts

PICTURES = "confusion.png", "errors.png", "reliability.png"
TABLES = "results", "numbers"


def write_static(folder: Path | None, model: str, missing: str) -> gr.I18n:
    """What stands in Gradio's own components, in Markdown.

    Args:
        folder: the model's; None where there is none.
        model: its name and revision; "" for the one that comes with the code.
        missing: the one that it stands in for, which cannot be reached; "" for none.
    """
    tables = _read_tables(folder) if folder else {}
    pictures = [name for name in PICTURES if folder and (folder / name).is_file()]
    languages = {}
    for language in TEXTS:
        texts = Texts(language)
        warning = f"⚠️ **{texts('unreachable', model=missing)}**\n\n" if missing else ""
        languages[language] = {
            "description": warning + texts("description"),
            "probabilities": texts("probabilities"),
            "about": texts("about", model=model or texts("built_in")),
            "card": _describe(tables, pictures, texts),
        }
    return gr.I18n(**languages)


def _describe(tables: dict[str, str], pictures: list[str], texts: Texts) -> str:
    """The figures and pictures of the card."""
    head = f"| {texts('head')} |\n|---|---:|---:|---|\n"
    parts = [f"**{texts(name)}**\n\n{head}{rows}" for name, rows in tables.items()]
    parts += [f"![{texts(Path(name).stem)}](about/{name})" for name in pictures]
    return "\n\n".join(parts) or texts("no_figures")


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
