"""The optimizer: Muon for convolutions."""

import math
from typing import Any

import keras
from keras import ops

PEAK_LEARNING_RATE = 3e-3
WARM_UP_SHARE = 0.05  # Share of the steps in which the learning rate rises.
AVERAGED_SHARE = 0.02  # Share of the steps over which weights are averaged, approximately.
UPDATE_RMS = 0.2  # Root mean square of an update: AdamW's, so that both can share a schedule.


class ConvolutionMuon(keras.optimizers.Muon):
    """Muon (Jordan et al., "Muon", 2024) for the kernels of convolutions.

    Each step uses the orthogonal matrix that is nearest to the momentum of a kernel. A kernel is
    seen as a matrix with a row for each input value and a column for each filter. AdamW updates
    all other variables. (Keras's own Muon leaves convolutions to AdamW.)
    """

    def _should_use_adamw(self, variable: Any) -> bool:
        return len(variable.shape) != 4

    def zeropower_via_newtonschulz5(self, x: Any, steps: int) -> Any:
        """Find the orthogonal matrix nearest to a kernel's momentum `(height, width, in, out)`."""
        matrix = ops.reshape(x, (-1, x.shape[-1]))
        orthogonal = super().zeropower_via_newtonschulz5(matrix, steps)
        return ops.reshape(orthogonal, x.shape)

    def lr_adjust(self, x: Any) -> Any:
        """Scale an update to the size of AdamW's (Liu et al., 2025)."""
        *window, filters = x.shape
        return x * UPDATE_RMS * max(math.prod(window), filters) ** 0.5


def build_optimizer(steps: int) -> ConvolutionMuon:
    """Build Muon with a warm-up, a cosine schedule and averaged weights for `steps` steps."""
    warm_up_steps = round(steps * WARM_UP_SHARE)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps - warm_up_steps, warmup_target=PEAK_LEARNING_RATE, warmup_steps=warm_up_steps
    )
    return ConvolutionMuon(rate, use_ema=True, ema_momentum=1 - 1 / (1 + AVERAGED_SHARE * steps))
