"""Data augmentation for training, as Keras layers.

Each layer maps float32 `(batch, height, width, 1)`, 0 (paper) to 255 (full ink), to the same
shape and range. It acts only in training. It uses only `keras.ops`, so any backend runs it.
"""

from typing import Any

import keras
from keras import ops


class RandomWarp(keras.layers.Layer):
    """Rotates, shears, scales, shifts and bends each image, in one resampling.

    The bend is a coarse grid of random displacements, enlarged to the size of the image, so that
    neighbouring strokes bend together (after Simard, Steinkraus and Platt, "Best Practices for
    Convolutional Neural Networks", 2003). Keras's own layers would resample four times, which
    blurs strokes that are two pixels wide. Keras's RandomElasticTransform smooths over only one
    pixel at this size, which makes strokes rough instead of bent.

    Args:
        rotation: largest angle, in radians.
        shear: largest slant, in columns per row.
        zoom: largest change of the height or the width, as the logarithm of a factor.
        shift: largest displacement of the whole image, in pixels.
        bend: standard deviation of the displacement at the grid's points, in pixels.
        seed: of the random generator.
    """

    GRID_SIDE = 5  # Points along each side of the grid of displacements.
    WARPED_SHARE = 0.85  # Share of the images that are warped: every resampling blurs.

    def __init__(
        self, rotation: float, shear: float, zoom: float, shift: float, bend: float, seed: int
    ) -> None:
        super().__init__()
        self.limits = (rotation, shear, zoom, zoom, shift, shift)
        self.bend = bend
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, images: Any, training: bool = False) -> Any:
        """Warp each image differently."""
        if not training:
            return images
        batch, (height, width) = ops.shape(images)[0], images.shape[1:3]
        is_warped = keras.random.uniform((batch, 1, 1), seed=self.generator) < self.WARPED_SHARE
        amount = ops.cast(is_warped, "float32")
        draw = amount * keras.random.uniform((6, batch, 1, 1), -1.0, 1.0, seed=self.generator)
        angle, slant, tall, wide, down, right = [
            limit * draw[k] for k, limit in enumerate(self.limits)
        ]
        grid = keras.random.normal((batch, self.GRID_SIDE, self.GRID_SIDE, 2), seed=self.generator)
        bend = ops.image.resize(grid * self.bend, (height, width), "bicubic")
        bend = amount[..., None] * bend
        row = ops.arange(height, dtype="float32")[None, :, None] - height / 2
        column = ops.arange(width, dtype="float32")[None, None, :] - width / 2
        # Where in the image each pixel of the result comes from.
        turned_row = ops.cos(angle) * row - ops.sin(angle) * column
        turned_column = ops.sin(angle) * row + ops.cos(angle) * column
        source_row = ops.exp(tall) * turned_row + height / 2 + down + bend[..., 0]
        source_column = ops.exp(wide) * (turned_column + slant * turned_row)
        return _sample(images, source_row, source_column + width / 2 + right + bend[..., 1])


def _sample(images: Any, row: Any, column: Any) -> Any:
    """Sample bilinearly at `(batch, height, width)` positions, clipped to the image."""
    # ops.image.map_coordinates cannot handle a batch of unknown size.
    height, width = images.shape[1:3]
    pixels = ops.reshape(images, (-1, height * width))
    row, column = ops.clip(row, 0, height - 1.001), ops.clip(column, 0, width - 1.001)
    top, left = ops.floor(row), ops.floor(column)
    row_weight, column_weight = row - top, column - left
    corner = ops.cast(top * width + left, "int32")

    def pixel_at(offset: int) -> Any:
        index = ops.reshape(corner + offset, (-1, height * width))
        return ops.reshape(ops.take_along_axis(pixels, index, axis=1), (-1, height, width))

    upper = (1 - column_weight) * pixel_at(0) + column_weight * pixel_at(1)
    lower = (1 - column_weight) * pixel_at(width) + column_weight * pixel_at(width + 1)
    return ((1 - row_weight) * upper + row_weight * lower)[..., None]


class RandomStrokeWidth(keras.layers.Layer):
    """Thickens or thins the strokes by up to a pixel on each side.

    The image is mixed with its grey-scale dilation or erosion (3x3 window) in a random share, so
    that every width in between occurs. The survival, the share of ink that is left after erosion,
    measures how thick the strokes are. Thick strokes are thickened less, so that loops stay open,
    and thin strokes are thinned less.

    Args:
        thicker: largest share of the dilated image, 0 to 1, for the thinnest strokes.
        thinner: largest share of the eroded image, 0 to 1, for thick strokes.
        seed: of the random generator.
    """

    SURVIVAL_NOT_THICKENED = 0.4  # Strokes are not thickened from this survival on: 5 % of MNIST.
    SURVIVAL_FULLY_THINNED = 0.2  # Strokes are thinned in full from this survival on: 33 %.

    def __init__(self, thicker: float, thinner: float, seed: int) -> None:
        super().__init__()
        self.thicker = thicker
        self.thinner = thinner
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, images: Any, training: bool = False) -> Any:
        """Thicken or thin each image differently."""
        if not training:
            return images
        dilated = ops.max_pool(images, 3, strides=1, padding="same")
        eroded = -ops.max_pool(-images, 3, strides=1, padding="same")
        axes: dict[str, Any] = {"axis": (1, 2, 3), "keepdims": True}
        survival = ops.sum(eroded, **axes) / ops.maximum(ops.sum(images, **axes), 1)
        highest = self.thicker * ops.maximum(1 - survival / self.SURVIVAL_NOT_THICKENED, 0)
        lowest = -self.thinner * ops.minimum(survival / self.SURVIVAL_FULLY_THINNED, 1)
        draw = keras.random.uniform(ops.shape(survival), seed=self.generator)
        share = lowest + (highest - lowest) * draw
        mixed = images + ops.abs(share) * (ops.where(share > 0, dilated, eroded) - images)
        # Erosion and mixing make thin strokes pale, but a thin pen is as black as a thick one.
        return mixed * (255 / ops.maximum(ops.max(mixed, **axes), 1))


class RandomScan(keras.layers.Layer):
    """Changes some images as a scanner of low resolution or high contrast would.

    Contrast is raised around a random grey level, up to black and white. Half of the changed
    images are also reduced to a lower resolution and enlarged again.

    Args:
        share: share of the images that are changed, 0 to 1.
        side: side of the reduced image, in pixels.
        contrast: largest factor by which contrast is raised.
        seed: of the random generator.
    """

    CONTRAST_LEVELS = (80, 130)  # Range of the grey level around which contrast is raised.

    def __init__(self, share: float, side: int, contrast: float, seed: int) -> None:
        super().__init__()
        self.share = share
        self.side = side
        self.contrast = contrast
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, images: Any, training: bool = False) -> Any:
        """Change some of the images."""
        if not training:
            return images
        height, width = images.shape[1:3]
        shape = (4, ops.shape(images)[0], 1, 1, 1)
        scanned, coarse, gain, level = ops.unstack(
            keras.random.uniform(shape, seed=self.generator), num=4
        )
        gain = self.contrast**gain
        low, high = self.CONTRAST_LEVELS
        level = low + (high - low) * level

        def raise_contrast(picture: Any) -> Any:
            return ops.clip((picture - level) * gain + level, 0, 255)

        small = ops.image.resize(images, (self.side, self.side), "bilinear", antialias=True)
        enlarged = ops.image.resize(raise_contrast(small), (height, width), "bilinear")
        changed = ops.where(coarse < 0.5, enlarged, raise_contrast(images))
        return ops.where(scanned < self.share, changed, images)


def build_augmentation(seed: int) -> keras.Sequential:
    """Build the whole augmentation; each image is changed differently each time."""
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
