"""What is not a digit, made from MNIST's digits and from random strokes, a batch at once on the training device.

A network that has seen only digits is sure of its answer to anything; shown what is none of them while it
learns, it can say so (Hendrycks, Mazeika, Dietterich: "Deep Anomaly Detection with Outlier Exposure", 2019).
"""

import functools

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from lenet.mnist import ROOT
from lenet.network.decision import NOT_A_DIGIT
from lenet.training.strokes import draw

# Prepared capital letters of other people's, (N, 32, 32) uint8; where they are from is told beside them.
LETTERS = ROOT / "letters" / "letters.npz"
# Digits that are none after a turn or in a mirror, whoever wrote them.
MIRRORED = (2, 3, 4, 5, 6, 7, 9)
TURNED_QUARTER = (1, 2, 3, 4, 5, 6, 7, 8, 9)
TURNED_HALF = (3, 4, 7)
# Random strokes start and end near the points of a grid of 3 x 3, this many pixels from the picture's edge,
# and bend between them or not; a bent one is drawn as so many straight pieces.
GRID, MARGIN = 3, 7
MOST_STROKES = 4
BENDS = 4


def nondigits(images: Tensor, labels: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Pictures that show no digit, made from as many of digits, (N, 1, S, S) from 0 to 255; and their labels.

    Labels are NOT_A_DIGIT, or the digit's own where the kind of change drawn would have left it a digit.
    """
    other, other_labels = images.roll(1, 0), labels.roll(1, 0)
    differ, anything = labels != other_labels, torch.ones_like(labels, dtype=torch.bool)
    # How often, what is made, and of which digits it makes no digit.
    kinds = [
        (4, scribbles(images, generator), anything),
        (5, _some_letters(images, generator), anything),
        (1, images.flip(3), _among(labels, MIRRORED)),
        (1, images.rot90(1, (2, 3)), _among(labels, TURNED_QUARTER)),
        (1, images.rot90(2, (2, 3)), _among(labels, TURNED_HALF)),
        (1, _lower_half(images), labels == 0),
        (1, _side_by_side(images, other), anything),
        (1, _halves(images, other), differ),
        (1, _halves(images.mT, other.mT).mT, differ),
        # A 1 laid over a 0 or a 7 is a slash or a bar.
        (1, torch.maximum(images, other), differ & (labels != 1) & (other_labels != 1)),
    ]
    often, made, fits = zip(*kinds, strict=True)
    often = torch.tensor(often, dtype=torch.float, device=images.device)
    kind = torch.multinomial(often, len(images), replacement=True, generator=generator)
    row = torch.arange(len(images), device=images.device)
    is_none = torch.stack(fits)[kind, row]
    pictures = torch.where(is_none[:, None, None, None], torch.stack(made)[kind, row], images)
    return pictures, torch.where(is_none, NOT_A_DIGIT, labels)


def scribbles(like: Tensor, generator: torch.Generator) -> Tensor:
    """As many pictures, (N, 1, S, S), of two to four strokes, straight or bent, each on from the last or not."""
    count, side = len(like), like.shape[-1]

    def uniform(*shape):
        return torch.rand(shape, generator=generator, device=like.device)

    start, end = (uniform(2, count, MOST_STROKES, 2) * GRID).floor() / (GRID - 1)
    # Half of them go straight across, up or through the middle, as most strokes of letters do.
    across = torch.where(uniform(count, MOST_STROKES, 2) < 0.6, 1 - start, start)
    end = torch.where(uniform(count, MOST_STROKES, 1) < 0.5, across, end)
    end = torch.where((start == end).all(2, keepdim=True), (start + 0.5) % 1.5, end)
    start, end = (at + (uniform(count, MOST_STROKES, 2) - 0.5) * 0.2 for at in (start, end))
    goes_on = uniform(count, MOST_STROKES, 1) < 0.5
    start[:, 1:] = torch.where(goes_on[:, 1:], end[:, :-1], start[:, 1:])
    bend = 0.7 * torch.randn(count, MOST_STROKES, 2, generator=generator, device=like.device)
    bend = bend * (uniform(count, MOST_STROKES, 1) < 0.35)
    # Two strokes alone may be a 1 or a 7, so they are rare.
    strokes = (2.7 + uniform(count, 1) * 2.1).floor()
    widths = (1.8 + uniform(count, 1) * 2) * (torch.arange(MOST_STROKES, device=like.device) < strokes)
    ends = MARGIN + _bent(start, end, bend) * (side - 2 * MARGIN)
    return draw(ends, widths.repeat_interleave(BENDS, 1), side)


def _bent(start: Tensor, end: Tensor, bend: Tensor) -> Tensor:
    """(N, K * BENDS, 4) straight pieces of K quadratic curves from (N, K, 2) to (N, K, 2)."""
    control = (start + end) / 2 + bend
    t = torch.linspace(0, 1, BENDS + 1, device=start.device)[:, None]
    curve = (1 - t) ** 2 * start[:, :, None] + 2 * t * (1 - t) * control[:, :, None] + t**2 * end[:, :, None]
    return torch.cat([curve[:, :, :-1], curve[:, :, 1:]], -1).flatten(1, 2)


@functools.cache
def letters(device: torch.device) -> Tensor:
    """(N, 1, 32, 32) uint8 letters of the writers to choose by."""
    return torch.from_numpy(np.load(LETTERS)["images"])[:, None].to(device)


def _some_letters(images: Tensor, generator: torch.Generator) -> Tensor:
    known = letters(images.device)
    chosen = torch.randint(len(known), (len(images),), generator=generator, device=images.device)
    return known[chosen].to(images.dtype)


def _lower_half(digit: Tensor) -> Tensor:
    """What is left of a digit whose upper part is cut off, as a U is of a 0."""
    cut = digit.clone()
    cut[:, :, : digit.shape[-1] * 7 // 16] = 0
    return cut


def _side_by_side(left: Tensor, right: Tensor) -> Tensor:
    """Two digits on one picture, each as wide as half of it."""
    half = [F.avg_pool2d(digit, (1, 2)) for digit in (left, right)]
    return torch.cat(half, 3)


def _halves(left: Tensor, right: Tensor) -> Tensor:
    """The left half of one digit with the right half of another."""
    half = left.shape[-1] // 2
    return torch.cat([left[..., :half], right[..., half:]], 3)


def _among(labels: Tensor, digits: tuple[int, ...]) -> Tensor:
    return torch.isin(labels, torch.tensor(digits, device=labels.device))
