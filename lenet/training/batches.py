"""Training batches: images and their targets (labels or soft labels)."""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from lenet.mnist import Digits
from lenet.reading.preparation import frame
from lenet.training.augmentation import augment
from lenet.training.recipe import Recipe

# The number of batches that a GPU distorts together, because launching the many small operations takes longer than
# running them. A CPU distorts one batch at a time, which fits into its cache.
DISTORTED_TOGETHER = 16


class Batches:
    """The batches of a run, in order; `len` is their number.

    Each is (images, targets) on the training device: (N, 1, 32, 32) from 0 paper to 255 ink, and labels, (N,), or soft
    labels, (N, 11), which are the probabilities of the ten digits and the reject class.
    """

    def __len__(self) -> int:
        raise NotImplementedError

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        raise NotImplementedError

    def record(self, losses: Tensor) -> None:
        """Record the losses, (N,), of the last batch."""


class MnistBatches(Batches):
    """MNIST's digits with their labels, distorted if the recipe has augmentation.

    The first epoch has all digits, later ones those with the highest last recorded loss. (Shrivastava, Gupta, Girshick:
    "Training Region-Based Object Detectors with Online Hard Example Mining", 2016.)
    """

    def __init__(self, training: Digits, recipe: Recipe, device: torch.device):
        count = math.ceil(recipe.fraction * len(training.labels))
        self.recipe, self.device = recipe, device
        self.images, self.labels = frame(training.images[:count].to(device)), training.labels[:count].to(device)
        self.losses = torch.zeros(count, device=device)
        self.later = max(2, math.ceil(recipe.hardest * count))  # digits in each epoch after the first
        self._indices = torch.arange(0)

    def __len__(self) -> int:
        return self._batches(len(self.labels)) + (self.recipe.epochs - 1) * self._batches(self.later)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        size = self.recipe.batch_size
        generator = torch.Generator(self.device).manual_seed(self.recipe.seed)
        digits = torch.arange(len(self.labels), device=self.device)
        for epoch in range(self.recipe.epochs):
            if epoch and self.later < len(self.labels):
                digits = self.losses.topk(self.later).indices
            order = torch.randperm(len(digits), generator=generator, device=self.device)
            whole = digits[order][: self._batches(len(digits)) * size]
            for chunk in whole.split(size if self.device.type == "cpu" else size * DISTORTED_TOGETHER):
                indices, images, targets = self._distorted(chunk, generator)
                parts = zip(indices.split(size), images.split(size), targets.split(size), strict=True)
                for self._indices, *batch in parts:
                    yield tuple(batch)

    def record(self, losses: Tensor) -> None:
        self.losses[self._indices] = losses

    def _batches(self, digits: int) -> int:
        """Return the number of batches. A single last digit is left out, because batch norm needs at least two."""
        return math.ceil((digits - 1) / self.recipe.batch_size)

    def _distorted(self, indices: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        images, targets = self.images[indices].float(), self.labels[indices]
        if not self.recipe.augmentation:
            return indices, images, targets
        images, targets = augment(images, targets, generator, self.recipe.augmentation)
        if len(indices) <= self.recipe.batch_size:
            return indices, images, targets
        # The non-digits come last; shuffle, so that each batch gets some.
        mixed = torch.randperm(len(indices), generator=generator, device=self.device)
        return indices[mixed], images[mixed], targets[mixed]
