"""The convolutional network that classifies frames."""

import keras
from keras import layers

from digit_model.model.artefact import CLASSES
from digit_model.model.frame import MNIST_FRAME

# Filters, kernel and stride of each convolution.
CONVOLUTIONS = [
    (16, 3, 1),  # -> (n, 28, 28, 16)
    (16, 3, 1),
    (32, 5, 2),  # -> (n, 14, 14, 32)
    (64, 3, 1),  # -> (n, 14, 14, 64)
    (64, 3, 1),
    (96, 5, 2),  # -> (n, 7, 7, 96)
    (160, 3, 1),  # -> (n, 7, 7, 160)
    (160, 3, 1),
]


def build_network() -> keras.Model:
    """Build the network: eight convolutions, after LeCun et al. (1998).

    It uses strides instead of pooling, batch normalisation, and global average pooling at the end.
    The first layer scales the values, so that all other code can use 0 to 255.

    Returns:
        A model from float32 `(n, 28, 28, 1)`, 0 (paper) to 255 (full ink), to class
        probabilities, float32 `(n, 12)`: the ten digits, "several digits" and "not a digit".
    """
    inputs = keras.Input((MNIST_FRAME.side, MNIST_FRAME.side, 1), name="frames")
    x = layers.Rescaling(1 / 255)(inputs)
    for filters, kernel, stride in CONVOLUTIONS:
        x = layers.Conv2D(filters, kernel, stride, padding="same", use_bias=False)(x)
        # With Keras's default momentum, 0.99, the statistics are still wrong after a short run.
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.ReLU()(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.3)(x)
    outputs = layers.Dense(CLASSES, activation="softmax", name="probabilities")(x)
    return keras.Model(inputs, outputs, name="digit_reader")
