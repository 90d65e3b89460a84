"""What was measured -> the model card and its pictures."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from huggingface_hub import EvalResult, ModelCard, ModelCardData
from matplotlib.figure import Figure
from PIL import Image, ImageDraw

from digit_model.artefact import (
    CARD_FILE,
    CONFIG_FILE,
    CONFUSION_FILE,
    CURVES_FILE,
    ERRORS_FILE,
    METRICS_FILE,
)
from digit_model.frame import MNIST_FRAME
from digit_model.reader import Reader
from digit_model.training.data import Samples
from digit_model.training.evaluation import Result, ablation_table, evaluate, markdown_table
from digit_model.training.numbers import evaluate_numbers

TEMPLATE = Path(__file__).with_name("card.md.jinja")


def draw_learning_curves(epochs: Sequence[dict[str, float]], path: Path) -> None:
    """Loss and accuracy, training and validation, over the epochs."""
    figure = Figure(figsize=(9, 3.5), layout="constrained")
    number = [1 + epoch["epoch"] for epoch in epochs]
    for axes, name, unit in zip(
        figure.subplots(1, 2), ("loss", "accuracy"), ("loss", "accuracy, %"), strict=True
    ):
        factor = 100 if name == "accuracy" else 1
        for key, label in ((name, "training, augmented"), (f"val_{name}", "validation")):
            axes.plot(number, [factor * epoch[key] for epoch in epochs], ".-", label=label)
        axes.set(xlabel="epoch", ylabel=unit)
        axes.grid(alpha=0.3)
        axes.legend()
    figure.savefig(path, dpi=100)


def draw_confusion(result: Result, path: Path) -> None:
    """How often each digit was read as each other."""
    figure = Figure(figsize=(5.5, 5.5), layout="constrained")
    axes = figure.subplots()
    counts = result.confusion()
    axes.imshow(np.log1p(counts), cmap="Blues")
    for (row, column), count in np.ndenumerate(counts):
        colour = "white" if row == column else "black"
        axes.text(column, row, str(count or ""), ha="center", va="center", color=colour)
    axes.set(xlabel="read as", ylabel="label", title=result.name)
    axes.set_xticks(range(11), [*map(str, range(10)), "none"])
    axes.set_yticks(range(10))
    figure.savefig(path, dpi=100)


def draw_errors(result: Result, path: Path) -> None:
    """Every frame that was read wrong, the most confident first, with label and reading."""
    errors = result.errors()
    side, columns, caption = 3 * MNIST_FRAME.side, 10, 28
    width, height = side + 8, side + caption + 8
    sheet = Image.new("L", (columns * width, max(1, -(-len(errors) // columns)) * height), "white")
    pencil = ImageDraw.Draw(sheet)
    for place, (label, reading) in enumerate(errors):
        left, top = place % columns * width, place // columns * height
        text = f"{label} read as {reading.text or 'none'}"
        for digit in reading.digits:
            frame = Image.fromarray(255 - digit.frame).resize((side, side))
            sheet.paste(frame, (left, top + caption))
            text += f"\n{100 * digit.probabilities.max():.1f} %"
        pencil.text((left + 4, top + 1), text, fill="black")
    sheet.save(path)


def measure(reader: Reader, mnist: Samples, dev: Path | None) -> dict[str, list[Result]]:
    """Everything that the card says of a reader.

    Args:
        reader: the whole pipeline.
        mnist: MNIST's test part.
        dev: the folder of the development sets; None leaves them out.

    Returns:
        `results` for single digits, `untold` for the same when the reader is not
        told that there is one, and `numbers`.
    """
    return {
        "results": evaluate(reader, mnist, dev),
        "untold": evaluate(reader, mnist, dev, digits=None),
        "numbers": evaluate_numbers(reader, mnist, dev),
    }


def write_report(
    folder: Path,
    measured: dict[str, list[Result]],
    epochs: Sequence[dict[str, float]],
    validation: dict[str, float],
) -> None:
    """Everything in an artefact folder that is there for people to read.

    Args:
        folder: already holds the model and `config.json`.
        measured: what `measure` gave.
        epochs: what Keras logged of each.
        validation: `n` and `accuracy`, 0 to 1, of the validation part.
    """
    draw_learning_curves(epochs, folder / CURVES_FILE)
    mnist = measured["results"][0]
    draw_confusion(mnist, folder / CONFUSION_FILE)
    draw_errors(mnist, folder / ERRORS_FILE)
    update_metrics(folder, validation=validation, epochs=epochs, **table_rows(measured))


def table_rows(measured: dict[str, list[Result]]) -> dict[str, list[dict[str, Any]]]:
    """What was measured, as numbers."""
    return {name: [result.row() for result in results] for name, results in measured.items()}


def update_metrics(folder: Path, **measured: Any) -> None:
    """Add to the artefact's `metrics.json`, and write the model card anew from it."""
    path = folder / METRICS_FILE
    metrics = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    metrics |= measured
    path.write_text(json.dumps(metrics, indent=1) + "\n", encoding="utf-8")
    config = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
    card = ModelCard.from_template(
        card_data=ModelCardData(
            license="mit",
            library_name="keras",
            pipeline_tag="image-classification",
            tags=["handwritten-digits", "litert"],
            datasets=["ylecun/mnist"],
            metrics=["accuracy"],
            model_name="digit-reader",
            eval_results=[
                EvalResult(
                    task_type="image-classification",
                    dataset_type="ylecun/mnist",
                    dataset_name="MNIST",
                    dataset_split="test",
                    metric_type="accuracy",
                    metric_value=metrics["results"][0]["accuracy"] / 100,
                )
            ],
        ),
        template_str=TEMPLATE.read_text(encoding="utf-8"),
        config=config,
        metrics=metrics,
        markdown_table=markdown_table,
        ablation_table=ablation_table,
    )
    card.save(folder / CARD_FILE)
