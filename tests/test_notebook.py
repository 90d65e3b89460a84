"""The notebook that follows a photo through the reader."""

import copy
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parents[1] / "docs" / "how_it_reads.ipynb"


def printed(notebook: Any) -> list[str]:
    """What each cell of code prints, and how many pictures it shows."""
    cells = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            text = [output.text for output in cell.outputs if output.get("name") == "stdout"]
            pictures = sum("image/png" in output.get("data", {}) for output in cell.outputs)
            cells.append(f"{''.join(text)}{pictures} pictures")
    return cells


def test_the_notebook_runs_and_prints_what_it_shows() -> None:
    """Otherwise a class follows a lesson that fails, or that shows what the code no longer does."""
    shown = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    run = copy.deepcopy(shown)

    resources = {"metadata": {"path": str(NOTEBOOK.parent)}}
    NotebookClient(run, timeout=120, kernel_name="python3", resources=resources).execute()

    assert printed(run) == printed(shown)
    assert sum("pictures" in cell and "0 pictures" not in cell for cell in printed(shown)) >= 6
