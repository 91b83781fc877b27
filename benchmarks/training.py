"""How fast training is: `python -m benchmarks.training [--seeds N] [--device D] [--no-example]`, ten minutes.

The recipe of the page's button with several seeds, and a longer one: seconds from the first step until the test set is
read 99.0 % and 99.4 % right (it is read at every validation, off the clock). Beside it on the same cores PyTorch's
own MNIST example, epoch by epoch until it reads 99.0 % (benchmarks/mnist_example.py), and the arithmetic's bound:
forward and backward take 2 × 3 operations for each multiplication and addition of the forward pass, at the rate that a
large matrix product reaches here. On a GPU a first run of one epoch is not counted: there kernels are chosen.
"""

import argparse
import statistics
import time
from typing import NamedTuple

import torch

from benchmarks import mnist_example
from benchmarks.report import spread, write_section
from lenet import mnist
from lenet.network.device import device_name, pick_device
from lenet.network.lenet5 import STAGES, LeNet5
from lenet.training.evaluation import evaluate
from lenet.training.loop import from_scratch, train
from lenet.training.recipe import Recipe

GOAL, HIGH_GOAL = 0.990, 0.994
# The first is the one that the page's button starts with.
RECIPE, LONG_RECIPE = {}, {"epochs": 10, "augmentation": 0.6, "hardest": 1.0}
PRODUCT_SIDE, PRODUCTS = 1_024, 20


class Run(NamedTuple):
    """What one run of ours came to."""

    reached: float | None  # seconds until the test set was read as well as asked for; None where it never was
    seconds: float  # of the whole run
    validation: float
    test: float
    images: float  # a second


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training", description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--no-example", action="store_true", help="leave PyTorch's own example out")
    options = parser.parse_args()
    device = pick_device(options.device)
    if device.type != "cpu":
        _run(Recipe(epochs=1), GOAL, device)
    plain = [_run(Recipe(seed=seed, **RECIPE), GOAL, device) for seed in range(1, options.seeds + 1)]
    long = _run(Recipe(seed=1, **LONG_RECIPE), HIGH_GOAL, device)
    images = [run.images for run in plain]
    bound = _product_rate(device) / _operations()
    rows = [
        ("what", "median (lowest–highest)", "n"),
        ("seconds to 99.0 % of the test set", _reached(plain), f"{len(plain)} seeds"),
        ("seconds of the whole run", spread([run.seconds for run in plain]), ""),
        ("accuracy on the validation split, %", spread([100 * run.validation for run in plain], 2), ""),
        ("accuracy on the test set, %", spread([100 * run.test for run in plain], 2), ""),
        ("images a second", spread(images, 0), ""),
        ("images a second that the arithmetic allows", f"{bound:.0f}", ""),
        ("of the arithmetic's bound, %", spread([100 * each / bound for each in images]), ""),
        ("seconds to 99.4 % of the test set", _reached([long]), "1 seed"),
        ("recipe of that one", Recipe(**LONG_RECIPE).command(), f"{long.test:.2%} at its end"),
    ]
    if not options.no_example:
        rows += _beside_the_example(plain, device)
    rows.append(("recipe and device", Recipe(**RECIPE).command(), device_name(device)))
    write_section(f"Training on {device.type}", "benchmarks.training", rows)


def _run(recipe: Recipe, goal: float, device: torch.device) -> Run:
    training, validation = mnist.training_and_validation()
    off_the_clock, reached = 0.0, None
    for progress in train(from_scratch(recipe.seed), training, validation, recipe, device):
        seconds = progress.seconds - off_the_clock
        if progress.accuracy is None:
            continue
        looking = time.perf_counter()
        tested = evaluate(progress.now, mnist.final_test()).accuracy
        off_the_clock += time.perf_counter() - looking
        if reached is None and tested >= goal:
            reached = seconds
    return Run(reached, seconds, progress.accuracy, tested, progress.steps * recipe.batch_size / seconds)


def _reached(runs: list[Run]) -> str:
    """The seconds of those that reached their goal, and how many did not."""
    seconds = [run.reached for run in runs if run.reached is not None]
    missed = len(runs) - len(seconds)
    told = [spread(seconds)] if seconds else []
    return ", ".join(told + [f"{missed} never"] * bool(missed))


def _operations() -> int:
    """Floating-point operations of training on one image: of each weight's uses, forward and twice as many back."""
    model = LeNet5()
    layers = [(model.layer(stage.name), stage.side) for stage in STAGES if model.parameter_count(stage.name)]
    return 2 * 3 * sum(layer.weight.numel() * side**2 for layer, side in layers)


def _product_rate(device: torch.device) -> float:
    """Floating-point operations a second of a large matrix product."""
    a, b = (torch.randn(PRODUCT_SIDE, PRODUCT_SIDE, device=device) for _ in range(2))
    times = []
    for _ in range(PRODUCTS):
        started = time.perf_counter()
        (a @ b)[0, 0].item()  # a GPU has only then done it
        times.append(time.perf_counter() - started)
    return 2 * PRODUCT_SIDE**3 / statistics.median(times)


def _beside_the_example(ours: list[Run], device: torch.device) -> list[tuple[str, ...]]:
    """The rows of PyTorch's example, which is run until it reaches the goal, and how many times faster we do."""
    for epochs, (seconds, accuracy) in enumerate(mnist_example.run(1, device), 1):
        print(f"PyTorch's example: {epochs} epochs, {seconds:.0f} s, {accuracy:.2%}", flush=True)
        if accuracy >= GOAL:
            break
    rows = [("PyTorch's MNIST example: seconds to 99.0 %", f"{seconds:.1f}", f"{epochs} epochs, {accuracy:.2%}")]
    reached = [run.reached for run in ours if run.reached is not None]
    if reached:
        rows.append(("times faster than the example", f"{seconds / statistics.median(reached):.0f}", ""))
    return rows


if __name__ == "__main__":
    main()
