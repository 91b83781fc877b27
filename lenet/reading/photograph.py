"""Ink found in a picture: the sheet that it is written on, the paper's light, ruled lines and frames are left out.

The sheet is looked for first and seen from above; what stands out from the paper around it is ink, less the lines
that cross the whole sheet and less the marks that are no part of the writing.
"""

import cv2
import numpy as np

from lenet.reading import sheet
from lenet.reading.display import as_handwriting, stroke_width

# Pictures up to this size are taken for finished images of one digit, such as MNIST's, and only get their polarity.
SMALL = 48
# What is smaller than MNIST's own digits is enlarged to this.
ENLARGED = 112
# The paper is looked for on a copy this large, where a window of this size is wider than any stroke; on a finer one
# where the strokes are thinner than this share of the picture.
COARSE_SIDE, WINDOW = 48, 13
FINE_SIDE, THIN_PEN = 160, 0.03
# Two shades that explain this share of a picture's variance are ink and paper without more ado, if the ink is nowhere
# wider than this share of the longer side, or that share where there is paper all around it. Ink that has less than
# this share of the picture needs paper all around it.
CLEAN, WIDE, MARGIN_WIDE, COMMON = 0.84, 0.3, 0.2, 0.12
# Ink stands out from the paper by at least this many grey levels, and by this many deviations of its noise.
LEAST_CONTRAST, NOISE = 24, 4
# Of the ink's own contrast, what is no longer ink, and what is ink in full.
FAINT, FULL = 0.35, 0.65
# What lies along the border for more than this share of a side is no digit; nor is what only touches it, beside
# a mark within that has this share of its ink.
EDGE, INSIDE = 0.25, 0.05
# Separate marks belong to the writing if they have this share of the largest one's ink and lie within this share of
# its size, or if they have so much ink that whatever they are must not be overlooked.
MARK, NEAR, LARGE = 0.04, 0.3, 0.3
# Strokes are thickened to THIN of a digit's size. Writing wider than ONE times its height is more than one digit.
THIN, ONE = 0.11, 1.3


def find_ink(picture: np.ndarray) -> np.ndarray:
    """The ink, (H, W) uint8 from 0 paper to 255, in a picture (h, w) grey or (h, w, 3) RGB uint8, dark or light on its
    paper; H and W are those of the sheet where one is found."""
    colours = picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, 2)
    if max(colours.shape[:2]) <= SMALL:
        return _stretched(cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY))
    clean = _two_shades(cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY), margin=True)
    ink = _ink_on(colours) if clean is None else clean
    framed = sheet.inside_frame(ink)
    return (255 * as_handwriting(_writing(ink if framed is None else framed))).astype(np.uint8)


def _stretched(grey: np.ndarray) -> np.ndarray:
    """A small picture's own grey levels as ink, from its paper's to its ink's."""
    low, high = int(grey.min()), int(grey.max())
    if high - low < LEAST_CONTRAST:
        return np.zeros_like(grey)
    ink = (grey.astype(np.float32) - low) / (high - low)
    if _is_dark_ink(ink < 0.5):
        ink = 1 - ink
    if max(grey.shape) < 20:
        scale = ENLARGED / max(grey.shape)
        ink = cv2.resize(np.pad(ink, 1), None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        ink = (ink - 0.25) / 0.5
    return (255 * ink.clip(0, 1)).astype(np.uint8)


def _is_dark_ink(dark: np.ndarray) -> bool:
    """Whether the dark part of a picture of two shades, (H, W) bool, is its ink: thinner, and less along the border."""
    scores = []
    for part in (dark, ~dark):
        border = np.concatenate([part[0], part[-1], part[:, 0], part[:, -1]]).mean()
        corners = part[[0, 0, -1, -1], [0, -1, 0, -1]].mean()
        scores.append(border + corners + 2 * _width(part) / max(part.shape))
    return bool(scores[0] < scores[1])


def _width(part: np.ndarray) -> float:
    """How wide a part of a picture, (H, W) bool, is where it is widest."""
    return 2 * float(cv2.distanceTransform(np.pad(part, 1).astype(np.uint8), cv2.DIST_L2, 5).max())


def _ink_on(colours: np.ndarray) -> np.ndarray:
    """What stands out from the paper, (H, W) float32 from 0 to 1, lines that cross the sheet left out."""
    found = sheet.find_sheet(colours)
    grey = cv2.cvtColor(colours if found is None else found, cv2.COLOR_RGB2GRAY)
    clean = _two_shades(grey)
    if clean is not None:
        return clean
    dark = _is_dark_on_light(grey)
    contrast = _contrast(grey, dark, COARSE_SIDE)
    if stroke_width(contrast > np.percentile(contrast, 99.95) / 2) < THIN_PEN * max(grey.shape):
        contrast = _contrast(grey, dark, FINE_SIDE)
    noise = 1.4826 * float(np.median(np.abs(contrast)))
    return _scaled(sheet.without_lines(contrast, max(LEAST_CONTRAST / 4, noise)), NOISE * noise)


def _scaled(contrast: np.ndarray, noise: float = 0) -> np.ndarray:
    """Contrast as ink, (H, W) float32 from 0 to 1; none where nothing stands out from the noise."""
    marks = contrast[contrast > max(LEAST_CONTRAST, noise)]
    if not len(marks):
        return np.zeros(contrast.shape, np.float32)
    full = np.percentile(marks[marks > np.percentile(marks, 99) / 2], 90)
    return np.clip((contrast / full - FAINT) / (FULL - FAINT), 0, 1).astype(np.float32)


def _two_shades(grey: np.ndarray, margin: bool = False) -> np.ndarray | None:
    """The ink, as from _scaled, of a picture of nothing but ink and paper of one shade each; None where it is more.

    Where the ink is rare, or a `margin` is asked for, there is paper all along the border.
    """
    level, dark = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    shades, shares = np.arange(256), np.bincount(grey.ravel(), minlength=256) / grey.size
    is_low = shades <= level
    share, mean = shares[is_low].sum(), shares @ shades
    variance = shares @ (shades - mean) ** 2
    if variance < LEAST_CONTRAST:
        return None
    low, high = ((shares * shades)[part].sum() / shares[part].sum() for part in (is_low, ~is_low))
    if high - low < 2 * LEAST_CONTRAST or share * (1 - share) * (high - low) ** 2 < CLEAN * variance:
        return None
    coarse = cv2.resize(dark, _size(grey, 64), interpolation=cv2.INTER_AREA)
    is_dark = _is_dark_ink(coarse > 0)
    border = np.concatenate([dark[0], dark[-1], dark[:, 0], dark[:, -1]]) == is_dark
    if border.any() and (margin or min(share, 1 - share) < COMMON):
        return None
    if _width(cv2.medianBlur(coarse, 5) == is_dark) > (MARGIN_WIDE if margin else WIDE) * 64:
        return None
    return _scaled(np.float32(high) - grey if is_dark else grey - np.float32(low))


def _contrast(grey: np.ndarray, dark: bool, side: int) -> np.ndarray:
    """How far each pixel is from the paper around it, (H, W) float32, positive for ink. The paper is a morphological
    closing under dark ink, an opening under light, of a copy at most `side` large."""
    coarse = cv2.resize(grey, _size(grey, side), interpolation=cv2.INTER_AREA).astype(np.float32)
    # Along the border a closing or an opening is right only where the light has no slope.
    slope = _slope(coarse)
    window = np.ones((WINDOW, WINDOW), np.uint8)
    operation = cv2.MORPH_CLOSE if dark else cv2.MORPH_OPEN
    paper = cv2.morphologyEx(coarse - slope, operation, window, borderType=cv2.BORDER_REPLICATE)
    paper = cv2.GaussianBlur(paper, (0, 0), 1) + slope
    contrast = (-1 if dark else 1) * (grey - cv2.resize(paper, grey.shape[::-1], interpolation=cv2.INTER_CUBIC))
    return contrast - np.median(contrast)


def _is_dark_on_light(grey: np.ndarray) -> bool:
    """Whether ink is darker than paper: being the lesser part, it strays further from the mean around it."""
    coarse = cv2.resize(grey, _size(grey, COARSE_SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    around = cv2.GaussianBlur(coarse, (0, 0), WINDOW / 2, borderType=cv2.BORDER_REPLICATE)
    away = grey - cv2.resize(around, grey.shape[::-1])
    return bool((away * away * away).sum() <= 0)


def _size(grey: np.ndarray, side: int) -> list[int]:
    """Width and height of a copy of a picture that is at most `side` large."""
    scale = min(1, side / max(grey.shape))
    return [max(1, round(length * scale)) for length in grey.shape[::-1]]


def _slope(grey: np.ndarray) -> np.ndarray:
    """The plane through the pixels, (H, W), less its mean."""
    y, x = (along - along.mean() for along in np.mgrid[: grey.shape[0], : grey.shape[1]])
    plane = sum((grey * along).sum() / max((along**2).sum(), 1) * along for along in (x, y))
    return plane.astype(np.float32)


def _writing(ink: np.ndarray) -> np.ndarray:
    """The ink less the marks that are no part of the writing: specks, and what the border cuts off."""
    if not ink.any():
        return ink
    reach = max(1, round(max(ink.shape) / 200))
    joined = cv2.dilate((ink > 0).astype(np.uint8), np.ones((reach, reach), np.uint8))
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    weight = _inside(labels, np.bincount(labels.ravel(), ink.ravel(), count))
    low, high = boxes[:, :2], boxes[:, :2] + boxes[:, 2:4]
    kept = weight >= LARGE * weight.max()
    while True:  # from mark to mark
        corner, end = low[kept].min(0), high[kept].max(0)
        near = NEAR * (high[kept] - low[kept]).max()
        more = (weight >= MARK * weight.max()) & np.all((high >= corner - near) & (low <= end + near), 1)
        if not (more & ~kept).any():
            return np.where(kept[labels], ink, 0)
        kept |= more


def _inside(labels: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """Each mark's ink, but none for the edge of a shadow, of the paper or of what it lies on."""
    ink[0] = 0
    border = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    touching = np.bincount(border, minlength=len(ink))
    for outside, enough in ((touching > EDGE * max(labels.shape), 0), (touching > 0, INSIDE)):
        inside = np.where(outside, 0, ink)
        if inside.max() > enough * ink.max():
            ink = inside
    return ink


def thickened(ink: np.ndarray) -> np.ndarray:
    """Ink, (H, W) uint8, its strokes no thinner than a pen's on the page: the network was trained with those."""
    mask = ink > 127
    _, _, width, height = cv2.boundingRect(mask.astype(np.uint8))
    size = max(height, width) if width < ONE * height else height
    missing = THIN * size - stroke_width(mask)
    if missing < 1:
        return ink
    return cv2.dilate(ink, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, 2 * [round(missing) + 1]))
