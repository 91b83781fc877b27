"""Measure the speed of training: `python -m benchmarks.training [--seeds N] [--device D] [--no-example]`.

The device's default recipe with several seeds: seconds from the first step until 99.0 % of the test set is read
correctly (testing is not timed), compared with the bounds set by arithmetic and memory. On a CPU, ten minutes, also a
longer recipe, and PyTorch's MNIST example on the same cores (benchmarks/mnist_example.py). On a GPU, two minutes, after
a warm-up run; also the time of a step with and without its graph, the time of the whole command, and the CPU's default
recipe.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

import torch

from benchmarks.report import spread, write_section
from lenet import mnist
from lenet.network.device import device_name, pick_device
from lenet.network.lenet5 import STAGES, LeNet5
from lenet.training.batches import MnistBatches
from lenet.training.evaluation import evaluate
from lenet.training.loop import from_scratch, train
from lenet.training.recipe import Recipe, default_recipe
from lenet.training.step import CapturedStep, Step

GOAL, HIGH_GOAL = 0.990, 0.994
LONG_RECIPE = Recipe(epochs=10, augmentation=0.6, hardest=1.0)
PRODUCT_SIDE, PRODUCTS = 1_024, 20
COPIED = 1 << 28  # bytes
TIMED_STEPS = 200
FLOAT = 4  # bytes


class Run(NamedTuple):
    """The figures of one run."""

    reached: float | None  # seconds until the goal; None if it was not reached
    first: float  # seconds until the first record
    seconds: float  # of the whole run
    validation: float
    test: float
    images: float  # per second


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training", description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--no-example", action="store_true", help="leave PyTorch's own example out")
    options = parser.parse_args()
    device = pick_device(options.device)
    if device.type == "cuda":
        rows = _on_gpu(device, options.seeds)
    else:
        rows = _on_cpu(device, options.seeds, not options.no_example)
    write_section(f"Training on {device.type}", f"benchmarks.training --device {device.type}", rows)


def _on_cpu(device: torch.device, seeds: int, example: bool) -> list[tuple[str, ...]]:
    runs = [measure(with_seed(default_recipe(device), seed), GOAL, device) for seed in range(1, seeds + 1)]
    long = measure(LONG_RECIPE, HIGH_GOAL, device)
    rows = [*_rows(runs, default_recipe(device), device)]
    rows += [
        ("seconds to 99.4 % of the test set", reached([long]), "1 seed"),
        ("recipe of that one", LONG_RECIPE.command(), f"{long.test:.2%} at its end"),
    ]
    return rows + (_compare_with_example(runs, device) if example else [])


def _on_gpu(device: torch.device, seeds: int) -> list[tuple[str, ...]]:
    recipe, cpu = default_recipe(device), torch.device("cpu")
    first = measure(recipe, GOAL, device)
    runs = [measure(with_seed(recipe, seed), GOAL, device) for seed in range(1, seeds + 1)]
    written, captured = (step_seconds(recipe, device, capture) for capture in (False, True))
    before = step_seconds(default_recipe(cpu), device, False)
    rows = [*_rows(runs, recipe, device)]
    rows += [
        ("seconds to the first record", spread([run.first for run in runs], 3), "warm"),
        ("seconds of the first run in a process", f"{first.seconds:.2f}", "warm-up, not counted above"),
        ("a step, ms", f"{1000 * captured:.3f}", f"captured, {recipe.batch_size} digits"),
        ("the same as it is written, ms", f"{1000 * written:.3f}", f"{written / captured:.1f} times as long"),
        ("128 digits as it is written, ms", f"{1000 * before:.3f}", f"{before / captured:.1f} times as long"),
        ("the command, seconds besides training", f"{command_seconds():.1f}", "started, read, evaluated, saved"),
    ]
    on_cpu = measure(default_recipe(cpu), GOAL, cpu)
    rows.append(("seconds to 99.0 % on the CPU beside it", reached([on_cpu]), f"{torch.get_num_threads()} threads"))
    return rows


def _rows(runs: list[Run], recipe: Recipe, device: torch.device) -> list[tuple[str, ...]]:
    images = [run.images for run in runs]
    arithmetic, memory = product_rate(device) / operations(), copy_rate(device) / traffic(recipe.batch_size)
    bound = min(arithmetic, memory)
    on_gpu = " on this GPU" if device.type == "cuda" else ""  # the README quotes the row of the CPU
    return [
        ("what", "median (lowest–highest)", ""),
        (f"seconds to 99.0 % of the test set{on_gpu}", reached(runs, 3), "one seed each"),
        ("seconds of the whole run", spread([run.seconds for run in runs], 2), ""),
        ("accuracy on the validation split, %", spread([100 * run.validation for run in runs], 2), ""),
        ("accuracy on the test set, %", spread([100 * run.test for run in runs], 2), ""),
        ("images per second", spread(images, 0), ""),
        ("images per second that the arithmetic allows", f"{arithmetic:.0f}", "large matrix products"),
        ("images per second that the memory allows", f"{memory:.0f}", f"{traffic(recipe.batch_size):,.0f} bytes each"),
        ("share of the lower bound, %", spread([100 * each / bound for each in images]), ""),
        ("recipe and device", recipe.command(), device_name(device)),
    ]


def with_seed(recipe: Recipe, seed: int) -> Recipe:
    return Recipe(**{**recipe.__dict__, "seed": seed})


def measure(recipe: Recipe, goal: float, device: torch.device) -> Run:
    """Run the recipe; the test set is read at every record on a GPU, elsewhere at every validation."""
    training, validation = mnist.training_and_validation()
    test = mnist.final_test().to(device)
    test_seconds, reached, first = 0.0, None, None
    for progress in train(from_scratch(recipe.seed), training, validation, recipe, device):
        seconds = progress.seconds - test_seconds
        first = first or seconds
        if progress.accuracy is None and device.type != "cuda":
            continue
        test_started = time.perf_counter()
        test_accuracy = evaluate(progress.now.to(device), test).accuracy
        test_seconds += time.perf_counter() - test_started
        if reached is None and test_accuracy >= goal:
            reached = seconds
    run = Run(reached, first, seconds, progress.accuracy, test_accuracy, progress.steps * recipe.batch_size / seconds)
    print(run, flush=True)
    return run


def step_seconds(recipe: Recipe, device: torch.device, capture: bool) -> float:
    """Return the seconds of one step, including its batch."""
    batches = iter(MnistBatches(mnist.training_and_validation()[0], recipe, device))
    step = Step(from_scratch(1), recipe, TIMED_STEPS, device, device.type == "cuda")
    run = CapturedStep(step) if capture else step
    for done in range(TIMED_STEPS // 2):
        if done == TIMED_STEPS // 10:
            _wait(device)
            started = time.perf_counter()
        run(*next(batches))
        step.advance()
    _wait(device)
    return (time.perf_counter() - started) / (TIMED_STEPS // 2 - TIMED_STEPS // 10)


def command_seconds() -> float:
    """Return the seconds that `python -m lenet.train` takes besides training."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        command = [sys.executable, "-m", "lenet.train", "--output", f"{folder}/weights.safetensors"]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return time.perf_counter() - started - float(output.split(" s on ")[0].split()[-1])


def reached(runs: list[Run], digits: int = 1) -> str:
    """Format the seconds of the runs that reached their goal, and how many did not."""
    seconds = [run.reached for run in runs if run.reached is not None]
    missed = len(runs) - len(seconds)
    times = [spread(seconds, digits)] if seconds else []
    return ", ".join(times + [f"{missed} never"] * bool(missed))


def operations() -> int:
    """Return the floating-point operations of training on one image: two per use of a weight, three passes."""
    model = LeNet5()
    layers = [(model.layer(stage.name), stage.side) for stage in STAGES if model.parameter_count(stage.name)]
    return 2 * 3 * sum(layer.weight.numel() * side**2 for layer, side in layers)


def traffic(batch_size: int) -> float:
    """Return the bytes moved through memory for one image of a batch, at least, by separate operations.

    Forward, the sums, batch norm and activation of each stage are written and read; backward they are read again, and
    their gradients are written and read. AdamW and the moving average move 13 numbers for each weight in a step.
    """
    model = LeNet5()
    sizes = {stage.name: stage.maps * stage.side**2 for stage in STAGES}
    values = sum(
        size * (1 + (model.operations[name].activation is not None) + (name in ("C5", "F6")))
        for name, size in sizes.items()
    )
    return FLOAT * (5 * values + 13 * model.parameter_count() / batch_size)


def product_rate(device: torch.device) -> float:
    """Return the floating-point operations per second of a large matrix product."""
    a, b = (torch.randn(PRODUCT_SIDE, PRODUCT_SIDE, device=device) for _ in range(2))
    return 2 * PRODUCT_SIDE**3 / _median_seconds(lambda: a @ b, device)


def copy_rate(device: torch.device) -> float:
    """Return the bytes per second of a large copy, read and written."""
    source = torch.zeros(COPIED, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    return 2 * COPIED / _median_seconds(lambda: target.copy_(source), device)


def _median_seconds(work, device: torch.device) -> float:
    times = []
    for _ in range(PRODUCTS):
        _wait(device)
        started = time.perf_counter()
        work()
        _wait(device)
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def _wait(device: torch.device) -> None:
    """Wait until the device is done, which a GPU otherwise is not when a function returns."""
    if device.type == "cuda":
        torch.cuda.synchronize()


def _compare_with_example(ours: list[Run], device: torch.device) -> list[tuple[str, ...]]:
    """Run PyTorch's example until it reaches the goal; return its rows, and how many times faster we are."""
    from benchmarks import mnist_example  # needs torchvision

    for epochs, (seconds, accuracy) in enumerate(mnist_example.run(1, device), 1):
        print(f"PyTorch's example: {epochs} epochs, {seconds:.0f} s, {accuracy:.2%}", flush=True)
        if accuracy >= GOAL:
            break
    rows = [("PyTorch's MNIST example: seconds to 99.0 %", f"{seconds:.1f}", f"{epochs} epochs, {accuracy:.2%}")]
    times = [run.reached for run in ours if run.reached is not None]
    if times:
        rows.append(("times faster than the example", f"{seconds / statistics.median(times):.0f}", ""))
    return rows


if __name__ == "__main__":
    main()
