"""Train the shipped recipe with several seeds: mean and standard deviation on MNIST.

    python -m benchmarks.seeds [--seeds N] [--epochs N] [--teacher-epochs N] [--device D] [--keep FOLDER]

All are trained on the same soft labels, as by `python -m lenet.train --seed N`, the command in the metadata of weights
that --keep saves. Prints a Markdown table. The test images are only for this report, not for choosing anything.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from lenet import mnist
from lenet.network import checkpoint
from lenet.network.device import pick_device
from lenet.network.lenet5 import LeNet5
from lenet.train import checkpoint_metadata
from lenet.training.distillation import SoftLabelBatches, SoftLabels, soft_labels, teacher_recipes, train_teacher
from lenet.training.evaluation import evaluate
from lenet.training.loop import from_scratch, learn
from lenet.training.recipe import Recipe

# The recipe of the shipped weights.
RECIPE = Recipe(
    epochs=200, batch_size=512, learning_rate=0.012, augmentation=0.6, hardest=1.0, teacher_epochs=10, copies=30
)


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.seeds", description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=RECIPE.epochs)
    parser.add_argument("--teacher-epochs", type=int, default=RECIPE.teacher_epochs)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="save each seed's weights here")
    options = parser.parse_args()
    device = pick_device(options.device)
    training, validation = mnist.training_and_validation()
    shared = replace(RECIPE, epochs=options.epochs, teacher_epochs=options.teacher_epochs)
    labels = labels_of_teachers(shared, device)
    print("| seed | validation | test | calibration error on test | seconds |\n|---|---|---|---|---|")
    rows = []
    for seed in range(1, options.seeds + 1):
        recipe = replace(shared, seed=seed)
        batches = SoftLabelBatches(labels, training, recipe)
        *_, last = learn(from_scratch(seed, LeNet5), batches, validation, recipe, device)
        test = evaluate(last.model, mnist.final_test())
        rows.append((last.accuracy, test.accuracy, test.calibration_error, last.seconds))
        print(f"| {seed} | {_cells(rows[-1])} |", flush=True)
        if options.keep:
            metadata = checkpoint_metadata(recipe, 0.0, recipe.command(), last.accuracy, test.accuracy)
            checkpoint.save_checkpoint(last.model, metadata, options.keep / f"{seed}.safetensors")
    print(f"| mean | {_cells(np.mean(rows, 0))} |")
    print(f"| standard deviation | {_cells(np.std(rows, 0, ddof=min(1, options.seeds - 1)))} |")


def labels_of_teachers(recipe: Recipe, device: torch.device) -> SoftLabels:
    """Train the recipe's teachers and return their soft labels."""
    training, validation = mnist.training_and_validation()
    recipes = teacher_recipes(recipe, device)
    teachers = [[*train_teacher(training, validation, own, device)][-1].model for own in recipes]
    return soft_labels(teachers, training, recipe, device)


def _cells(row) -> str:
    validation, test, calibration, seconds = row
    return f"{validation:.2%} | {test:.2%} | {calibration:.4f} | {seconds:.0f}"


if __name__ == "__main__":
    main()
