"""From ink to the 32 x 32 input, the way MNIST was made, every step kept so that it can be shown.

LeCun et al. 1998, section III.A: the digit is fitted into 20 x 20 pixels keeping its proportions, with
grey levels from antialiasing, then placed by its centre of mass in 28 x 28; LeNet-5 sees that in the
middle of 32 x 32.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from lenet.network.lenet5 import INPUT_SIDE

BOX_SIDE = 20
# Where the centre of mass comes to lie, from the left and from the top. MNIST's own is half a pixel off the
# middle: 16.51 and 16.50 in the mean of its training digits.
CENTRE = INPUT_SIDE / 2 + 0.5
# A line of writing is higher than the input by so many rows above and below, for the digits that stand out of it.
SLACK = 4
# Fainter than this is paper: the soft fringe of a resized picture, the noise of a scan.
FAINTEST = 32


@dataclass(frozen=True)
class Prepared:
    """A digit on its way to a network, which normalises it in its own way; pictures are uint8, 0 paper to 255 ink."""

    ink: np.ndarray  # (H, W) as it came
    cropped: np.ndarray  # (H, W) the ink, cut out
    fitted: np.ndarray  # (H, W) the same within 20 x 20
    centred: np.ndarray  # (32, 32) placed by its centre of mass
    # Where the input's pixels lie in the ink: x and y of the first one's corner, width and height of each.
    grid: tuple[float, float, float, float]


def frame(images: Tensor) -> Tensor:
    """MNIST's own (N, 28, 28) uint8 pictures in the middle of the network's (N, 1, 32, 32)."""
    margin = (INPUT_SIDE - images.shape[-1]) // 2
    return F.pad(images, [margin] * 4).unsqueeze(1)


def prepare(ink: np.ndarray, smallest: float = 0) -> Prepared | None:
    """Ink as (H, W) uint8, 0 paper to 255 ink, made ready for the network; None where there is none.

    Ink that is less than `smallest` pixels large stays as small in the 20 x 20, so that a dot stays a dot.
    """
    box = Image.fromarray(np.where(ink >= FAINTEST, ink, 0)).getbbox()
    if box is None:
        return None
    left, top, right, bottom = box
    cropped = ink[top:bottom, left:right]
    fitted = _fit(cropped, smallest)
    if not fitted.any():
        return None  # specks so far apart that nothing is left of them at this size
    centred, (x, y) = _centre(fitted)
    width, height = cropped.shape[1] / fitted.shape[1], cropped.shape[0] / fitted.shape[0]
    grid = (left - x * width, top - y * height, width, height)
    return Prepared(ink, cropped, fitted, centred, grid)


def prepare_line(ink: np.ndarray, size: float) -> np.ndarray:
    """A line of digits `size` pixels large, (H, W) uint8 with some ink, as large as the network wants them.

    The ink's centre of mass comes into the middle of the 40 rows, and half an input's paper to its left and right.
    """
    fitted = _resized(ink, BOX_SIDE / size)
    height, width = fitted.shape
    mass_at = (fitted.sum(1) * (np.arange(height) + 0.5)).sum() / max(fitted.sum(dtype=float), 1)
    top = round(SLACK + CENTRE - mass_at)
    line = np.zeros((INPUT_SIDE + 2 * SLACK, width + INPUT_SIDE), np.uint8)
    rows = slice(max(0, top), min(len(line), top + height))
    margin = INPUT_SIDE // 2
    line[rows, margin : margin + width] = fitted[rows.start - top : rows.stop - top]
    return line


def _fit(cropped: np.ndarray, smallest: float) -> np.ndarray:
    return _resized(cropped, BOX_SIDE / max(*cropped.shape, smallest))


def _resized(cropped: np.ndarray, scale: float) -> np.ndarray:
    height, width = cropped.shape
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(Image.fromarray(cropped).resize(size, Image.Resampling.BOX))


def _centre(fitted: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
    """The input's pixels, and the column and row in them where the fitted digit begins."""
    height, width = fitted.shape
    mass = fitted.sum(dtype=float)
    y = (fitted.sum(1) * (np.arange(height) + 0.5)).sum() / mass
    x = (fitted.sum(0) * (np.arange(width) + 0.5)).sum() / mass
    # A digit of 20 pixels fits wherever its centre of mass lies, but for the most lopsided ones.
    top = min(max(round(CENTRE - y), 0), INPUT_SIDE - height)
    left = min(max(round(CENTRE - x), 0), INPUT_SIDE - width)
    centred = np.zeros((INPUT_SIDE, INPUT_SIDE), np.uint8)
    centred[top : top + height, left : left + width] = fitted
    return centred, (left, top)
