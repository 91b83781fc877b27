"""Errors, accuracy, calibration and confusion of a network on a set of digits."""

from dataclasses import dataclass

import torch

from lenet.mnist import Digits
from lenet.network.lenet5 import CLASSES, LeNet
from lenet.reading.preparation import frame

# With larger batches, such as 1,000, C1's output is so large that a CPU allocates new memory for every batch.
BATCH = 250
BATCH_ON_GPU = 5_000
CALIBRATION_BINS = 15


@dataclass(frozen=True)
class Evaluation:
    """A network's answers to a set of digits, and their labels."""

    probabilities: torch.Tensor  # (N, 10)
    labels: torch.Tensor  # (N,)

    @property
    def errors(self) -> int:
        return int((self.probabilities.argmax(1) != self.labels).sum())

    @property
    def accuracy(self) -> float:
        return 1 - self.errors / len(self.labels)

    @property
    def calibration_error(self) -> float:
        """The mean difference between confidence and accuracy over bins of confidence, weighted by their size (Guo,
        Pleiss, Sun, Weinberger: "On Calibration of Modern Neural Networks", 2017)."""
        confidence, best = self.probabilities.max(1)
        gap = (best == self.labels).double() - confidence.double()
        bins = (confidence * CALIBRATION_BINS).long().clamp(max=CALIBRATION_BINS - 1)
        sums = torch.zeros(CALIBRATION_BINS, dtype=torch.double).index_add(0, bins.cpu(), gap.cpu())
        return float(sums.abs().sum() / len(gap))

    @property
    def confusion(self) -> torch.Tensor:
        """The counts, (10, 10), of each label (row) and answer (column)."""
        pairs = self.labels * CLASSES + self.probabilities.argmax(1)
        return torch.bincount(pairs.cpu(), minlength=CLASSES**2).view(CLASSES, CLASSES)


@torch.inference_mode()
def evaluate(model: LeNet, digits: Digits) -> Evaluation:
    """Read all digits with the network; both must be on the same device."""
    batches = frame(digits.images).split(BATCH if digits.images.device.type == "cpu" else BATCH_ON_GPU)
    probabilities = torch.cat([model.read(batch).softmax(1) for batch in batches])
    return Evaluation(probabilities, digits.labels)
