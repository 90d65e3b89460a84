"""The spotter: a fully convolutional network that finds the marks of a page."""

from typing import Any

import keras
from keras import layers

from digit_model.lines.spotter import CELL, HEADS

# Filters, and convolutions after the first, at 1/4, 1/8, 1/16 and 1/32 of the picture's size.
SCALES = ((40, 1), (64, 1), (96, 1), (128, 2))
NORM_MOMENTUM = 0.97  # Batch normalisation; Keras's 0.99 is too slow for a short training.
RARE_BIAS = -3.0  # Initial bias of the ink and centre logits, because few pixels are either.


def build_spotter() -> keras.Model:
    """Build a U-Net: four scales down and three up (Ronneberger, Fischer and Brox, 2015).

    The network works at a quarter of the picture's size or less; finer maps come as several
    channels, one for each part of a cell, as in Shi et al., "Real-Time Single Image and Video
    Super-Resolution Using an Efficient Sub-Pixel Convolutional Neural Network" (2016). The
    maps are those of Cheng et al., "Panoptic-DeepLab" (2020).

    Returns:
        A model from float32 `(n, height / 4, width / 4, 16)`, the grey pixels, 0..255, of each
        cell of a page whose sides are divisible by 32, to float32 `(n, height / 4, width / 4,
        channels)`; see `digit_model.lines.spotter.HEADS`.
    """
    inputs = keras.Input((None, None, CELL**2), name="pages")
    x = layers.Rescaling(1 / 127.5, offset=-1)(inputs)
    skips = []
    for number, (filters, convolutions) in enumerate(SCALES):
        x = convolve(x, filters, stride=1 if number == 0 else 2)
        for _ in range(convolutions):
            x = convolve(x, filters)
        skips.append(x)
    for skip, (filters, _) in zip(skips[-2::-1], SCALES[-2::-1], strict=True):
        coarser = x
        x = layers.Conv2D(filters, 1, use_bias=False)(x)
        # Bilinear upsampling of maps of unknown size cannot be converted to LiteRT.
        x = layers.UpSampling2D(2, interpolation="nearest")(x)
        x = layers.ReLU()(_normalise(layers.Add()([x, skip])))
        x = convolve(x, filters)
    # To tell what a mark is takes more context than to tell where it is.
    context = layers.UpSampling2D(2, interpolation="nearest")(coarser)
    kind_features = layers.Add()([layers.Conv2D(SCALES[1][0], 1, use_bias=False)(x), context])
    kind_features = convolve(kind_features, SCALES[1][0], kernel=1)
    heads = [
        layers.Conv2D(
            channels,
            1,
            bias_initializer=keras.initializers.Constant(
                RARE_BIAS if name in ("ink", "centre") else 0
            ),
            name=name,
        )(kind_features if name == "kind" else x)
        for name, channels in HEADS.items()
    ]
    return keras.Model(inputs, layers.Concatenate(name="maps")(heads), name="spotter")


def convolve(x: Any, filters: int, kernel: int = 3, stride: int = 1) -> Any:
    """Add a convolution with batch normalisation and ReLU."""
    x = layers.Conv2D(filters, kernel, stride, padding="same", use_bias=False)(x)
    return layers.ReLU()(_normalise(x))


def _normalise(x: Any) -> Any:
    return layers.BatchNormalization(momentum=NORM_MOMENTUM)(x)
