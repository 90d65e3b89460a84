"""The optimizer."""

import math
from typing import Any

import keras
from keras import ops

PEAK_LEARNING_RATE = 3e-3
WARM_UP = 0.05  # Of the steps.
AVERAGED = 0.02  # Of the run: about so long are the weights averaged over.
UPDATE = 0.2  # Root mean square of an update, as large as AdamW's, so that both share a schedule.


class ConvolutionMuon(keras.optimizers.Muon):
    """Muon for convolutions, which Keras's own leaves to AdamW.

    It turns the momentum of each kernel into the nearest orthogonal matrix before it steps
    (Jordan et al., "Muon", 2024), where a kernel is the matrix of a row for each of its inputs
    and a column for each filter. Whatever is not a kernel is left to AdamW.
    """

    def _should_use_adamw(self, variable: Any) -> bool:
        return len(variable.shape) != 4

    def zeropower_via_newtonschulz5(self, x: Any, steps: int) -> Any:
        """The nearest orthogonal matrix to a kernel's momentum `(height, width, in, out)`."""
        matrix = ops.reshape(x, (-1, x.shape[-1]))
        orthogonal = super().zeropower_via_newtonschulz5(matrix, steps)
        return ops.reshape(orthogonal, x.shape)

    def lr_adjust(self, x: Any) -> Any:
        """Scale a step to the size of AdamW's (Liu et al., 2025)."""
        *window, filters = x.shape
        return x * UPDATE * max(math.prod(window), filters) ** 0.5


def build_optimizer(steps: int) -> ConvolutionMuon:
    """Muon with a warm-up, a cosine schedule and averaged weights, for a run of so many steps."""
    rising = round(steps * WARM_UP)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps - rising, warmup_target=PEAK_LEARNING_RATE, warmup_steps=rising
    )
    return ConvolutionMuon(rate, use_ema=True, ema_momentum=1 - 1 / (1 + AVERAGED * steps))
