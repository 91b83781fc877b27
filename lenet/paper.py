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
    first, second = ImageFilter.MaxFilter(WINDOW), ImageFilter.MinFilter(WINDOW)
    dark = _is_dark_on_light(np.asarray(coarse, float))
    if not dark:
        first, second = second, first
    paper = coarse.filter(first).filter(second).filter(ImageFilter.GaussianBlur(1))
    paper = paper.resize(grey.size, Image.Resampling.BICUBIC)
    contrast = np.asarray(grey, np.float32) - np.asarray(paper, np.float32)
    return -contrast if dark else contrast


def _is_dark_on_light(grey: np.ndarray) -> bool:
    """Whether ink is darker than paper: which way the pixels stray from a plane laid through the border."""
    height, width = grey.shape
    y, x = np.mgrid[:height, :width]
    border = (y == 0) | (y == height - 1) | (x == 0) | (x == width - 1)
    points = np.stack([x, y, np.ones_like(x)], 2)
    plane = np.linalg.lstsq(points[border], grey[border], rcond=None)[0]
    return ((grey - points @ plane) ** 3).sum() <= 0


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
    ink = np.bincount(labels.ravel(), cells.ravel())
    ink[0] = 0
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
