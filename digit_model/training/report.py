"""What was measured -> the model card and its pictures."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from huggingface_hub import EvalResult, ModelCard, ModelCardData
from matplotlib.figure import Figure
from PIL import Image, ImageDraw, ImageOps

from digit_model.artefact import CONFIG_FILE
from digit_model.training.evaluation import Result, markdown_table

METRICS_FILE = "metrics.json"
CARD_FILE = "README.md"
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
    labels = [str(digit) for digit in range(10)]
    counts = np.zeros((10, 10), int)
    for label, text in zip(result.labels, result.texts, strict=True):
        if text:
            counts[int(label), int(text)] += 1
    figure = Figure(figsize=(5.5, 5.5), layout="constrained")
    axes = figure.subplots()
    axes.imshow(np.log1p(counts), cmap="Blues")
    for (row, column), count in np.ndenumerate(counts):
        colour = "white" if row == column else "black"
        axes.text(column, row, str(count or ""), ha="center", va="center", color=colour)
    axes.set(xlabel="read as", ylabel="label", title=result.name)
    axes.set_xticks(range(10), labels)
    axes.set_yticks(range(10), labels)
    figure.savefig(path, dpi=100)


def draw_errors(frames: np.ndarray, result: Result, path: Path) -> None:
    """Every frame that was read wrong, with its label and what was read."""
    wrong = [k for k, label in enumerate(result.labels) if label != result.texts[k]]
    zoom, columns, caption = 3, 10, 16
    width, height = zoom * frames.shape[2] + 8, zoom * frames.shape[1] + caption + 8
    sheet = Image.new("L", (columns * width, max(1, -(-len(wrong) // columns)) * height), "white")
    pencil = ImageDraw.Draw(sheet)
    for place, k in enumerate(wrong):
        left, top = place % columns * width, place // columns * height
        sheet.paste(ImageOps.scale(Image.fromarray(255 - frames[k]), zoom), (left, top + caption))
        text = f"{result.labels[k]} read as {result.texts[k] or 'blank'}"
        pencil.text((left + 4, top + 2), text, fill="black")
    sheet.save(path)


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
        table=markdown_table(metrics["results"]),
    )
    card.save(folder / CARD_FILE)
