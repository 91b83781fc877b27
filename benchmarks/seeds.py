"""The shipped recipe with several seeds: mean and spread on MNIST.

    python -m benchmarks.seeds [--seeds N] [--epochs N] [--teacher-epochs N] [--device D]

All of them learn from one teacher, that of seed 1. Prints a markdown table. The test images are looked at for this
report alone; nothing is chosen by them.
"""

import argparse
from dataclasses import replace

import numpy as np

from lenet import mnist
from lenet.device import pick_device
from lenet.evaluate import evaluate
from lenet.recipe import Recipe
from lenet.teacher import LEARNING_RATE, Teacher
from lenet.train import from_scratch, train

RECIPE = Recipe(epochs=160, learning_rate=0.004, augmentation=0.6, hardest=1.0)


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.seeds", description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=RECIPE.epochs)
    parser.add_argument("--teacher-epochs", type=int, default=20)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    device = pick_device(options.device)
    training, validation = mnist.training_and_validation()
    studies = replace(RECIPE, epochs=options.teacher_epochs, learning_rate=LEARNING_RATE)
    *_, taught = train(from_scratch(RECIPE.seed, Teacher), training, validation, studies, device)
    print("| seed | validation | test | calibration error on test | seconds |\n|---|---|---|---|---|")
    rows = []
    for seed in range(1, options.seeds + 1):
        recipe = replace(RECIPE, epochs=options.epochs, seed=seed)
        *_, last = train(from_scratch(seed), training, validation, recipe, device, taught.model)
        test = evaluate(last.model, mnist.final_test())
        rows.append((last.accuracy, test.accuracy, test.calibration_error, last.seconds))
        print(f"| {seed} | {_cells(rows[-1])} |", flush=True)
    print(f"| mean | {_cells(np.mean(rows, 0))} |")
    print(f"| spread (standard deviation) | {_cells(np.std(rows, 0, ddof=min(1, options.seeds - 1)))} |")


def _cells(row) -> str:
    validation, test, calibration, seconds = row
    return f"{validation:.2%} | {test:.2%} | {calibration:.4f} | {seconds:.0f}"


if __name__ == "__main__":
    main()
