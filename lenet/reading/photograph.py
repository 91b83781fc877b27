"""Ink found on photographed or scanned paper: uneven light, shadows, noise, ruled lines and specks left out."""

import numpy as np
from PIL import Image, ImageFilter

# The paper is looked for on a copy this large, where a window of this size is wider than any stroke.
COARSE_SIDE, WINDOW = 48, 13
# Ink stands out from the paper by at least this many grey levels, and by this many deviations of its noise.
LEAST_CONTRAST, NOISE = 24, 4
# Of the ink's own contrast, what is no longer ink, and what is ink in full.
FAINT, FULL = 0.35, 0.65
# Ruled lines are looked for on a copy this large. They cover this share of a row or column that leans by at
# most so much, and have no ink so many cells above and below them.
FINE_SIDE = 160
RULED, LEAN, THICK = 0.6, 0.08, 3
# What lies along the border for more than this share of a side is no digit; nor is what only touches it, beside
# a mark within that has this share of its ink.
EDGE, INSIDE = 0.25, 0.05
# Separate marks belong to the digit if they have this share of its ink and lie within this share of its size,
# or if they have so much ink that whatever they are must not be overlooked.
MARK, NEAR, LARGE = 0.06, 0.3, 0.3


def find_ink(grey: np.ndarray) -> np.ndarray:
    """The ink, (H, W) uint8 from 0 paper to 255, on a grey picture, (H, W) uint8, whichever is the darker."""
    contrast = _contrast(Image.fromarray(grey))
    contrast -= np.median(contrast)
    noise = 1.4826 * np.median(np.abs(contrast))
    marks = contrast[contrast > max(LEAST_CONTRAST, NOISE * noise)]
    if not len(marks):
        return np.zeros_like(grey)
    ink = np.clip((contrast / np.percentile(marks, 95) - FAINT) / (FULL - FAINT), 0, 1)
    for picture in (ink, ink.T):
        _erase_ruled_lines(picture)
    shrink = _shrink(ink, COARSE_SIDE)
    marks = _main_marks(_cells(ink, shrink))
    return np.uint8(255 * ink * _enlarge(marks, shrink, ink.shape))


def _contrast(grey: Image.Image) -> np.ndarray:
    """How far each pixel is from the paper around it, (H, W), positive for ink.

    The paper under dark ink is a morphological closing, that under light ink an opening.
    """
    scale = COARSE_SIDE / max(grey.size)
    coarse = grey.resize([max(1, round(side * scale)) for side in grey.size], Image.Resampling.BOX)
    # Along the border a closing or an opening is right only where the light has no slope.
    slope = _slope(np.asarray(coarse, float))
    coarse = Image.fromarray(np.clip(np.asarray(coarse) - slope, 0, 255).astype(np.uint8))
    first, second = ImageFilter.MaxFilter(WINDOW), ImageFilter.MinFilter(WINDOW)
    dark = _is_dark_on_light(coarse)
    if not dark:
        first, second = second, first
    paper = coarse.filter(first).filter(second).filter(ImageFilter.GaussianBlur(1))
    paper = Image.fromarray((np.asarray(paper) + slope).astype(np.float32))
    contrast = np.asarray(grey, np.float32) - np.asarray(paper.resize(grey.size, Image.Resampling.BICUBIC))
    return -contrast if dark else contrast


def _slope(grey: np.ndarray) -> np.ndarray:
    """The plane through the pixels, (H, W), less its mean."""
    y, x = (along - along.mean() for along in np.mgrid[: grey.shape[0], : grey.shape[1]])
    return sum((grey * along).sum() / max((along**2).sum(), 1) * along for along in (x, y))


def _is_dark_on_light(grey: Image.Image) -> bool:
    """Whether ink is darker than paper: being the lesser part, it strays further from the mean around it."""
    around = grey.filter(ImageFilter.GaussianBlur(WINDOW / 2))
    return ((np.asarray(grey, float) - np.asarray(around, float)) ** 3).sum() <= 0


def _erase_ruled_lines(ink: np.ndarray) -> None:
    """Take out, in place, lines that cross the whole picture from side to side, but not what crosses them."""
    shrink = _shrink(ink, FINE_SIDE)
    cells = _cells(ink, shrink) > 0
    height, width = cells.shape
    padded = np.pad(cells, [(THICK, THICK), (0, 0)])
    thickened = padded[THICK - 1 : height + THICK - 1] | cells | padded[THICK + 1 : height + THICK + 1]
    crossing = padded[: -2 * THICK] & padded[2 * THICK :]
    ruled = np.zeros_like(cells)
    rows, columns = np.arange(height)[:, None], np.arange(width)
    for lean in np.linspace(-LEAN, LEAN, 17):
        along = (rows + (lean * (columns - width / 2)).round().astype(int)).clip(0, height - 1)
        # Ruled from edge to edge, unlike the top of a 7 that fills the picture.
        parts = np.array_split(thickened[along, columns], 8, axis=1)
        lines = np.mean([part.mean(1) > RULED for part in parts], 0) > RULED
        lines &= (parts[0].mean(1) > RULED) & (parts[-1].mean(1) > RULED)
        ruled[along[lines], columns] = True
    if ruled.mean() < 0.5:
        ink[_enlarge(ruled & ~crossing, shrink, ink.shape)] = 0


def _shrink(picture: np.ndarray, side: int) -> int:
    return max(1, round(max(picture.shape) / side))


def _cells(ink: np.ndarray, shrink: int) -> np.ndarray:
    """The sum of the ink in every cell of shrink x shrink pixels."""
    padded = np.pad(ink, [(0, -side % shrink) for side in ink.shape])
    return padded.reshape(padded.shape[0] // shrink, shrink, -1, shrink).sum((1, 3))


def _enlarge(cells: np.ndarray, shrink: int, shape: tuple[int, int]) -> np.ndarray:
    return cells.repeat(shrink, 0).repeat(shrink, 1)[: shape[0], : shape[1]]


def _main_marks(cells: np.ndarray) -> np.ndarray:
    """Which cells belong to the largest mark or to others that may be part of it, bool."""
    labels = _connected(cells > 0)
    ink = _inside(labels, np.bincount(labels.ravel(), cells.ravel()))
    main = ink.argmax()
    where = {label: np.argwhere(labels == label) for label in np.flatnonzero(ink >= MARK * ink[main])}
    low, high = where[main].min(0), where[main].max(0)
    near = NEAR * (high - low).max()
    kept = [
        label
        for label, at in where.items()
        if ink[label] >= LARGE * ink[main] or np.all((at.max(0) >= low - near) & (at.min(0) <= high + near))
    ]
    return np.isin(labels, kept)


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


def _connected(mask: np.ndarray) -> np.ndarray:
    """A number for each connected part of a small (H, W) mask, the same all over it; 0 outside."""
    labels = np.pad(np.arange(1, mask.size + 1).reshape(mask.shape) * mask, 1)
    while True:
        before = labels.copy()
        for axis in (0, 1):
            labels = np.maximum(labels, np.maximum(np.roll(labels, 1, axis), np.roll(labels, -1, axis)))
            labels[1:-1, 1:-1] *= mask
            labels[[0, -1]] = labels[:, [0, -1]] = 0
        if (labels == before).all():
            return labels[1:-1, 1:-1]
