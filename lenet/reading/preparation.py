"""Prepare ink as a 32 x 32 input, in the way MNIST was made; all steps are kept so that they can be shown.

LeCun et al. 1998, section III.A: the digit is fitted into 20 x 20 pixels keeping its proportions, with grey levels from
antialiasing, then placed by its centre of mass in 28 x 28, which is the middle of LeNet-5's 32 x 32.
"""

import math
from dataclasses import dataclass

import numpy as np
from torch import Tensor
from torch.nn import functional as F

from lenet.network.lenet5 import INPUT_SIDE

BOX_SIDE = 20
# The position of the centre of mass, from the left and from the top. MNIST's is half a pixel off the middle: 16.51 and
# 16.50 on average over its training digits.
CENTRE = INPUT_SIDE / 2 + 0.5
# Rows added above and below a line of digits, for digits above or below the others.
SLACK = 4
# Fainter pixels count as paper: the soft edges of a resized picture, the noise of a scan.
FAINTEST = 32


@dataclass(frozen=True)
class Prepared:
    """A prepared digit and the steps of its preparation; all uint8, 0 paper to 255 ink, not normalised yet."""

    ink: np.ndarray  # (H, W) as given
    cropped: np.ndarray  # (H, W) the ink, cut out
    fitted: np.ndarray  # (H, W) scaled to 20 x 20
    centred: np.ndarray  # (32, 32) placed by its centre of mass
    # The position of the input's pixels on the ink: x and y of the first one's corner, width and height of each.
    grid: tuple[float, float, float, float]


def frame(images: Tensor) -> Tensor:
    """Return MNIST's images, (N, 28, 28) uint8, in the middle of the network's (N, 1, 32, 32)."""
    margin = (INPUT_SIDE - images.shape[-1]) // 2
    return F.pad(images, [margin] * 4).unsqueeze(1)


def prepare(ink: np.ndarray, smallest: float = 0) -> Prepared | None:
    """Prepare ink, (H, W) uint8 from 0 paper to 255 ink; return None if there is none. Ink less than `smallest` pixels
    large is not enlarged to 20 x 20, so that a dot stays a dot."""
    rows, columns = (np.flatnonzero((ink >= FAINTEST).any(axis)) for axis in (1, 0))
    if not len(rows):
        return None
    left, top = int(columns[0]), int(rows[0])
    cropped = ink[top : rows[-1] + 1, left : columns[-1] + 1]
    fitted = _scaled(cropped, BOX_SIDE / max(*cropped.shape, smallest))
    if not fitted.any():
        return None  # specks too far apart to be visible at this size
    centred, (x, y) = _centre(fitted)
    width, height = cropped.shape[1] / fitted.shape[1], cropped.shape[0] / fitted.shape[0]
    grid = (left - x * width, top - y * height, width, height)
    return Prepared(ink, cropped, fitted, centred, grid)


def prepare_line(ink: np.ndarray, size: float) -> np.ndarray:
    """Scale a line of digits, (H, W) uint8 with some ink, whose digits are `size` pixels large: its centre of mass
    comes to the middle of 40 rows, with half an input of paper on the left and right."""
    fitted = _scaled(ink, BOX_SIDE / size)
    height, width = fitted.shape
    mass_at = (fitted.sum(1) * (np.arange(height) + 0.5)).sum() / max(fitted.sum(dtype=float), 1)
    top = round(SLACK + CENTRE - mass_at)
    line = np.zeros((INPUT_SIDE + 2 * SLACK, width + INPUT_SIDE), np.uint8)
    rows = slice(max(0, top), min(len(line), top + height))
    margin = INPUT_SIDE // 2
    line[rows, margin : margin + width] = fitted[rows.start - top : rows.stop - top]
    return line


def resized(pixels: np.ndarray, height: int, width: int) -> np.ndarray:
    """Resize a picture, (H, W) uint8; each pixel is the mean of those that it replaces."""
    rows, columns = _starts(pixels.shape[0], height), _starts(pixels.shape[1], width)
    sums = np.add.reduceat(np.add.reduceat(pixels, rows, 0, dtype=np.int64), columns, 1)
    counts = [
        np.maximum(np.diff(starts, append=end), 1) for starts, end in zip((rows, columns), pixels.shape, strict=True)
    ]
    count = np.outer(*counts)
    return ((2 * sums + count) // (2 * count)).astype(np.uint8)


def _starts(before: int, after: int) -> np.ndarray:
    """Return the first of the `before` pixels that each of the `after` pixels replaces; repeated when enlarging."""
    return (2 * np.arange(after) * before + (after if before > after else 0)) // (2 * after)


def _scaled(pixels: np.ndarray, scale: float) -> np.ndarray:
    height, width = (max(1, math.floor(side * scale + 0.5)) for side in pixels.shape)
    return resized(pixels, height, width)


def _centre(fitted: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
    """Return the input's pixels, and the column and row at which the fitted digit begins."""
    height, width = fitted.shape
    mass = fitted.sum(dtype=float)
    y = (fitted.sum(1) * (np.arange(height) + 0.5)).sum() / mass
    x = (fitted.sum(0) * (np.arange(width) + 0.5)).sum() / mass
    # Only extremely lopsided digits would not fit with their centre of mass in the middle.
    top = min(max(math.floor(CENTRE - y + 0.5), 0), INPUT_SIDE - height)
    left = min(max(math.floor(CENTRE - x + 0.5), 0), INPUT_SIDE - width)
    centred = np.zeros((INPUT_SIDE, INPUT_SIDE), np.uint8)
    centred[top : top + height, left : left + width] = fitted
    return centred, (left, top)
