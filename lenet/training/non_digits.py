"""Non-digits for the reject class, made of letters, MNIST's digits and random strokes, on the training device.

A network trained on digits alone is confident about any input. Trained on non-digits too, it can refuse them.
(Hendrycks, Mazeika, Dietterich: "Deep Anomaly Detection with Outlier Exposure", 2019.)
"""

import functools

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from lenet.mnist import ROOT
from lenet.network.decision import NOT_A_DIGIT
from lenet.training.strokes import draw

# Handwritten capital letters, prepared: (N, 32, 32) uint8. The README beside them names their source.
LETTERS = ROOT / "letters" / "letters.npz"
LETTERS_WEIGHT = 5  # compared with the weights of the other kinds
# Digits that become non-digits when mirrored or rotated.
MIRRORED = (2, 3, 4, 5, 6, 7, 9)
TURNED_QUARTER = (1, 2, 3, 4, 5, 6, 7, 8, 9)
TURNED_HALF = (3, 4, 7)
# Random strokes start and end near the points of a grid of 3 x 3, this many pixels from the image's edge. Some are
# bent, and drawn as BENDS straight pieces.
GRID, MARGIN = 3, 7
MOST_STROKES = 4
BENDS = 4


def non_digits(images: Tensor, labels: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return non-digits made from digits, (N, 1, S, S) from 0 to 255, and their labels: NOT_A_DIGIT, or the digit's own
    label if the change chosen for it would leave it a digit."""
    other, other_labels = images.roll(1, 0), labels.roll(1, 0)
    differ, anything = labels != other_labels, torch.ones_like(labels, dtype=torch.bool)
    # For each kind: its weight, its images, and a mask of those that are non-digits.
    kinds = [
        (4, scribbles(images, generator), anything),
        (LETTERS_WEIGHT, _some_letters(images, generator), anything),
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
    weights, made, fits = zip(*kinds, strict=True)
    weights = torch.tensor(weights, dtype=torch.float, device=images.device)
    kind = torch.multinomial(weights, len(images), replacement=True, generator=generator)
    row = torch.arange(len(images), device=images.device)
    changed = torch.stack(fits)[kind, row]
    images = torch.where(changed[:, None, None, None], torch.stack(made)[kind, row], images)
    return images, torch.where(changed, NOT_A_DIGIT, labels)


def scribbles(like: Tensor, generator: torch.Generator) -> Tensor:
    """Return one image for each of `like`, (N, 1, S, S), with two to four strokes, straight or bent, joined or not."""
    count, side = len(like), like.shape[-1]

    def uniform(*shape):
        return torch.rand(shape, generator=generator, device=like.device)

    start, end = (uniform(2, count, MOST_STROKES, 2) * GRID).floor() / (GRID - 1)
    # Most go straight across, up or through the middle, like the strokes of letters.
    across = torch.where(uniform(count, MOST_STROKES, 2) < 0.6, 1 - start, start)
    end = torch.where(uniform(count, MOST_STROKES, 1) < 0.5, across, end)
    end = torch.where((start == end).all(2, keepdim=True), (start + 0.5) % 1.5, end)
    start, end = (at + (uniform(count, MOST_STROKES, 2) - 0.5) * 0.2 for at in (start, end))
    goes_on = uniform(count, MOST_STROKES, 1) < 0.5
    start[:, 1:] = torch.where(goes_on[:, 1:], end[:, :-1], start[:, 1:])
    bend = 0.7 * torch.randn(count, MOST_STROKES, 2, generator=generator, device=like.device)
    bend = bend * (uniform(count, MOST_STROKES, 1) < 0.35)
    # Two strokes may look like a 1 or a 7, so they are rare.
    strokes = (2.7 + uniform(count, 1) * 2.1).floor()
    widths = (1.8 + uniform(count, 1) * 2) * (torch.arange(MOST_STROKES, device=like.device) < strokes)
    ends = MARGIN + _bent(start, end, bend) * (side - 2 * MARGIN)
    return draw(ends, widths.repeat_interleave(BENDS, 1), side)


def _bent(start: Tensor, end: Tensor, bend: Tensor) -> Tensor:
    """Return straight pieces, (N, K * BENDS, 4), of quadratic curves from `start` to `end`, (N, K, 2) each."""
    control = (start + end) / 2 + bend
    t = torch.linspace(0, 1, BENDS + 1, device=start.device)[:, None]
    curve = (1 - t) ** 2 * start[:, :, None] + 2 * t * (1 - t) * control[:, :, None] + t**2 * end[:, :, None]
    return torch.cat([curve[:, :, :-1], curve[:, :, 1:]], -1).flatten(1, 2)


@functools.cache
def letters(device: torch.device) -> Tensor:
    """Return all letters, (N, 1, 32, 32) uint8 from 0 paper to 255 ink."""
    return torch.from_numpy(np.load(LETTERS)["images"])[:, None].to(device)


def _some_letters(images: Tensor, generator: torch.Generator) -> Tensor:
    known = letters(images.device)
    chosen = torch.randint(len(known), (len(images),), generator=generator, device=images.device)
    return known[chosen].to(images.dtype)


def _lower_half(digit: Tensor) -> Tensor:
    """Return the digit without its upper part, which makes a U of a 0."""
    cut = digit.clone()
    cut[:, :, : digit.shape[-1] * 7 // 16] = 0
    return cut


def _side_by_side(left: Tensor, right: Tensor) -> Tensor:
    """Return two digits in one image, each half as wide as before."""
    half = [F.avg_pool2d(digit, (1, 2)) for digit in (left, right)]
    return torch.cat(half, 3)


def _halves(left: Tensor, right: Tensor) -> Tensor:
    """Return the left half of one digit joined to the right half of another."""
    half = left.shape[-1] // 2
    return torch.cat([left[..., :half], right[..., half:]], 3)


def _among(labels: Tensor, digits: tuple[int, ...]) -> Tensor:
    return torch.isin(labels, torch.tensor(digits, device=labels.device))
