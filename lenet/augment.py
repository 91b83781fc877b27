"""Distortions that turn MNIST's digits into other writers', a whole batch at once on the training device.

Affine (LeCun et al. 1998, section III.C) and elastic (Simard, Steinkraus, Platt: "Best Practices for
Convolutional Neural Networks Applied to Visual Document Analysis", 2003) in one resampling.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

# Each is the largest change at strength 1; what a digit gets is drawn evenly from both sides of none.
ROTATION = math.radians(15)
SHEAR = 0.25
STRETCH = 0.2
SHIFT = 2.0  # pixels
# Standard deviation of the elastic displacement in pixels, and how many of its knots lie along a side.
BEND = 1.2
KNOTS = 6


def distort(images: Tensor, generator: torch.Generator, strength: float = 1.0) -> Tensor:
    """(N, 1, S, S) float pictures, each distorted in its own way; 0 outside. `generator` is on their device."""
    grid = F.affine_grid(_affine(images, generator, strength), list(images.shape), align_corners=False)
    return F.grid_sample(images, grid + _elastic(images, generator, strength), align_corners=False)


def _affine(images: Tensor, generator: torch.Generator, strength: float) -> Tensor:
    """(N, 2, 3) maps from where a pixel lands to where it came from, in grid_sample's -1 to 1."""
    count, side = len(images), images.shape[-1]
    even = torch.rand(6, count, generator=generator, device=images.device) * 2 - 1
    angle, shear = even[0] * ROTATION * strength, even[1] * SHEAR * strength
    width, height = torch.exp(even[2] * STRETCH * strength), torch.exp(even[3] * STRETCH * strength)
    shift = even[4:] * SHIFT * strength * 2 / side
    cos, sin = angle.cos(), angle.sin()
    rows = [width * cos, width * (shear * cos - sin), shift[0], height * sin, height * (shear * sin + cos), shift[1]]
    return torch.stack(rows, 1).view(count, 2, 3)


def _elastic(images: Tensor, generator: torch.Generator, strength: float) -> Tensor:
    """(N, S, S, 2) smooth random displacements in grid_sample's units."""
    count, side = len(images), images.shape[-1]
    knots = torch.randn(count, 2, KNOTS, KNOTS, generator=generator, device=images.device)
    field = F.interpolate(knots * (BEND * strength * 2 / side), size=(side, side), mode="bicubic", align_corners=True)
    return field.permute(0, 2, 3, 1)
