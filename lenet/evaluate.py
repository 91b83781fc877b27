"""How well weights read MNIST; `python -m lenet.evaluate`."""

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import torch

from lenet import checkpoint, mnist
from lenet.mnist import Digits, MnistError
from lenet.model import CLASSES, LeNet, LeNet5
from lenet.networks import NETWORKS
from lenet.prepare import frame

# Of four times as many, C1's output is so large that the CPU's memory is asked for anew for every batch.
BATCH = 250
CALIBRATION_BINS = 15


@dataclass(frozen=True)
class Evaluation:
    """What a network made of a set of digits."""

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
        """Mean gap between confidence and accuracy over bins of confidence, by their share.

        Guo, Pleiss, Sun, Weinberger: "On Calibration of Modern Neural Networks", 2017.
        """
        confidence, best = self.probabilities.max(1)
        gap = (best == self.labels).double() - confidence.double()
        bins = (confidence * CALIBRATION_BINS).long().clamp(max=CALIBRATION_BINS - 1)
        sums = torch.zeros(CALIBRATION_BINS, dtype=torch.double).index_add(0, bins.cpu(), gap.cpu())
        return float(sums.abs().sum() / len(gap))

    @property
    def confusion(self) -> torch.Tensor:
        """(10, 10) counts: row is the label, column the answer."""
        pairs = self.labels * CLASSES + self.probabilities.argmax(1)
        return torch.bincount(pairs.cpu(), minlength=CLASSES**2).view(CLASSES, CLASSES)


@torch.inference_mode()
def evaluate(model: LeNet, digits: Digits) -> Evaluation:
    """Read all digits with the network as it is; both on one device."""
    batches = frame(digits.images).split(BATCH)
    probabilities = torch.cat([model(model.normalise(batch.float())).softmax(1) for batch in batches])
    return Evaluation(probabilities, digits.labels)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m lenet.evaluate", description=__doc__)
    parser.add_argument("--network", default=LeNet5.name, choices=NETWORKS, help="whose shipped weights to use")
    parser.add_argument("--weights", type=Path, help="a .safetensors file instead; it says which network it is of")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    try:
        model, _ = checkpoint.load_checkpoint(options.weights or checkpoint.SHIPPED_OF[options.network])
        result = evaluate(model, mnist.final_test())
    except (checkpoint.CheckpointError, MnistError) as fault:
        print(fault, file=sys.stderr)
        return 1
    report = {
        "parameters": model.parameter_count(),
        "images": len(result.labels),
        "errors": result.errors,
        "accuracy": round(result.accuracy, 6),
        "calibration_error": round(result.calibration_error, 6),
    }
    print(json.dumps(report) if options.json else _page(report, result.confusion))
    return 0


def _page(report: dict, confusion: torch.Tensor) -> str:
    lines = [f"{name.replace('_', ' '):18}{value:>10,}" for name, value in report.items()]
    lines += ["", "label \\ answer " + "".join(f"{digit:>6}" for digit in range(CLASSES))]
    for label, row in enumerate(confusion.tolist()):
        lines.append(f"{label:>14} " + "".join(f"{count or '·':>6}" for count in row))
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
