"""The spotter: a fully convolutional network that says for each pixel of a page what it is."""

from typing import Any

import keras
from keras import layers

from digit_model.lines.spotter import CELL, HEADS

# Filters at a quarter, an eighth, a sixteenth and a thirty-second of the picture's size, with as
# many convolutions on the way down.
FILTERS = ((40, 1), (64, 1), (96, 1), (128, 2))
MOMENTUM = 0.97  # Of the normalisation's averages; Keras's 0.99 is too slow for a short training.
RARE = -3.0  # What the logits of ink and centres start from, because few pixels are either.


def build_spotter() -> keras.Model:
    """Four scales down and three up again, after Ronneberger, Fischer and Brox, "U-Net" (2015).

    All is computed at a quarter of the picture's size or less; finer maps come as several
    channels for the parts of each cell, as in Shi et al., "Real-Time Single Image and Video
    Super-Resolution Using an Efficient Sub-Pixel Convolutional Neural Network" (2016). What the
    maps mean is from Cheng et al., "Panoptic-DeepLab" (2020).

    Returns:
        A model from float32 `(n, height / 4, width / 4, 16)`, the grey pixels, 0..255, of each
        cell of a page whose sides are divisible by 32, to float32 `(n, height / 4, width / 4,
        channels)`; see `digit_model.lines.spotter.HEADS`.
    """
    inputs = keras.Input((None, None, CELL**2), name="pages")
    x = layers.Rescaling(1 / 127.5, offset=-1)(inputs)
    skips = []
    for number, (filters, convolutions) in enumerate(FILTERS):
        x = convolve(x, filters, stride=1 if number == 0 else 2)
        for _ in range(convolutions):
            x = convolve(x, filters)
        skips.append(x)
    for skip, (filters, _) in zip(skips[-2::-1], FILTERS[-2::-1], strict=True):
        coarser = x
        x = layers.Conv2D(filters, 1, use_bias=False)(x)
        # Bilinear enlargement of maps of unknown size does not convert to LiteRT.
        x = layers.UpSampling2D(2, interpolation="nearest")(x)
        x = layers.ReLU()(_normalise(layers.Add()([x, skip])))
        x = convolve(x, filters)
    # What a mark is takes more of its surroundings than where it is.
    around = layers.UpSampling2D(2, interpolation="nearest")(coarser)
    wide = layers.Add()([layers.Conv2D(FILTERS[1][0], 1, use_bias=False)(x), around])
    wide = convolve(wide, FILTERS[1][0], kernel=1)
    heads = [
        layers.Conv2D(
            channels,
            1,
            bias_initializer=keras.initializers.Constant(RARE if name in ("ink", "centre") else 0),
            name=name,
        )(wide if name == "kind" else x)
        for name, channels in HEADS.items()
    ]
    return keras.Model(inputs, layers.Concatenate(name="maps")(heads), name="spotter")


def convolve(x: Any, filters: int, kernel: int = 3, stride: int = 1) -> Any:
    """A convolution, normalised and rectified."""
    x = layers.Conv2D(filters, kernel, stride, padding="same", use_bias=False)(x)
    return layers.ReLU()(_normalise(x))


def _normalise(x: Any) -> Any:
    return layers.BatchNormalization(momentum=MOMENTUM)(x)
