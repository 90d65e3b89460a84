"""The ways in which one person's digit may differ from another's, as Keras layers.

Each layer takes and gives float32 `(batch, height, width, 1)`, 0 paper .. 255 ink,
acts only while training, and is written with `keras.ops`, so any backend runs it.
"""

from typing import Any

import keras
from keras import ops


class RandomWarp(keras.layers.Layer):
    """Turns, slants, sizes, moves and bends each image, in one resampling.

    An affine map and, on top, a coarse grid of random displacements enlarged to
    the image's size, so that neighbouring strokes bend together (after Simard,
    Steinkraus and Platt, "Best Practices for Convolutional Neural Networks",
    2003). One layer, because a chain of Keras's own resamples four times, which
    blurs a stroke two pixels wide, and because its RandomElasticTransform smooths
    over one pixel at this size, which roughens strokes rather than bends them.

    Args:
        rotation: largest angle, in radians.
        shear: largest slant, in columns a row.
        zoom: largest change of either side, as the logarithm of a factor.
        shift: largest displacement of the whole, in pixels.
        bend: standard deviation of the displacement at the grid's points, in pixels.
        seed: of the random generator.
    """

    GRID = 5
    WARPED = 0.85  # Share of the images.

    def __init__(
        self, rotation: float, shear: float, zoom: float, shift: float, bend: float, seed: int
    ) -> None:
        super().__init__()
        self.limits = (rotation, shear, zoom, zoom, shift, shift)
        self.bend = bend
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, images: Any, training: bool = False) -> Any:
        """Warp each image its own way."""
        if not training:
            return images
        batch, (height, width) = ops.shape(images)[0], images.shape[1:3]
        # Some stay as crisp as they are: every resampling softens.
        some = keras.random.uniform((batch, 1, 1), seed=self.generator) < self.WARPED
        amount = ops.cast(some, "float32")
        draw = amount * keras.random.uniform((6, batch, 1, 1), -1.0, 1.0, seed=self.generator)
        angle, slant, tall, wide, down, right = [
            limit * draw[k] for k, limit in enumerate(self.limits)
        ]
        grid = keras.random.normal((batch, self.GRID, self.GRID, 2), seed=self.generator)
        bend = ops.image.resize(grid * self.bend, (height, width), "bicubic")
        bend = amount[..., None] * bend
        row = ops.arange(height, dtype="float32")[None, :, None] - height / 2
        column = ops.arange(width, dtype="float32")[None, None, :] - width / 2
        # For each pixel of the result, where in the image it comes from.
        turned_row = ops.cos(angle) * row - ops.sin(angle) * column
        turned_column = ops.sin(angle) * row + ops.cos(angle) * column
        source_row = ops.exp(tall) * turned_row + height / 2 + down + bend[..., 0]
        source_column = ops.exp(wide) * (turned_column + slant * turned_row)
        return _sample(images, source_row, source_column + width / 2 + right + bend[..., 1])


def _sample(images: Any, row: Any, column: Any) -> Any:
    """Bilinear values at `(batch, height, width)` places; beyond an edge, the edge's."""
    # ops.image.map_coordinates takes no batch of unknown size.
    height, width = images.shape[1:3]
    pixels = ops.reshape(images, (-1, height * width))
    row, column = ops.clip(row, 0, height - 1.001), ops.clip(column, 0, width - 1.001)
    top, left = ops.floor(row), ops.floor(column)
    below, beside = row - top, column - left
    corner = ops.cast(top * width + left, "int32")

    def value(offset: int) -> Any:
        index = ops.reshape(corner + offset, (-1, height * width))
        return ops.reshape(ops.take_along_axis(pixels, index, axis=1), (-1, height, width))

    upper = (1 - beside) * value(0) + beside * value(1)
    lower = (1 - beside) * value(width) + beside * value(width + 1)
    return ((1 - below) * upper + below * lower)[..., None]


class RandomStrokeWidth(keras.layers.Layer):
    """Thickens or thins the pen by up to a pixel on each side.

    Grey-scale dilation and erosion with a 3x3 window, mixed with the image in
    a random share so that every width in between occurs. The share of ink that
    survives erosion tells how thick the pen is already: a thick one is thickened
    less, so that loops stay open, and a thin one thinned less.

    Args:
        thicker: largest share of the dilated image, 0 to 1, for a hair line.
        thinner: largest share of the eroded image, 0 to 1, for a thick line.
        seed: of the random generator.
    """

    # Shares of ink that survive erosion: of MNIST's digits, a twentieth has more
    # than the one, and two thirds have less than the other.
    THICK, MIDDLE = 0.4, 0.2

    def __init__(self, thicker: float, thinner: float, seed: int) -> None:
        super().__init__()
        self.thicker = thicker
        self.thinner = thinner
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, images: Any, training: bool = False) -> Any:
        """Give each image its own pen."""
        if not training:
            return images
        dilated = ops.max_pool(images, 3, strides=1, padding="same")
        eroded = -ops.max_pool(-images, 3, strides=1, padding="same")
        axes: dict[str, Any] = {"axis": (1, 2, 3), "keepdims": True}
        left = ops.sum(eroded, **axes) / ops.maximum(ops.sum(images, **axes), 1)
        most = self.thicker * ops.maximum(1 - left / self.THICK, 0)
        least = -self.thinner * ops.minimum(left / self.MIDDLE, 1)
        draw = keras.random.uniform(ops.shape(left), seed=self.generator)
        share = least + (most - least) * draw
        mixed = images + ops.abs(share) * (ops.where(share > 0, dilated, eroded) - images)
        # A thinner pen is as black as a thick one.
        return mixed * (255 / ops.maximum(ops.max(mixed, **axes), 1))


class RandomScan(keras.layers.Layer):
    """Shows some images as a coarse or a hard scanner would.

    Half of them are seen at a lower resolution, and all with a contrast raised
    around a random level, up to black and white.

    Args:
        share: of the images that are scanned, 0 to 1.
        side: of the coarse image, in pixels.
        contrast: the largest, as a factor.
        seed: of the random generator.
    """

    LEVELS = (80, 130)  # That become the middle grey.

    def __init__(self, share: float, side: int, contrast: float, seed: int) -> None:
        super().__init__()
        self.share = share
        self.side = side
        self.contrast = contrast
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, images: Any, training: bool = False) -> Any:
        """Scan some of the images."""
        if not training:
            return images
        height, width = images.shape[1:3]
        shape = (4, ops.shape(images)[0], 1, 1, 1)
        scanned, coarse, gain, level = ops.unstack(
            keras.random.uniform(shape, seed=self.generator), num=4
        )
        gain = self.contrast**gain
        level = self.LEVELS[0] + (self.LEVELS[1] - self.LEVELS[0]) * level

        def harden(picture: Any) -> Any:
            return ops.clip((picture - level) * gain + level, 0, 255)

        small = ops.image.resize(images, (self.side, self.side), "bilinear", antialias=True)
        enlarged = ops.image.resize(harden(small), (height, width), "bilinear")
        seen = ops.where(coarse < 0.5, enlarged, harden(images))
        return ops.where(scanned < self.share, seen, images)


def build_augmentation(seed: int) -> keras.Sequential:
    """Hand, pen and small losses of ink, drawn anew for each image."""
    return keras.Sequential(
        [
            RandomWarp(rotation=0.17, shear=0.2, zoom=0.14, shift=1.5, bend=0.5, seed=seed),
            RandomStrokeWidth(thicker=0.8, thinner=0.5, seed=seed + 1),
            RandomScan(share=0.25, side=22, contrast=8, seed=seed + 4),
            keras.layers.RandomErasing(0.15, (0.01, 0.03), fill_value=0.0, seed=seed + 2),
            keras.layers.RandomGaussianBlur(0.2, 3, 0.8, seed=seed + 3),
        ],
        name="augmentation",
    )
