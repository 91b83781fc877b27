"""Measure a network on MNIST's test set: `python -m lenet.evaluate`."""

import argparse
import json
import sys
from pathlib import Path

import torch

from lenet import mnist
from lenet.errors import InputError
from lenet.network import NETWORKS, checkpoint
from lenet.network.lenet5 import CLASSES, LeNet5
from lenet.training.evaluation import evaluate


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m lenet.evaluate", description=__doc__)
    parser.add_argument("--network", default=LeNet5.name, choices=NETWORKS, help="whose shipped weights to use")
    parser.add_argument("--weights", type=Path, help="use this .safetensors file instead")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    try:
        model, _ = checkpoint.load_checkpoint(options.weights or checkpoint.SHIPPED_OF[options.network])
        result = evaluate(model, mnist.final_test())
    except InputError as fault:
        print(fault, file=sys.stderr)
        return 1
    report = {
        "parameters": model.parameter_count(),
        "images": len(result.labels),
        "errors": result.errors,
        "accuracy": round(result.accuracy, 6),
        "calibration_error": round(result.calibration_error, 6),
    }
    print(json.dumps(report) if options.json else _table(report, result.confusion))
    return 0


def _table(report: dict, confusion: torch.Tensor) -> str:
    lines = [f"{name.replace('_', ' '):18}{value:>10,}" for name, value in report.items()]
    lines += ["", "label \\ answer " + "".join(f"{digit:>6}" for digit in range(CLASSES))]
    for label, row in enumerate(confusion.tolist()):
        lines.append(f"{label:>14} " + "".join(f"{count or '·':>6}" for count in row))
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
