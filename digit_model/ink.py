"""A picture -> the ink in it, without what it was written on."""

import functools
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageChops
from scipy import ndimage

from digit_model.picture import Picture, open_picture
from digit_model.rules import find_rules
from digit_model.shade import find_shade_edges

SMALL_PICTURE = 64  # Pixels, longer side: icons and data sets' frames have no light to flatten.
FLAT_SHARE = 0.8  # Of the paper, at least, has one colour where a picture was drawn, not taken.
PAPER_SHARE = 0.45  # Of a drawing on a dark ground, at least, is bare: a sheet of paper fills more.
GROUND_SIDE = 140  # Pixels, longer side of the sample that the ground's colour is taken from.
GROUND_SPREAD = 2  # Levels to either side of the ground's colour that rounding and JPEG take up.
PEAK_FAINT = 250  # Levels: the ink of paler drawings is stretched to 255.
RIPPLES = 5  # Pixels, side of the square round a stroke's pixel that its edge and ripples fill.
NOISE = 95  # Percentile of the paper's distances from its colour: the few beyond are specks.
CLEAR_OF_NOISE = 8  # Times the noise, at least, is the darkest ink of a pale drawing.
ABOVE_NOISE = 1.5  # Times the noise, at most, is wiped off: its own extremes go a little past it.
DARKEST_PAPER = 16  # Levels: deeper shadow tells nothing of what lies in it.
FAINTEST = 0.06  # Of the paper's light, swallowed by the faintest pencil that is read.
SHEET_SHARE = 0.15  # Of the picture, at least, is the sheet of paper in it.
DESK_SHARE = 0.02  # Of the picture, at least, is what lies beside the sheet.
SHEET_STEP = 0.6  # Of the light, at most, is left past its edge: shadows fade, edges jump.
SHADE_STEP = 0.4  # The same where what lies past the edge has the sheet's colour, as shade has.
GRAIN = 4  # Levels darker counts what is rougher by a level between neighbouring pixels.
DESK_TINT = 1.15  # Ratio of the colours' shares of light that tells a desk from shade.
LIGHT_SIDE = 125  # Pixels, longer side at which the light, which changes slowly, is estimated.
INKED = 98  # Percentile of the sheet's blocks above which there is ink alone.
DARKEST = 99.8  # Percentile of the sheet's pixels that stands for the ink: the last are specks.
SIGMA = 1.4826  # Standard deviations in a median absolute deviation, of normal noise.
# A mark is what passes the weak threshold and hangs together with what passes the strong one
# (hysteresis; Canny, 1986), each the larger of a multiple of the noise and a share of the ink.
WEAK_NOISE, WEAK_INK = 2.5, 0.25
STRONG_NOISE, STRONG_INK = 5, 0.5
PRINT = 4  # Times the noise: no noise of the camera's reaches so far.
WEAK_PRINT, STRONG_PRINT = 0.45, 0.6


class Ink(NamedTuple):
    """What was written, without what it was written on.

    Attributes:
        pixels: uint8 `(height, width)`, from 0 (paper) to 255 (full ink).
        scale: picture pixels per ink pixel, 1 or more.
    """

    pixels: np.ndarray
    scale: float = 1.0


def extract_ink(picture: Picture) -> Ink:
    """Find what was written in a drawing, a scan or a photo.

    Args:
        picture: whatever `open_picture` opens.

    Returns:
        The ink, upright; a blank picture's is 0 all over.

    Raises:
        PictureError: if the picture cannot be opened or is too large.
    """
    image, scale = open_picture(picture)
    pixels = np.asarray(image).reshape(image.height, image.width, -1)
    ground, ink = _ground(pixels), None
    if max(image.size) <= SMALL_PICTURE or _flat_share(pixels, ground) >= FLAT_SHARE:
        ink = _drawn_ink(image, ground)
    return Ink(_photographed_ink(image) if ink is None else ink, scale)


def _sample(pixels: np.ndarray) -> np.ndarray:
    """Some of the pixels `(height, width, channels)`, evenly spread."""
    step = -(-max(pixels.shape[:2]) // GROUND_SIDE)
    return pixels[::step, ::step]


def _ground(pixels: np.ndarray) -> tuple[int, ...]:
    """The paper's colour in a drawing.

    Paper is both the commonest colour and the commonest at the border: the sum
    of the two tells it from a thick digit that fills its box.
    """
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    sample = _sample(pixels)
    ground = []
    for channel in range(sample.shape[2]):
        counts = np.bincount(sample[..., channel].ravel(), minlength=256)
        edge = np.bincount(border[:, channel], minlength=256)
        weights = counts / counts.sum() + edge / edge.sum()
        window = 2 * GROUND_SPREAD + 1
        middle = int(np.convolve(weights, np.ones(window), "same").argmax())
        first = max(0, middle - GROUND_SPREAD)
        ground.append(first + int(weights[first : first + window].argmax()))
    return tuple(ground)


def _flat_share(pixels: np.ndarray, ground: tuple[int, ...]) -> float:
    """What share of a drawing's paper has just the ground's colour, 0 to 1; 0 of no drawing."""
    sample = _sample(pixels)
    distance = abs(sample.astype(np.int16) - np.array(ground, np.int16)).max(axis=2)
    paper = distance <= distance.max() / 2  # The other half of the way is ink.
    if paper.mean() < PAPER_SHARE and sample[~paper].mean() > np.mean(ground):
        return 0.0
    return float((distance[paper] <= GROUND_SPREAD).mean())


def _drawn_ink(image: Image.Image, ground: tuple[int, ...]) -> np.ndarray | None:
    """Each pixel's distance from the ground, less its noise; None for uneven light."""
    bands = ImageChops.difference(image, Image.new(image.mode, image.size, ground)).split()
    distance = functools.reduce(ImageChops.lighter, bands)
    ink = np.array(distance)
    peak = int(ink.max())
    if peak < FAINTEST * 255:
        return np.zeros_like(ink)
    # Farther from all marks than ripples reach, nothing needs to be looked for.
    left, top, right, bottom = distance.getbbox() or (0, 0, 0, 0)
    rows = slice(max(0, top - RIPPLES), bottom + RIPPLES)
    columns = slice(max(0, left - RIPPLES), right + RIPPLES)
    is_paper = np.ones(ink.shape, bool)
    is_paper[rows, columns] = ndimage.maximum_filter(ink[rows, columns], RIPPLES) <= peak / 2
    paper = ink[is_paper]
    place = round(NOISE / 100 * (paper.size - 1))
    noise = int(np.partition(paper, place)[place]) if paper.size else 0
    if peak < min(CLEAR_OF_NOISE * noise, PEAK_FAINT):
        return None if max(ink.shape) > SMALL_PICTURE else np.zeros_like(ink)
    ink[ink <= ABOVE_NOISE * noise] = 0
    if max(ink.shape) > SMALL_PICTURE:
        ink[find_rules(ink > 0, ink)] = 0
    return np.rint(ink * (255 / peak)).astype(np.uint8) if peak < PEAK_FAINT else ink


def _photographed_ink(image: Image.Image) -> np.ndarray:
    """The share of light that the strokes swallow, cleared of desk, shade and rules."""
    pixels = np.asarray(image.convert("RGB"))
    reduction = -(-max(image.size) // LIGHT_SIDE)
    small = np.asarray(image.convert("RGB").reduce(reduction), np.float32)
    grey = image.convert("L")
    grain = ImageChops.difference(grey, ImageChops.offset(grey, 1, 1)).reduce(reduction)
    sheet = _sheet(small, np.asarray(grain, np.float32))
    if sheet.all() and _is_light_on_dark(image):
        pixels, small, grey = 255 - pixels, 255 - small, ImageChops.invert(grey)
    # Off the sheet, its nearest colour stands in, so that its edge casts no shade.
    nearest = ndimage.distance_transform_edt(~sheet, return_distances=False, return_indices=True)
    small = small[tuple(nearest)]
    paper = np.stack([_paper(small[..., channel]) for channel in range(3)], axis=2)
    # Weighting the channels as the strokes do finds pale cyan where grey hardly would.
    swallowed = (1 - small / paper)[sheet]
    strength = swallowed.max(axis=1)
    weights = swallowed[strength >= np.percentile(strength, INKED)].mean(axis=0).clip(0)
    weights /= weights.sum() + 1e-6  # Of a sheet all one colour, they sum to 0.
    density = np.full(pixels.shape[:2], weights.sum(), np.float32)
    for channel, weight in enumerate(weights):
        light = Image.fromarray(paper[..., channel]).resize(image.size, Image.Resampling.BILINEAR)
        density -= pixels[..., channel] * (weight / np.asarray(light))
    density = ndimage.uniform_filter(density, 3)  # Grain is a pixel wide, strokes are more.
    on_sheet = np.asarray(Image.fromarray(sheet).resize(image.size))
    sample = density[on_sheet][::17]  # As good as all, and fast; 17 keeps step with no pattern.
    middle = np.median(sample)
    noise = SIGMA * np.median(abs(sample - middle))
    density -= middle
    peak = np.percentile(sample, DARKEST) - middle
    low = max(WEAK_NOISE * noise, WEAK_INK * peak)
    high = max(STRONG_NOISE * noise, STRONG_INK * peak)
    if peak > PRINT * noise:  # What it rises from is a print on the paper, as cheques have.
        low, high = min(low, WEAK_PRINT * peak), min(high, STRONG_PRINT * peak)
    high = max(high, FAINTEST)
    marks = (density > low) & on_sheet
    (bounds,) = ndimage.find_objects(on_sheet.astype(np.int32))  # Rules end where it does.
    marks[bounds] &= ~find_rules(marks[bounds], density[bounds])
    strokes = ndimage.binary_propagation((density > high) & marks, mask=marks)
    strokes &= ~find_shade_edges(strokes, np.asarray(grey))
    if not strokes.any():
        return np.zeros(density.shape, np.uint8)
    full = np.median(density[strokes])
    # From half the weak threshold, so that strokes keep their soft edges.
    ink = ((density - low / 2) / (full - low / 2)).clip(0, 1) * 255
    return np.where(strokes, ink, 0).astype(np.uint8)


def _sheet(small: np.ndarray, grain: np.ndarray) -> np.ndarray:
    """Where the paper lies, if it is a bright sheet on something darker; else everywhere."""
    everywhere = np.ones(small.shape[:2], bool)
    colours = small[::2, ::2]
    # Paper is smooth: what shines as brightly but is rough all over is a desk.
    rough = ndimage.percentile_filter(grain[::2, ::2], 40, 7)
    smooth = colours.mean(axis=2) - GRAIN * rough
    coarse = ndimage.median_filter(smooth, 7).clip(0)
    window = _stroke_window(coarse)
    # The dark margin keeps a narrow strip of desk from passing for strokes.
    coarse = ndimage.grey_closing(np.pad(coarse, window), window)[window:-window, window:-window]
    level = _otsu_threshold(coarse)
    # The median rounds off the wedges of desk beside a sheet's corners.
    bright = ~ndimage.binary_propagation(
        coarse <= level, mask=(coarse <= level) | (smooth <= level)
    )
    labels, count = ndimage.label(bright)
    if not count:
        return everywhere
    sheet = ndimage.binary_fill_holes(labels == np.bincount(labels.ravel())[1:].argmax() + 1)
    if not SHEET_SHARE <= sheet.mean() <= 1 - DESK_SHARE:
        return everywhere
    # Five blocks take in the whole of an edge, even a blurred one.
    rim = sheet & ~ndimage.binary_erosion(sheet, border_value=1)
    step = ndimage.minimum_filter(coarse, 5)[rim] / ndimage.maximum_filter(coarse, 5)[rim]
    left = np.median(colours[~sheet], axis=0) / np.median(colours[sheet], axis=0).clip(1)
    tinted = left.max() > DESK_TINT * left.min()  # Shade dims all colours alike.
    if np.median(step) > (SHEET_STEP if tinted else SHADE_STEP):
        return everywhere
    inside = ndimage.binary_erosion(sheet, border_value=1)
    if not inside.any():
        return everywhere
    return np.asarray(Image.fromarray(inside).resize((small.shape[1], small.shape[0])))


def _otsu_threshold(levels: np.ndarray) -> int:
    """The level that splits others into the two classes farthest apart (Otsu, 1979)."""
    counts: np.ndarray = np.bincount(levels.astype(np.uint8).ravel(), minlength=256)
    below, sums = counts.cumsum(), (counts * np.arange(256)).cumsum()
    weights = np.maximum(below * (below[-1] - below), 1)
    spread: np.ndarray = (sums[-1] * (below / below[-1]) - sums) ** 2 / weights
    return int(np.argmax(spread))


def _is_light_on_dark(image: Image.Image) -> bool:
    """Strokes skew the local contrast to their own side, however uneven the light."""
    grey = np.asarray(image.convert("L").reduce(4), np.float32)
    contrast = grey - ndimage.gaussian_filter(grey, max(grey.shape) / 20)
    return bool((contrast**3).sum() > 0)


def _stroke_window(picture: np.ndarray) -> int:
    """The side of a square that no stroke fills, odd, in pixels."""
    return int(max(5, max(picture.shape) // 6)) | 1


def _paper(channel: np.ndarray) -> np.ndarray:
    """The light that the paper would send with nothing written on it."""
    window = _stroke_window(channel)
    # An odd reflection carries the light's slope on past the border.
    padded = np.pad(channel, window, mode="reflect", reflect_type="odd")
    closed = ndimage.grey_closing(padded, window)
    smooth: np.ndarray = ndimage.gaussian_filter(closed, 2.0)
    return smooth[window:-window, window:-window].clip(DARKEST_PAPER)
