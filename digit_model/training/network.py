"""The convolutional network."""

import keras
from keras import layers

from digit_model.frame import MNIST_FRAME


def build_network() -> keras.Model:
    """Seven convolutions, after LeCun et al. (1998) and what has been learnt since.

    Two 3x3 convolutions and one with stride 2 instead of pooling, twice, then
    one that sees the whole digit. Scaling is the first layer, so that everyone
    outside handles 0..255.

    Returns:
        A model from float32 `(n, 28, 28, 1)`, 0 paper .. 255 ink, to the class
        probabilities, float32 `(n, 10)`.
    """
    inputs = keras.Input((MNIST_FRAME.side, MNIST_FRAME.side, 1), name="frames")
    x = layers.Rescaling(1 / 255)(inputs)
    for filters, strides in [(32, 1), (32, 1), (32, 2), (64, 1), (64, 1), (64, 2), (128, 1)]:
        x = layers.Conv2D(filters, 3, strides, padding="same", use_bias=False)(x)
        # Keras's default momentum, 0.99, is still far off after a short run.
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.ReLU()(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(0.4)(x)
    outputs = layers.Dense(10, activation="softmax", name="probabilities")(x)
    return keras.Model(inputs, outputs, name="digit_reader")
