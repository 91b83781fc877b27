"""The shipped recipe with several seeds: mean and spread on MNIST.

    python -m benchmarks.seeds [--seeds N] [--epochs N] [--teacher-epochs N] [--device D] [--keep FOLDER]

All of them learn from the same teachers, as they would by `python -m lenet.train --seed N`; that command is recorded in
the weights that --keep keeps. Prints a markdown table. The test images are looked at for this report alone;
nothing is chosen by them.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from lenet import mnist
from lenet.network import checkpoint
from lenet.network.device import pick_device
from lenet.train import ask_teachers, facts, from_scratch, train
from lenet.training.evaluation import evaluate
from lenet.training.recipe import Recipe

RECIPE = Recipe(epochs=160, batch_size=512, learning_rate=0.012, augmentation=0.6, hardest=1.0)


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.seeds", description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=RECIPE.epochs)
    parser.add_argument("--teacher-epochs", type=int, default=16)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where to write each seed's weights")
    options = parser.parse_args()
    device = pick_device(options.device)
    training, validation = mnist.training_and_validation()
    wished = replace(RECIPE, epochs=options.epochs)
    asked = ask_teachers(training, validation, wished, options.teacher_epochs, device)
    print("| seed | validation | test | calibration error on test | seconds |\n|---|---|---|---|---|")
    rows = []
    for seed in range(1, options.seeds + 1):
        recipe = replace(wished, seed=seed)
        *_, last = train(from_scratch(seed), training, validation, recipe, device, asked)
        test = evaluate(last.model, mnist.final_test())
        rows.append((last.accuracy, test.accuracy, test.calibration_error, last.seconds))
        print(f"| {seed} | {_cells(rows[-1])} |", flush=True)
        if options.keep:
            command = f"{recipe.command()} --teacher-epochs {options.teacher_epochs}"
            told = facts(recipe, 0.0, command, last.accuracy, test.accuracy)
            checkpoint.save_checkpoint(last.model, told, options.keep / f"{seed}.safetensors")
    print(f"| mean | {_cells(np.mean(rows, 0))} |")
    print(f"| spread (standard deviation) | {_cells(np.std(rows, 0, ddof=min(1, options.seeds - 1)))} |")


def _cells(row) -> str:
    validation, test, calibration, seconds = row
    return f"{validation:.2%} | {test:.2%} | {calibration:.4f} | {seconds:.0f}"


if __name__ == "__main__":
    main()
