"""A picture -> the ink in it, without what it was written on."""

import functools
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops
from scipy import ndimage

from digit_model.picture.image import border_of
from digit_model.picture.ruled_lines import find_ruled_lines
from digit_model.picture.shadows import find_shadow_edges
from digit_model.picture.sheet import find_sheet, stroke_window

SMALL_PICTURE = 64  # Pixels, longer side up to which a picture is an icon or a data set's frame.
SAMPLE_SIDE = 140  # Pixels, longer side of the sample for the ground's colour.
RIPPLE_WINDOW = 5  # Pixels, side of the square around a stroke's pixel that JPEG ripples reach.
LIGHT_SIDE = 125  # Pixels, longer side at which the light, which changes slowly, is estimated.
LIGHT_SIGMA = 1.7  # Pixels, standard deviation of the blur that hides a closing's square steps.
MIN_PAPER_LEVEL = 16  # Grey level of the darkest paper: in deeper shadow nothing can be read.
SIGMA_TO_MAD = 1.4826  # Standard deviation of normal noise, by its median absolute deviation.


@dataclass(frozen=True)
class InkSettings:
    """What can be tuned, or left out, on the way from a picture to its ink."""

    # Whether the picture is a drawing.
    min_flat_share: float = 0.8  # Share of a drawing's paper that has one colour; photos have less.
    min_bare_share: float = 0.45  # Share of a light-on-dark drawing without ink; sheets leave less.
    min_shadow_border: float = 0.2  # Share of the picture's border that a shadow covers.
    solid_to_side: float = 0.2  # Share of the longer side: a shadow fills a square this wide.
    ground_tolerance: int = 2  # Grey levels around the ground's colour that rounding and JPEG add.

    min_density: float = 0.06  # Share of the light that the faintest ink of any picture absorbs.

    # The ink of a drawing.
    full_ink_level: int = 250  # Ink level, 0..255: if the darkest is lower, the ink is stretched.
    noise_percentile: float = 95  # Percentile of the paper's distances; specks lie beyond.
    min_peak_to_noise: float = 8  # Darkest ink to noise, in a pale drawing; photos have less.
    erased_to_noise: float = 1.5  # Ink to noise up to which ink is erased: noise has outliers.
    min_ink_to_peak: float = 0.15  # Share of the darkest ink; scan seams and JPEG are paler.

    # The ink of a photo.
    ink_percentile: float = 98  # Percentile of a sheet's blocks by darkness; those above hold ink.
    peak_percentile: float = 99.8  # Percentile of the density that is full ink; specks lie beyond.
    # A stroke is what exceeds the weak threshold and is connected to what exceeds the strong one
    # (hysteresis; Canny, 1986). Each threshold is the larger of its two terms; it is capped where
    # ink stands out on printed paper, and the strong one is `min_density` at least.
    weak_to_noise: float = 2.5  # The weak threshold's first term, to noise.
    weak_to_peak: float = 0.25  # The weak threshold's second term, to full ink.
    strong_to_noise: float = 5  # The strong threshold's first term, to noise.
    strong_to_peak: float = 0.5  # The strong threshold's second term, to full ink.
    min_print_to_noise: float = 4  # Full ink to noise: above it, the noise may be a print on paper.
    max_weak_to_peak: float = 0.45  # Cap of the weak threshold then, to full ink.
    max_strong_to_peak: float = 0.6  # Cap of the strong threshold then, to full ink.

    # Steps that an ablation leaves out.
    flatten_light: bool = True  # Whether the paper's level may change over a photo.
    find_sheet: bool = True  # Whether the desk around a sheet is cut off.
    remove_ruled_lines: bool = True  # Whether ruled lines are taken off the ink.
    remove_shadows: bool = True  # Whether the edges of shadows are taken off the ink.


def extract_ink(image: Image.Image, settings: InkSettings = InkSettings()) -> np.ndarray:
    """Find what was written in a drawing, a scan or a photo.

    Args:
        image: upright, of mode "L" or "RGB", as `open_picture` gives it.
        settings: thresholds, and which steps are taken.

    Returns:
        uint8 `(height, width)`, from 0 (paper) to 255 (full ink); all 0 for a blank picture.
    """
    pixels = np.asarray(image).reshape(image.height, image.width, -1)
    ground, ink = _find_ground(pixels, settings), None
    if max(image.size) <= SMALL_PICTURE or _is_drawn(pixels, ground, settings):
        ink = _find_drawn_ink(image, ground, settings)
    return _find_photo_ink(image, settings) if ink is None else ink


def _take_sample(pixels: np.ndarray) -> np.ndarray:
    """Take evenly spread pixels of `(height, width, channels)`."""
    step = -(-max(pixels.shape[:2]) // SAMPLE_SIDE)
    return pixels[::step, ::step]


def _find_ground(pixels: np.ndarray, settings: InkSettings) -> tuple[int, ...]:
    """Find the paper's colour in a drawing.

    Paper is common both in the whole picture and at its border. The sum of the
    two shares tells it from a thick digit that fills its box.
    """
    border = border_of(pixels)
    sample = _take_sample(pixels)
    ground = []
    for channel in range(sample.shape[2]):
        counts = np.bincount(sample[..., channel].ravel(), minlength=256)
        edge = np.bincount(border[:, channel], minlength=256)
        weights = counts / counts.sum() + edge / edge.sum()
        window = 2 * settings.ground_tolerance + 1
        middle = int(np.convolve(weights, np.ones(window), "same").argmax())
        first = max(0, middle - settings.ground_tolerance)
        ground.append(first + int(weights[first : first + window].argmax()))
    return tuple(ground)


def _is_drawn(pixels: np.ndarray, ground: tuple[int, ...], settings: InkSettings) -> bool:
    """Whether this is a drawing: nearly all paper has one colour, with no sheet or shadow on it."""
    sample = _take_sample(pixels)
    distance = abs(sample.astype(np.int16) - np.array(ground, np.int16)).max(axis=2)
    paper = distance <= distance.max() / 2  # Farther from the ground is ink.
    light = not paper.all() and sample[~paper].mean() > np.mean(ground)
    if light and paper.mean() < settings.min_bare_share:
        return False
    edge = border_of(paper).mean()
    if (light and edge == 1) or edge < 1 - settings.min_shadow_border:
        square = round(settings.solid_to_side * max(paper.shape))
        if ndimage.minimum_filter(~paper, square, mode="constant").any():
            return False
    return bool((distance[paper] <= settings.ground_tolerance).mean() >= settings.min_flat_share)


def _find_drawn_ink(
    image: Image.Image, ground: tuple[int, ...], settings: InkSettings
) -> np.ndarray | None:
    """Take each pixel's distance from the ground as ink; None if there is too much noise."""
    bands = ImageChops.difference(image, Image.new(image.mode, image.size, ground)).split()
    distance = functools.reduce(ImageChops.lighter, bands)
    ink = np.array(distance)
    peak = int(ink.max())
    if peak < settings.min_density * 255:
        return np.zeros_like(ink)
    # Beyond the reach of ripples there is no ink: filtering less is faster.
    left, top, right, bottom = distance.getbbox() or (0, 0, 0, 0)
    rows = slice(max(0, top - RIPPLE_WINDOW), bottom + RIPPLE_WINDOW)
    columns = slice(max(0, left - RIPPLE_WINDOW), right + RIPPLE_WINDOW)
    is_paper = np.ones(ink.shape, bool)
    is_paper[rows, columns] = ndimage.maximum_filter(ink[rows, columns], RIPPLE_WINDOW) <= peak / 2
    paper = ink[is_paper]
    rank = round(settings.noise_percentile / 100 * (paper.size - 1))
    noise = int(np.partition(paper, rank)[rank]) if paper.size else 0
    large = max(ink.shape) > SMALL_PICTURE
    if peak < min(settings.min_peak_to_noise * noise, settings.full_ink_level):
        return None if large else np.zeros_like(ink)
    lowest = settings.min_ink_to_peak * peak if large else 0
    ink[ink <= max(settings.erased_to_noise * noise, lowest)] = 0
    if large and settings.remove_ruled_lines:
        ink[find_ruled_lines(ink > 0, ink, np.ones(ink.shape, bool))] = 0
    return np.rint(ink * (255 / peak)).astype(np.uint8) if peak < settings.full_ink_level else ink


def _find_photo_ink(image: Image.Image, settings: InkSettings) -> np.ndarray:
    """Find the share of light that strokes absorb, without desk, shadows and ruled lines."""
    pixels = np.asarray(image.convert("RGB"))
    reduction = -(-max(image.size) // LIGHT_SIDE)
    small = np.asarray(image.convert("RGB").reduce(reduction), np.float32)
    grey = image.convert("L")
    grain = ImageChops.difference(grey, ImageChops.offset(grey, 1, 1)).reduce(reduction)
    sheet = np.ones(small.shape[:2], bool)
    if settings.find_sheet:
        sheet = find_sheet(small, np.asarray(grain, np.float32))
    if sheet.all() and _is_light_on_dark(image):
        pixels, small, grey = 255 - pixels, 255 - small, ImageChops.invert(grey)
    # Beside the sheet its nearest colour is filled in, so that its edge is not taken for ink.
    nearest = ndimage.distance_transform_edt(~sheet, return_distances=False, return_indices=True)
    small = small[tuple(nearest)]
    estimate = _estimate_paper if settings.flatten_light else _estimate_even_paper
    paper = np.stack([estimate(small[..., channel]) for channel in range(3)], axis=2)
    # Channels are weighted by how much the strokes absorb: grey would miss pale cyan.
    absorbed = (1 - small / paper)[sheet]
    strength = absorbed.max(axis=1)
    is_ink = strength >= np.percentile(strength, settings.ink_percentile)
    weights = absorbed[is_ink].mean(axis=0).clip(0)
    weights /= weights.sum() + 1e-6  # They sum to 0 on a sheet of one colour.
    density = np.full(pixels.shape[:2], weights.sum(), np.float32)
    for channel, weight in enumerate(weights):
        light = Image.fromarray(paper[..., channel]).resize(image.size, Image.Resampling.BILINEAR)
        density -= pixels[..., channel] * (weight / np.asarray(light))
    density = ndimage.uniform_filter(density, 3)  # Grain is one pixel wide, strokes are wider.
    on_sheet = np.asarray(Image.fromarray(sheet).resize(image.size))
    sample = density[on_sheet][::17]  # For speed; no pattern has a period of 17.
    middle = np.median(sample)
    noise = SIGMA_TO_MAD * np.median(abs(sample - middle))
    density -= middle
    peak = np.percentile(sample, settings.peak_percentile) - middle
    weak = max(settings.weak_to_noise * noise, settings.weak_to_peak * peak)
    strong = max(settings.strong_to_noise * noise, settings.strong_to_peak * peak)
    if peak > settings.min_print_to_noise * noise:  # As on cheques.
        weak = min(weak, settings.max_weak_to_peak * peak)
        strong = min(strong, settings.max_strong_to_peak * peak)
    strong = max(strong, settings.min_density)
    is_weak = (density > weak) & on_sheet
    if settings.remove_ruled_lines:
        (bounds,) = ndimage.find_objects(on_sheet.astype(np.int32))  # Printed lines end there.
        is_weak[bounds] &= ~find_ruled_lines(is_weak[bounds], density[bounds], on_sheet[bounds])
    strokes = ndimage.binary_propagation((density > strong) & is_weak, mask=is_weak)
    if settings.remove_shadows:
        strokes &= ~find_shadow_edges(strokes, np.asarray(grey))
    if not strokes.any():
        return np.zeros(density.shape, np.uint8)
    full_ink = np.median(density[strokes])
    # Ink starts at half the weak threshold, so that strokes keep their soft edges.
    ink = ((density - weak / 2) / (full_ink - weak / 2)).clip(0, 1) * 255
    return np.where(strokes, ink, 0).astype(np.uint8)


def _is_light_on_dark(image: Image.Image) -> bool:
    """Whether strokes are light: they skew the local contrast to their side in any light."""
    grey = np.asarray(image.convert("L").reduce(4), np.float32)
    contrast = grey - ndimage.gaussian_filter(grey, max(grey.shape) / 20)
    return bool((contrast**3).sum() > 0)


def _estimate_paper(channel: np.ndarray) -> np.ndarray:
    """Estimate the level `(height, width)` that a channel would have with nothing written."""
    window = stroke_window(channel)
    # An odd reflection continues the light's gradient beyond the border.
    padded = np.pad(channel, window, mode="reflect", reflect_type="odd")
    without_ink = ndimage.grey_closing(padded, window)
    smooth: np.ndarray = ndimage.gaussian_filter(without_ink, LIGHT_SIGMA)
    return smooth[window:-window, window:-window].clip(MIN_PAPER_LEVEL)


def _estimate_even_paper(channel: np.ndarray) -> np.ndarray:
    """Take the light for even: every level `(height, width)` is the channel's median."""
    return np.full_like(channel, np.median(channel)).clip(MIN_PAPER_LEVEL)
