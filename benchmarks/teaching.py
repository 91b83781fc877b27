"""Measure what teaching gains and loses: `python -m benchmarks.teaching DIGITS.npz [--weights FILE]`.

Each of five visitors has the digits of two of the ten writers with most misread digits. A visitor's digits are split
into two random halves: up to ten misread digits of one half are taught, the other half is only read.
benchmarks/writers.py describes the file.
"""

import argparse
import time
from collections import Counter
from pathlib import Path

import numpy as np
import torch

from benchmarks.report import write_section
from benchmarks.writers import drawings, prepared_inputs, read
from lenet import mnist
from lenet.mnist import Digits
from lenet.network import checkpoint
from lenet.network.lenet5 import LeNet5
from lenet.training.comparison import Comparison
from lenet.training.evaluation import evaluate
from lenet.training.teaching import teach

VISITORS = 5
TAUGHT = 10
CPU = torch.device("cpu")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.teaching", description=__doc__.splitlines()[0])
    parser.add_argument("digits", type=Path)
    parser.add_argument("--weights", type=Path, default=checkpoint.SHIPPED)
    options = parser.parse_args()
    model, _ = checkpoint.load_checkpoint(options.weights)
    inputs = prepared_inputs(drawings(options.digits))
    writers = np.load(options.digits)["writer"]
    labels = torch.from_numpy(np.load(options.digits)["label"].astype(np.int64))
    right = reads_right(model, inputs, labels)
    worst = [writer for writer, _ in Counter(writers[~right].tolist()).most_common(2 * VISITORS)]
    rows = [("visitor", "taught", "read right after", "other half, misread: right after", "other half, all: before")]
    rows[0] += ("after", "MNIST test, points", "seconds")
    for i, pair in enumerate(zip(worst[:VISITORS], worst[: -VISITORS - 1 : -1], strict=True), 1):
        own = np.random.default_rng(i).permutation(np.flatnonzero(np.isin(writers, pair)))
        rows.append((f"writers {pair[0]} and {pair[1]}", *figures(model, inputs, labels, right, own, seed=i)))
        print(rows[-1], flush=True)
    write_section("What teaching gains and loses", "benchmarks.teaching DIGITS.npz", rows)


def reads_right(model: LeNet5, inputs: torch.Tensor, labels: torch.Tensor) -> np.ndarray:
    """Return whether each digit, (N,), is read correctly."""
    return (read(model, inputs).argmax(1) == labels).numpy()


def figures(
    model: LeNet5, inputs: torch.Tensor, labels: torch.Tensor, right: np.ndarray, own: np.ndarray, seed: int
) -> list[str]:
    """Return one visitor's row; `right` is which digits were right before, `own` the indices of the visitor's."""
    taught, other = own[::2], own[1::2]
    taught = taught[~right[taught]][:TAUGHT]
    misread = other[~right[other]]
    pictures = inputs[taught, 0].round().byte()
    started = time.perf_counter()
    *_, last = teach(model, Digits(pictures, labels[taught]), *mnist.training_and_validation(), seed, CPU)
    seconds = time.perf_counter() - started
    after = reads_right(last.model, inputs, labels)
    return [
        f"{len(taught)}",
        f"{after[taught].sum()}",
        f"{after[misread].sum()} of {len(misread)}",
        f"{right[other].mean():.1%}",
        f"{after[other].mean():.1%}",
        f"{100 * Comparison(*(evaluate(each, mnist.final_test()) for each in (model, last.model))).gain:+.2f}",
        f"{seconds:.1f}",
    ]


if __name__ == "__main__":
    main()
