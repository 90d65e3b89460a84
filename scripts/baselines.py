"""Serve an app to compare ours with: the usual digit demo, or one that does nothing.

    python scripts/baselines.py usual --port 7870

The networks are not trained, because training does not change their speed.
"""

import argparse
import io
import itertools
import os
from collections.abc import Callable
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import gradio as gr
import numpy as np
from PIL import Image

# The usual demo, the same with a compiled `tf.function`, and a Gradio app that does nothing.
KINDS = "usual", "compiled", "bare"
LIVE = "live"  # Like "bare", but it answers each stroke, with the next number.
FILTERS = 16, 32, 64, 128
SIDE = 28
LABELS = "0123456789"


class Baseline:
    """The network of the usual demo, and the way such a demo calls it."""

    def __init__(self, compiled: bool) -> None:
        import keras
        import tensorflow as tf

        blocks = []
        for filters in FILTERS:
            blocks += [
                keras.layers.Conv2D(filters, 3, padding="same", activation="relu"),
                keras.layers.MaxPooling2D(),
            ]
        network = keras.Sequential(
            [
                keras.Input((SIDE, SIDE, 1)),
                *blocks,
                keras.layers.Flatten(),
                keras.layers.Dense(512, activation="relu"),
                keras.layers.Dense(len(LABELS), activation="softmax"),
            ]
        )
        self.classify = self._predict
        self._network = network
        if compiled:
            self._function = tf.function(network)
            self.classify = self._call_compiled

    def _predict(self, frames: np.ndarray) -> np.ndarray:
        probabilities: np.ndarray = self._network.predict(frames, verbose=0)
        return probabilities

    def _call_compiled(self, frames: np.ndarray) -> np.ndarray:
        probabilities: np.ndarray = self._function(frames).numpy()
        return probabilities

    def read(self, picture: bytes | dict[str, Any]) -> dict[str, float]:
        """Return each digit's probability, given a picture file's bytes or a sketchpad's value."""
        if isinstance(picture, dict):
            image = Image.fromarray(picture["composite"])
        else:
            image = Image.open(io.BytesIO(picture))
        small = image.convert("L").resize((SIDE, SIDE))
        frame = 1 - np.asarray(small, np.float32)[None, ..., None] / 255
        return dict(zip(LABELS, self.classify(frame)[0].tolist(), strict=True))


def main() -> None:
    """Serve the app that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=[*KINDS, LIVE], help="which app to serve")
    parser.add_argument(
        "--port", type=int, help="where to serve it (default: from 7860, the first free)"
    )
    arguments = parser.parse_args()
    answer = dict(zip(LABELS, [1.0] + 9 * [0.0], strict=True))
    numbers = itertools.count(1)
    read: Callable[[Any], Any]
    if arguments.kind == "bare":
        read = lambda _: answer  # noqa: E731
    elif arguments.kind == LIVE:
        read = lambda _: str(next(numbers))  # noqa: E731
    else:
        read = Baseline(arguments.kind == "compiled").read
    live = arguments.kind == LIVE
    demo = gr.Interface(read, gr.Sketchpad(), gr.Label(), api_name="predict", live=live)
    demo.launch(server_port=arguments.port)


if __name__ == "__main__":
    main()
