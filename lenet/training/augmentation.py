"""Augmentation: distort MNIST's digits so that they look like other writers', in batches on the training device.

Affine (LeCun et al. 1998, section III.C) and elastic distortions (Simard, Steinkraus, Platt: "Best Practices for
Convolutional Neural Networks Applied to Visual Document Analysis", 2003) in one resampling, which also
places the digit as the preparation does: 20 pixels large, with its centre of mass in the middle.
"""

import functools
import math

import torch
from torch import Tensor
from torch.nn import functional as F

from lenet.reading.preparation import BOX_SIDE, CENTRE, FAINTEST
from lenet.training.non_digits import non_digits
from lenet.training.styles import restyle

# The largest changes at strength 1; each digit's change is uniform between minus and plus this.
ROTATION = math.radians(15)
SHEAR = 0.3
STRETCH = 0.3
# The largest change of size and position; the elastic distortion changes them too.
SIZE = 0.04
SHIFT = 0.8  # pixels
# Strokes get thinner or thicker by up to this share of a pixel on every side.
THINNER, THICKER = 0.3, 0.6
# Sharpens edges softened by resampling.
CONTRAST = 1.35
# Standard deviation of the elastic displacement in pixels, and the number of random knots along a side.
BEND = 0.7
KNOTS = 5
# Share of the images that become non-digits.
NON_DIGITS = 0.1


def augment(images: Tensor, labels: Tensor, generator: torch.Generator, strength: float = 1.0):
    """Return digits, (N, 1, S, S) from 0 to 255, in other styles and distorted, and their labels; the last become
    non-digits."""
    count = round(NON_DIGITS * len(images))
    images, labels = restyle(images, labels, generator), labels.clone()
    if count:
        images[-count:], labels[-count:] = non_digits(images[-count:], labels[-count:], generator)
    return distort(images, generator, strength), labels


def distort(images: Tensor, generator: torch.Generator, strength: float = 1.0) -> Tensor:
    """Distort each image, (N, 1, S, S) from 0 to 255, at random. `generator` is on the images' device."""
    images = _thickness(images, generator, strength)
    grid = F.affine_grid(_affine(images, generator, strength), list(images.shape), align_corners=False)
    images = F.grid_sample(images, grid + _elastic(images, generator, strength), align_corners=False)
    return ((images - 127.5) * CONTRAST + 127.5).clamp(0, 255)


def _thickness(images: Tensor, generator: torch.Generator, strength: float) -> Tensor:
    """Make the strokes of every other image a little thicker, and those of the others a little thinner."""
    share = torch.rand(len(images), 1, 1, 1, generator=generator, device=images.device) * strength
    thick, thin = images[::2], images[1::2]
    changed = torch.empty_like(images)
    changed[::2] = thick + THICKER * share[::2] * (F.max_pool2d(thick, 3, 1, 1) - thick)
    changed[1::2] = thin - THINNER * share[1::2] * (F.max_pool2d(-thin, 3, 1, 1) + thin)
    return changed


def _affine(images: Tensor, generator: torch.Generator, strength: float) -> Tensor:
    """Return affine maps, (N, 2, 3), from a pixel's new position to its old one, in grid_sample's -1 to 1."""
    count, side = len(images), images.shape[-1]
    even = torch.rand(7, count, generator=generator, device=images.device) * 2 - 1
    angle, shear = even[0] * ROTATION * strength, even[1] * SHEAR * strength
    width, height = torch.exp(even[2] * STRETCH * strength), torch.exp(even[3] * STRETCH * strength)
    cos, sin = angle.cos(), angle.sin()
    rows = [width * cos, width * (shear * cos - sin), height * sin, height * (shear * sin + cos)]
    shape = torch.stack(rows, 1).view(count, 2, 2)
    size, middle = _fit(images, shape)
    size = size * torch.exp(even[4] * SIZE * strength)
    back = _inverse(shape) / size[:, None, None]
    centre = (even[5:].T * SHIFT * strength + CENTRE) * 2 / side - 1
    return torch.cat([back, middle[:, :, None] - back @ centre[:, :, None]], 2)


def _inverse(maps: Tensor) -> Tensor:
    """Return the inverses of maps, (N, 2, 2); torch.linalg's are reported wrong on MPS."""
    (a, b), (c, d) = (row.unbind(-1) for row in maps.unbind(1))
    adjugate = torch.stack([d, -b, -c, a], 1).view(-1, 2, 2)
    return adjugate / (a * d - b * c)[:, None, None]


def _fit(images: Tensor, shape: Tensor) -> tuple[Tensor, Tensor]:
    """Return the scale, (N,), that gives the ink the prepared size after the maps `shape`, (N, 2, 2), and the ink's
    centre of mass before them, (N, 2) in -1 to 1."""
    side = images.shape[-1]
    along = (torch.arange(side, device=images.device) * 2 + 1) / side - 1
    points = torch.stack([along.expand(side, side), along[:, None].expand(side, side)]).flatten(1)
    ink = images.flatten(1)
    moved = shape @ points
    paper = (ink < FAINTEST)[:, None]
    extent = moved.masked_fill(paper, -9).amax(2) - moved.masked_fill(paper, 9).amin(2)
    middle = ink @ points.T / ink.sum(1, keepdim=True).clamp(min=1)
    return (BOX_SIDE - 1) * 2 / side / extent.amax(1).clamp(min=0.1), middle


def _elastic(images: Tensor, generator: torch.Generator, strength: float) -> Tensor:
    """Return smooth random displacements, (N, S, S, 2), in grid_sample's units."""
    count, side = len(images), images.shape[-1]
    knots = torch.randn(count, 2, KNOTS, KNOTS, generator=generator, device=images.device)
    spread = _spread(side, images.device)
    return (spread @ (knots * (BEND * strength * 2 / side)) @ spread.T).permute(0, 2, 3, 1)


@functools.cache
def _spread(side: int, device: torch.device) -> Tensor:
    """Return the matrix, (side, KNOTS), of bicubic interpolation from the knots to the pixels of a side."""
    knots = torch.eye(KNOTS)[None, None]
    return F.interpolate(knots, size=(side, KNOTS), mode="bicubic", align_corners=True)[0, 0].to(device)
