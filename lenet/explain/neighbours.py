"""Which training digits the network sees as most like a given one: the nearest in the 84 units of F6.

Also a plane to look at them in: the two directions of F6 that keep the ten digits furthest apart for their spread
(Fisher: "The Use of Multiple Measurements in Taxonomic Problems", 1936; for more than two classes Rao, 1948).
"""

import functools
from dataclasses import dataclass

import torch
from torch import Tensor

from lenet.mnist import Digits, training_and_validation
from lenet.network.lenet5 import CLASSES, LeNet
from lenet.reading.preparation import frame
from lenet.training.evaluation import BATCH

# So many of the training digits are looked at: they are read again for every visitor's own weights.
LOOKED_AT = 10_000
# Added to the spread in every direction, as a share of the mean one, since some units never fire.
RIDGE = 0.05


@dataclass(frozen=True)
class Neighbourhood:
    """Training digits where one network's F6 puts them."""

    digits: Digits
    f6: Tensor  # (N, 84)
    axes: Tensor  # (84, 2) the plane
    places: Tensor  # (N, 2) the digits' places in it

    def nearest(self, f6: Tensor, count: int) -> tuple[Tensor, Tensor]:
        """The distances, (count,), and indices of the digits that are nearest to one digit's F6, (84,)."""
        distances = (self.f6 - f6).square().sum(1).sqrt()
        return distances.topk(count, largest=False)


@functools.lru_cache(maxsize=8)
@torch.no_grad()
def neighbourhood(model: LeNet) -> Neighbourhood:
    """The first training digits as this network sees them; kept for the networks that were asked about last.

    Raises mnist.MnistError.
    """
    training, _ = training_and_validation()
    digits = Digits(training.images[:LOOKED_AT], training.labels[:LOOKED_AT])
    batches = frame(digits.images).split(BATCH)
    f6 = torch.cat([model.activations(model.normalise(batch.float()))["F6"] for batch in batches])
    axes = _discriminant(f6, digits.labels)
    return Neighbourhood(digits, f6, axes, f6 @ axes)


def _discriminant(f6: Tensor, labels: Tensor) -> Tensor:
    """(84, 2) the directions in which the classes' means differ most, measured in the spread within the classes."""
    means = torch.stack([f6[labels == digit].mean(0) for digit in range(CLASSES)])
    within = torch.cov((f6 - means[labels]).T)
    within += RIDGE * within.diagonal().mean() * torch.eye(len(within))
    between = torch.cov(means.T)
    # With L L' = within, the directions are those of the symmetric problem inv(L) between inv(L)'.
    root = torch.linalg.cholesky(within)
    inverse = torch.linalg.inv(root)
    directions = torch.linalg.eigh(inverse @ between @ inverse.T).eigenvectors[:, -2:].flip(1)
    return inverse.T @ directions
