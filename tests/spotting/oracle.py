"""What a spotter would say that knows all."""

import numpy as np

from digit_model.kinds import KINDS
from digit_model.spotter import Maps
from digit_model.training.spotting import targets

SURE = 12.0  # A logit.


def knowing_maps(wanted: np.ndarray) -> Maps:
    """Targets `(height / 4, width / 4, CHANNELS)` -> maps that say just that, without a margin."""
    kinds = wanted[..., targets.KIND].astype(int)[..., 0]
    heads = [
        SURE * (2 * wanted[..., targets.INK] - 1),
        SURE * np.where(wanted[..., targets.CENTRE] > 0.999, 1, -1),
        wanted[..., targets.OFFSET],
        wanted[..., targets.DIRECTION] * wanted[..., targets.DIRECTION_WEIGHT],
        SURE * np.eye(KINDS, dtype=np.float32)[kinds],
    ]
    return Maps(np.concatenate(heads, axis=2).astype(np.float32), margin=0)
