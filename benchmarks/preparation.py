"""Measure the accuracy lost by the preparation of digits at any place and size: `python -m benchmarks.preparation`."""

import numpy as np
import torch
from PIL import Image

from benchmarks.report import write_section
from lenet import mnist
from lenet.mnist import Digits
from lenet.network.checkpoint import load_checkpoint
from lenet.network.lenet5 import LeNet5
from lenet.reading.picture import ink_of
from lenet.reading.preparation import prepare
from lenet.training.evaluation import evaluate

SHEET = 280
SMALLEST = 84
SEED = 28


def main() -> None:
    model, _ = load_checkpoint()
    originals, prepared = accuracies(model, mnist.final_test())
    rows = [("10,000 test digits", "accuracy"), ("as they are", f"{originals:.2%}")]
    rows += [(f"at any place and size on {SHEET} x {SHEET}, prepared", f"{prepared:.2%}")]
    rows += [("lost, points", f"{100 * (originals - prepared):.2f}")]
    write_section("What the preparation costs", "benchmarks.preparation", rows)


def accuracies(model: LeNet5, digits: Digits) -> tuple[float, float]:
    """Return the accuracy on the digits themselves, and after they were put on a sheet and prepared."""
    rng = np.random.default_rng(SEED)
    sheets = [prepare(ink_of(on_a_sheet(digit, rng))).centred for digit in digits.images.numpy()]
    prepared = Digits(torch.from_numpy(np.stack(sheets)), digits.labels)
    return evaluate(model, digits).accuracy, evaluate(model, prepared).accuracy


def on_a_sheet(digit: np.ndarray, rng: np.random.Generator) -> Image.Image:
    """Return an MNIST digit as black ink on white paper, at a random place and size."""
    side = int(rng.integers(SMALLEST, SHEET, endpoint=True))
    corner = rng.integers(0, SHEET - side, size=2, endpoint=True).tolist()
    sheet = Image.new("L", (SHEET, SHEET), "white")
    sheet.paste(Image.fromarray(255 - digit).resize((side, side), Image.Resampling.BICUBIC), tuple(corner))
    return sheet


if __name__ == "__main__":
    main()
