"""Neighbours: the training digits most similar to a drawing, by their distance in the 84 units of F6.

They are shown in the plane of a linear discriminant analysis: the two directions of F6 in which the ten classes differ
most compared with their spread (Fisher: "The Use of Multiple Measurements in Taxonomic Problems", 1936; for more than
two classes Rao, 1948).
"""

import functools
from dataclasses import dataclass

import torch
from torch import Tensor

from lenet.mnist import Digits, training_and_validation
from lenet.network.lenet5 import CLASSES, LeNet
from lenet.reading.preparation import frame
from lenet.training.evaluation import BATCH

# The number of training digits compared. All are read once for each visitor's own weights.
COMPARED = 10_000
# Added to the spread in every direction, as a share of the mean spread, because some units are always 0.
RIDGE = 0.05


@dataclass(frozen=True)
class Neighbour:
    """One of the compared training digits."""

    index: int
    label: int
    distance: float  # in F6


@dataclass(frozen=True)
class Neighbourhood:
    """The compared training digits as one network's F6 sees them."""

    digits: Digits
    f6: Tensor  # (N, 84)
    axes: Tensor  # (84, 2) the plane
    places: Tensor  # (N, 2) their positions in the plane: across and down

    def nearest(self, f6: Tensor, count: int) -> list[Neighbour]:
        """Return the `count` digits nearest to `f6`, (84,), the nearest first."""
        distances, indices = (self.f6 - f6).square().sum(1).sqrt().topk(count, largest=False)
        labels = self.digits.labels[indices]
        return list(map(Neighbour, indices.tolist(), labels.tolist(), distances.tolist()))


@functools.lru_cache(maxsize=8)
@torch.no_grad()
def neighbourhood(model: LeNet) -> Neighbourhood:
    """Read the first training digits with this network; the last eight results are cached. Raises InputError."""
    training, _ = training_and_validation()
    digits = Digits(training.images[:COMPARED], training.labels[:COMPARED])
    batches = frame(digits.images).split(BATCH)
    f6 = torch.cat([model.activations(model.normalise(batch.float()))["F6"] for batch in batches])
    axes = _discriminant(f6, digits.labels)
    return Neighbourhood(digits, f6, axes, f6 @ axes)


def _discriminant(f6: Tensor, labels: Tensor) -> Tensor:
    """Return the directions, (84, 2), in which the classes' means differ most, relative to the spread within
    classes."""
    means = torch.stack([f6[labels == digit].mean(0) for digit in range(CLASSES)])
    within = torch.cov((f6 - means[labels]).T)
    within += RIDGE * within.diagonal().mean() * torch.eye(len(within))
    between = torch.cov(means.T)
    # With L L' = within, they come from the eigenvectors of the symmetric inv(L) between inv(L)'.
    root = torch.linalg.cholesky(within)
    inverse = torch.linalg.inv(root)
    directions = torch.linalg.eigh(inverse @ between @ inverse.T).eigenvectors[:, -2:].flip(1)
    return inverse.T @ directions
