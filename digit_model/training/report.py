"""Measurements -> the model card and its pictures."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from huggingface_hub import EvalResult, ModelCard, ModelCardData
from matplotlib.figure import Figure
from PIL import Image, ImageDraw

from digit_model.model.artefact import (
    CARD_FILE,
    CONFIG_FILE,
    CONFUSION_FILE,
    CURVES_FILE,
    ERRORS_FILE,
    METRICS_FILE,
    REFUSALS_FILE,
    RELIABILITY_FILE,
)
from digit_model.model.frame import MNIST_FRAME
from digit_model.reader import Reader
from digit_model.training.ablation import reader_ablation_table
from digit_model.training.comparison import comparison_table
from digit_model.training.data import Samples
from digit_model.training.evaluation import (
    Labelled,
    Result,
    ablation_table,
    evaluate,
    markdown_table,
)
from digit_model.training.kinds import read_kinds
from digit_model.training.numbers import evaluate_numbers
from digit_model.training.rejection import read_non_digits, rejection_rows, score_table

CARD_TEMPLATE = Path(__file__).with_name("card.md.jinja")
RELIABILITY_POINTS = 25  # Points of each curve of the reliability diagram.
# Sets that the reliability diagram shows beside MNIST.
RELIABILITY_SETS = ("freehand, middle brush (14 px)", "photos")
LOG_ODDS_RANGE = (-15, 25)  # Range of the diagram of refusals; values beyond are clipped.


def draw_learning_curves(epochs: Sequence[dict[str, float]], path: Path) -> None:
    """Draw loss and accuracy of training and validation over the epochs."""
    figure = Figure(figsize=(9, 3.5), layout="constrained")
    numbers = [1 + epoch["epoch"] for epoch in epochs]
    for axes, name, unit in zip(
        figure.subplots(1, 2), ("loss", "accuracy"), ("loss", "accuracy, %"), strict=True
    ):
        factor = 100 if name == "accuracy" else 1
        for key, label in ((name, "training, augmented"), (f"val_{name}", "validation")):
            axes.plot(numbers, [factor * epoch[key] for epoch in epochs], ".-", label=label)
        axes.set(xlabel="epoch", ylabel=unit)
        axes.grid(alpha=0.3)
        axes.legend()
    figure.savefig(path, dpi=100)


def draw_confusion(counts: np.ndarray, title: str, path: Path) -> None:
    """Draw a confusion matrix, int `(10, 11)`; see `Result.confusion`."""
    figure = Figure(figsize=(5.5, 5.5), layout="constrained")
    axes = figure.subplots()
    axes.imshow(np.log1p(counts), cmap="Blues")
    for (row, column), count in np.ndenumerate(counts):
        colour = "white" if row == column else "black"
        axes.text(column, row, str(count or ""), ha="center", va="center", color=colour)
    axes.set(xlabel="read as", ylabel="label", title=title)
    axes.set_xticks(range(11), [*map(str, range(10)), "none"])
    axes.set_yticks(range(10))
    figure.savefig(path, dpi=100)


def draw_errors(result: Result, path: Path) -> None:
    """Draw the frames that were read wrong, the most confident first, with label and reading."""
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


def draw_reliability(results: Sequence[Result], path: Path) -> None:
    """Draw a reliability diagram: accuracy against confidence."""
    figure = Figure(figsize=(5.5, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 100], [0, 100], "--", color="grey", linewidth=1)
    for result in results:
        confidence, right = result.confidence(), result.right()
        # Each point has the same number of answers, because nearly all of them are above 99 %.
        bins = np.array_split(np.argsort(confidence), RELIABILITY_POINTS)
        means = [(confidence[part].mean(), right[part].mean()) for part in bins if len(part)]
        axes.plot(*(100 * np.array(means)).T, ".-", label=result.name)
    axes.set(xlabel="probability said, %", ylabel="right, %", xlim=(40, 101), ylim=(40, 101))
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=100)


def draw_refusals(digits: Result, others: Sequence[Result], threshold: float, path: Path) -> None:
    """Draw the share that is refused as a function of the threshold, and mark the threshold."""
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    for result in (digits, *others):
        log_odds = np.sort([reading.log_odds for reading in result.readings])
        refused = 100 * np.arange(len(log_odds)) / len(log_odds)
        style = "-" if result is digits else "--"
        axes.step(log_odds.clip(*LOG_ODDS_RANGE), refused, style, label=result.name)
    axes.axvline(threshold, color="black", linewidth=1)
    axes.set(xlabel="threshold of the log-odds", ylabel="refused, %", xlim=LOG_ODDS_RANGE)
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=100)


def measure(
    reader: Reader, mnist: Samples, dev: Path | None, extra: Labelled | None = None
) -> dict[str, list[Result]]:
    """Measure everything that the card reports.

    Args:
        reader: the whole pipeline.
        mnist: the test part of MNIST.
        dev: the folder of the development sets; None leaves them out.
        extra: one more set of single digits, only for `results`: it may have just one picture.

    Returns:
        `results` for single digits, `untold` for the same with an unknown count of digits,
        `numbers` for numbers, `kinds` for kinds of paper and writing, and `others` for what is no
        digit.
    """
    return {
        "results": evaluate(reader, mnist, dev, extra=extra),
        "untold": evaluate(reader, mnist, dev, digits=None),
        "numbers": evaluate_numbers(reader, mnist, dev),
        "kinds": read_kinds(reader, dev) if dev else [],
        "others": read_non_digits(reader, dev),
    }


def table_rows(measured: dict[str, list[Result]]) -> dict[str, list[dict[str, Any]]]:
    """Make the rows of each table from what `measure` returned."""
    tables = ("results", "untold", "numbers", "kinds")
    rows = {name: [result.row() for result in measured[name]] for name in tables}
    return rows | rejection_rows(measured["untold"], measured["others"])


def write_report(folder: Path, measured: dict[str, list[Result]], **training: Any) -> None:
    """Write the card, `metrics.json` and the pictures into an artefact folder.

    Args:
        folder: already holds the model and `config.json`.
        measured: what `measure` returned.
        training: `epochs`, what Keras logged for each, and `validation`, its `n` and `accuracy`;
            what is not given stays as it is in the folder.
    """
    mnist, *rest = measured["untold"]
    config = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
    first = measured["results"][0]
    draw_confusion(first.confusion(), first.name, folder / CONFUSION_FILE)
    draw_errors(measured["results"][0], folder / ERRORS_FILE)
    draw_reliability(
        [mnist, *(r for r in rest if r.name in RELIABILITY_SETS)], folder / RELIABILITY_FILE
    )
    draw_refusals(mnist, measured["others"], config["thresholds"]["digit"], folder / REFUSALS_FILE)
    if "epochs" in training:
        # The weights are new, so older measurements are not valid for them.
        (folder / METRICS_FILE).unlink(missing_ok=True)
        draw_learning_curves(training["epochs"], folder / CURVES_FILE)
    update_metrics(folder, **training, **table_rows(measured))


def update_metrics(folder: Path, **measured: Any) -> None:
    """Update the artefact's `metrics.json`, and write the model card from it."""
    path = folder / METRICS_FILE
    metrics = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    metrics |= measured
    path.write_text(json.dumps(metrics, indent=1) + "\n", encoding="utf-8")
    config = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
    repository = config["training"].get("repository")
    place = f"blob/{config['training'].get('tag') or 'main'}/{METRICS_FILE}"
    source = f"https://huggingface.co/{repository}/{place}" if repository else None
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
                    task_name="Image Classification",
                    dataset_type="ylecun/mnist",
                    dataset_name="MNIST",
                    dataset_config="mnist",
                    dataset_split="test",
                    metric_type="accuracy",
                    metric_name="Accuracy",
                    metric_value=metrics["results"][0]["accuracy"] / 100,
                    source_url=source,
                )
            ],
        ),
        template_str=CARD_TEMPLATE.read_text(encoding="utf-8"),
        config=config,
        repository=repository or "user/repository",
        revision=config["training"].get("tag") or "main",
        metrics=metrics,
        markdown_table=markdown_table,
        score_table=score_table,
        ablation_table=ablation_table,
        reader_ablation_table=reader_ablation_table,
        comparison_table=comparison_table,
    )
    card.save(folder / CARD_FILE)
