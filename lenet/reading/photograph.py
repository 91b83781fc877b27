"""Find the ink in a picture, without the surroundings, shadows, ruled lines and frames.

The sheet is found first and rectified. Ink is what stands out from the paper around it, except for lines that cross
the whole sheet and for marks that are not part of the writing.
"""

import cv2
import numpy as np

from lenet.reading import sheet
from lenet.reading.display import as_handwriting, stroke_width

# Pictures up to this size are treated as finished images of one digit, such as MNIST's: only their grey levels change.
SMALL = 48
# Pictures smaller than MNIST's digits are enlarged to this size.
ENLARGED = 112
# The paper's brightness is estimated on a copy of COARSE_SIDE, where WINDOW is wider than any stroke; on a copy of
# FINE_SIDE if the strokes are thinner than THIN_PEN of the picture.
COARSE_SIDE, WINDOW = 48, 13
FINE_SIDE, THIN_PEN = 160, 0.03
# A picture is clean if two shades explain CLEAN of its variance and its ink is nowhere wider than WIDE of its longer
# side, or MARGIN_WIDE if a margin of paper is required. Ink that covers less than COMMON of the picture needs a margin.
CLEAN, WIDE, MARGIN_WIDE, COMMON = 0.84, 0.3, 0.2, 0.12
# Ink differs from the paper by at least this many grey levels, and by this many standard deviations of its noise.
LEAST_CONTRAST, NOISE = 24, 4
# The shares of the ink's contrast below which a pixel is paper, and above which it is full ink.
FAINT, FULL = 0.35, 0.65
# A mark that lies along the border for more than EDGE of a side is not a digit; nor is one that only touches the border
# if a mark inside has at least INSIDE of its ink.
EDGE, INSIDE = 0.25, 0.05
# A separate mark belongs to the writing if it has at least MARK of the largest mark's ink and is closer than NEAR of
# the writing's size, or if it has at least LARGE of the largest mark's ink wherever it is.
MARK, NEAR, LARGE = 0.04, 0.3, 0.3
# Strokes are thickened to THIN of a digit's size. Writing wider than ONE times its height has more than one digit.
THIN, ONE = 0.11, 1.3


def find_ink(picture: np.ndarray) -> np.ndarray:
    """Return the ink, (H, W) uint8 from 0 paper to 255, dark or light, of a grey (h, w) or RGB (h, w, 3) uint8 picture;
    H and W are those of the sheet if one is found."""
    colours = picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, 2)
    if max(colours.shape[:2]) <= SMALL:
        return _stretched(cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY))
    clean = _two_shades(cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY), margin=True)
    ink = _ink_on(colours) if clean is None else clean
    framed = sheet.inside_frame(ink)
    return (255 * as_handwriting(_writing(ink if framed is None else framed))).astype(np.uint8)


def _stretched(grey: np.ndarray) -> np.ndarray:
    """Return a small picture's grey levels stretched to ink from 0 to 255."""
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
    """Whether the dark part of a two-shade picture, (H, W) bool, is the ink: thinner, and less along the border."""
    scores = []
    for part in (dark, ~dark):
        border = np.concatenate([part[0], part[-1], part[:, 0], part[:, -1]]).mean()
        corners = part[[0, 0, -1, -1], [0, -1, 0, -1]].mean()
        scores.append(border + corners + 2 * _width(part) / max(part.shape))
    return bool(scores[0] < scores[1])


def _width(part: np.ndarray) -> float:
    """Return the largest width of a part of a picture, (H, W) bool."""
    return 2 * float(cv2.distanceTransform(np.pad(part, 1).astype(np.uint8), cv2.DIST_L2, 5).max())


def _ink_on(colours: np.ndarray) -> np.ndarray:
    """Return what stands out from the paper, (H, W) float32 from 0 to 1, without lines that cross the sheet."""
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
    """Return contrast scaled to ink, (H, W) float32 from 0 to 1; all 0 if nothing stands out from the noise."""
    marks = contrast[contrast > max(LEAST_CONTRAST, noise)]
    if not len(marks):
        return np.zeros(contrast.shape, np.float32)
    full = np.percentile(marks[marks > np.percentile(marks, 99) / 2], 90)
    return np.clip((contrast / full - FAINT) / (FULL - FAINT), 0, 1).astype(np.float32)


def _two_shades(grey: np.ndarray, margin: bool = False) -> np.ndarray | None:
    """Return the ink of a picture of two shades, ink and paper, scaled as by _scaled; None for other pictures.

    With `margin`, and always if there is little ink, the whole border must be paper.
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
    """Return the difference of each pixel from the paper around it, (H, W) float32, positive for ink. The paper is
    estimated by a morphological closing for dark ink, or an opening for light, of a copy at most `side` large."""
    coarse = cv2.resize(grey, _size(grey, side), interpolation=cv2.INTER_AREA).astype(np.float32)
    # Along the border, closing and opening are wrong if the light has a slope, so it is subtracted first.
    slope = _slope(coarse)
    window = np.ones((WINDOW, WINDOW), np.uint8)
    operation = cv2.MORPH_CLOSE if dark else cv2.MORPH_OPEN
    paper = cv2.morphologyEx(coarse - slope, operation, window, borderType=cv2.BORDER_REPLICATE)
    paper = cv2.GaussianBlur(paper, (0, 0), 1) + slope
    contrast = (-1 if dark else 1) * (grey - cv2.resize(paper, grey.shape[::-1], interpolation=cv2.INTER_CUBIC))
    return contrast - np.median(contrast)


def _is_dark_on_light(grey: np.ndarray) -> bool:
    """Whether ink is darker than paper: covering less area, it differs more from the local mean."""
    coarse = cv2.resize(grey, _size(grey, COARSE_SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    around = cv2.GaussianBlur(coarse, (0, 0), WINDOW / 2, borderType=cv2.BORDER_REPLICATE)
    away = grey - cv2.resize(around, grey.shape[::-1])
    return bool((away * away * away).sum() <= 0)


def _size(grey: np.ndarray, side: int) -> list[int]:
    """Return width and height of a copy of a picture that is at most `side` large."""
    scale = min(1, side / max(grey.shape))
    return [max(1, round(length * scale)) for length in grey.shape[::-1]]


def _slope(grey: np.ndarray) -> np.ndarray:
    """Return the plane fitted to the pixels, (H, W), minus its mean."""
    y, x = (along - along.mean() for along in np.mgrid[: grey.shape[0], : grey.shape[1]])
    plane = sum((grey * along).sum() / max((along**2).sum(), 1) * along for along in (x, y))
    return plane.astype(np.float32)


def _writing(ink: np.ndarray) -> np.ndarray:
    """Return the ink without marks that are not part of the writing: specks, and what the border cuts off."""
    if not ink.any():
        return ink
    reach = max(1, round(max(ink.shape) / 200))
    joined = cv2.dilate((ink > 0).astype(np.uint8), np.ones((reach, reach), np.uint8))
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    weight = _inside(labels, np.bincount(labels.ravel(), ink.ravel(), count))
    low, high = boxes[:, :2], boxes[:, :2] + boxes[:, 2:4]
    kept = weight >= LARGE * weight.max()
    while True:  # each added mark may bring others near
        corner, end = low[kept].min(0), high[kept].max(0)
        near = NEAR * (high[kept] - low[kept]).max()
        more = (weight >= MARK * weight.max()) & np.all((high >= corner - near) & (low <= end + near), 1)
        if not (more & ~kept).any():
            return np.where(kept[labels], ink, 0)
        kept |= more


def _inside(labels: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """Return the amount of ink of each mark, 0 for marks at the border: edges of a shadow, the paper or the table."""
    ink[0] = 0
    border = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    touching = np.bincount(border, minlength=len(ink))
    for outside, enough in ((touching > EDGE * max(labels.shape), 0), (touching > 0, INSIDE)):
        inside = np.where(outside, 0, ink)
        if inside.max() > enough * ink.max():
            ink = inside
    return ink


def thickened(ink: np.ndarray) -> np.ndarray:
    """Thicken the strokes of ink, (H, W) uint8, to at least the page's pen, with which the network was trained."""
    mask = ink > 127
    _, _, width, height = cv2.boundingRect(mask.astype(np.uint8))
    size = max(height, width) if width < ONE * height else height
    missing = THIN * size - stroke_width(mask)
    if missing < 1:
        return ink
    return cv2.dilate(ink, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, 2 * [round(missing) + 1]))
