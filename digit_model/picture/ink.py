"""A picture -> the ink in it, without what it was written on."""

import functools

import numpy as np
from PIL import Image, ImageChops
from scipy import ndimage

from digit_model.picture.image import border_of
from digit_model.picture.ruled_lines import find_ruled_lines
from digit_model.picture.shadows import find_shadow_edges
from digit_model.picture.sheet import find_sheet, stroke_window

SMALL_PICTURE = 64  # Pixels, longer side: icons and data sets' frames have no light to flatten.
FLAT_SHARE = 0.8  # Of the paper, at least, has one colour where a picture was drawn, not taken.
PAPER_SHARE = 0.45  # Of a drawing on a dark ground, at least, is bare: most sheets fill more.
SHADOW_EDGE = 0.2  # Of the picture's edge, at least, a shadow covers.
SOLID = 0.2  # Of the picture's longer side: such a square is filled by sheet or shadow, by no pen.
GROUND_SIDE = 140  # Pixels, longer side of the sample that the ground's colour is taken from.
GROUND_SPREAD = 2  # Levels to either side of the ground's colour that rounding and JPEG take up.
PEAK_FAINT = 250  # Levels: the ink of paler drawings is stretched to 255.
RIPPLES = 5  # Pixels, side of the square round a stroke's pixel that its edge and ripples fill.
NOISE = 95  # Percentile of the paper's distances from its colour: the few beyond are specks.
CLEAR_OF_NOISE = 8  # Times the noise, at least, is the darkest ink of a pale drawing.
ABOVE_NOISE = 1.5  # Times the noise, at most, is wiped off: its own extremes go a little past it.
PALEST = 0.15  # Of a drawing's darkest ink: paler are a scan's seams and JPEG's far ripples.
DARKEST_PAPER = 16  # Levels: deeper shadow tells nothing of what lies in it.
FAINTEST = 0.06  # Of the paper's light, swallowed by the faintest pencil that is read.
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


def extract_ink(image: Image.Image) -> np.ndarray:
    """Find what was written in a drawing, a scan or a photo.

    Args:
        image: upright, of mode "L" or "RGB", as `open_picture` gives it.

    Returns:
        uint8 `(height, width)`, from 0 (paper) to 255 (full ink); of a blank picture 0 all over.
    """
    pixels = np.asarray(image).reshape(image.height, image.width, -1)
    ground, ink = _ground(pixels), None
    if max(image.size) <= SMALL_PICTURE or _is_drawn(pixels, ground):
        ink = _drawn_ink(image, ground)
    return _photographed_ink(image) if ink is None else ink


def _sample(pixels: np.ndarray) -> np.ndarray:
    """Some of the pixels `(height, width, channels)`, evenly spread."""
    step = -(-max(pixels.shape[:2]) // GROUND_SIDE)
    return pixels[::step, ::step]


def _ground(pixels: np.ndarray) -> tuple[int, ...]:
    """The paper's colour in a drawing.

    Paper is both the commonest colour and the commonest at the border: the sum
    of the two tells it from a thick digit that fills its box.
    """
    border = border_of(pixels)
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


def _is_drawn(pixels: np.ndarray, ground: tuple[int, ...]) -> bool:
    """A drawing's paper has nearly all just the ground's colour, without sheet or shadow on it."""
    sample = _sample(pixels)
    distance = abs(sample.astype(np.int16) - np.array(ground, np.int16)).max(axis=2)
    paper = distance <= distance.max() / 2  # The other half of the way is ink.
    light = not paper.all() and sample[~paper].mean() > np.mean(ground)
    if light and paper.mean() < PAPER_SHARE:
        return False
    edge = border_of(paper).mean()
    if (light and edge == 1) or edge < 1 - SHADOW_EDGE:
        square = round(SOLID * max(paper.shape))
        if ndimage.minimum_filter(~paper, square, mode="constant").any():
            return False
    return bool((distance[paper] <= GROUND_SPREAD).mean() >= FLAT_SHARE)


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
    large = max(ink.shape) > SMALL_PICTURE
    if peak < min(CLEAR_OF_NOISE * noise, PEAK_FAINT):
        return None if large else np.zeros_like(ink)
    ink[ink <= max(ABOVE_NOISE * noise, PALEST * peak if large else 0)] = 0
    if large:
        ink[find_ruled_lines(ink > 0, ink, np.ones(ink.shape, bool))] = 0
    return np.rint(ink * (255 / peak)).astype(np.uint8) if peak < PEAK_FAINT else ink


def _photographed_ink(image: Image.Image) -> np.ndarray:
    """The share of light that the strokes swallow, cleared of desk, shade and rules."""
    pixels = np.asarray(image.convert("RGB"))
    reduction = -(-max(image.size) // LIGHT_SIDE)
    small = np.asarray(image.convert("RGB").reduce(reduction), np.float32)
    grey = image.convert("L")
    grain = ImageChops.difference(grey, ImageChops.offset(grey, 1, 1)).reduce(reduction)
    sheet = find_sheet(small, np.asarray(grain, np.float32))
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
    marks[bounds] &= ~find_ruled_lines(marks[bounds], density[bounds], on_sheet[bounds])
    strokes = ndimage.binary_propagation((density > high) & marks, mask=marks)
    strokes &= ~find_shadow_edges(strokes, np.asarray(grey))
    if not strokes.any():
        return np.zeros(density.shape, np.uint8)
    full = np.median(density[strokes])
    # From half the weak threshold, so that strokes keep their soft edges.
    ink = ((density - low / 2) / (full - low / 2)).clip(0, 1) * 255
    return np.where(strokes, ink, 0).astype(np.uint8)


def _is_light_on_dark(image: Image.Image) -> bool:
    """Strokes skew the local contrast to their own side, however uneven the light."""
    grey = np.asarray(image.convert("L").reduce(4), np.float32)
    contrast = grey - ndimage.gaussian_filter(grey, max(grey.shape) / 20)
    return bool((contrast**3).sum() > 0)


def _paper(channel: np.ndarray) -> np.ndarray:
    """The light that the paper would send with nothing written on it."""
    window = stroke_window(channel)
    # An odd reflection carries the light's slope on past the border.
    padded = np.pad(channel, window, mode="reflect", reflect_type="odd")
    closed = ndimage.grey_closing(padded, window)
    smooth: np.ndarray = ndimage.gaussian_filter(closed, 1.7)
    return smooth[window:-window, window:-window].clip(DARKEST_PAPER)
