"""The convolutional network."""

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
    """Eight convolutions, after LeCun et al. (1998) and what has been learnt since.

    Strides instead of pooling, batch normalisation, and an average over the
    last map. Scaling is the first layer, so that everyone outside handles 0..255.

    Returns:
        A model from float32 `(n, 28, 28, 1)`, 0 paper .. 255 ink, to the class
        probabilities, float32 `(n, 12)`: the ten digits, several of them, and what is no digit.
    """
    inputs = keras.Input((MNIST_FRAME.side, MNIST_FRAME.side, 1), name="frames")
    x = layers.Rescaling(1 / 255)(inputs)
    for filters, kernel, stride in CONVOLUTIONS:
        x = layers.Conv2D(filters, kernel, stride, padding="same", use_bias=False)(x)
        # Keras's default momentum, 0.99, is still far off after a short run.
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.ReLU()(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.3)(x)
    outputs = layers.Dense(CLASSES, activation="softmax", name="probabilities")(x)
    return keras.Model(inputs, outputs, name="digit_reader")
