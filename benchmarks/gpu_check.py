"""All checks that need a CUDA GPU: `benchmarks/gpu_check.sh`; prints a table of passed and failed checks."""

import statistics
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import replace

import torch

from benchmarks.training import command_seconds, measure, step_seconds, with_seed
from lenet import mnist
from lenet.mnist import Digits
from lenet.network import checkpoint
from lenet.network.device import device_name, pick_device
from lenet.network.original import LeNet5Of1998
from lenet.training.batches import MnistBatches
from lenet.training.distillation import distil
from lenet.training.evaluation import evaluate
from lenet.training.loop import from_scratch, train
from lenet.training.recipe import Recipe, default_recipe, thorough_recipe
from lenet.training.step import CapturedStep, Step
from lenet.training.teaching import teach

CPU, CUDA = torch.device("cpu"), torch.device("cuda")
SEEDS = range(1, 6)
LIMIT = 120  # seconds of a thorough run

# A check returns whether it passed, and its figures.
Check = Callable[[], tuple[bool, str]]


def replay_trains_as_running_does() -> tuple[bool, str]:
    recipe = default_recipe(CUDA)
    training, _ = mnist.training_and_validation()
    losses = []
    for capture in (False, True):
        step = Step(from_scratch(1), recipe, 200, CUDA, capturable=True)
        run = CapturedStep(step) if capture else step
        losses.append([])
        for _, batch in zip(range(120), MnistBatches(training, recipe, CUDA), strict=False):
            losses[-1].append(run(*batch).mean().item())
            step.advance()
    gap = max(abs(one - other) for one, other in zip(*losses, strict=True))
    return losses[1][-1] < 0.3 and gap < 0.1, f"losses differ by at most {gap:.4f}; the last is {losses[1][-1]:.3f}"


def a_step_is_five_times_shorter() -> tuple[bool, str]:
    before, now = step_seconds(Recipe(), CUDA, False), step_seconds(default_recipe(CUDA), CUDA, True)
    return before > 5 * now, f"{1000 * now:.3f} ms for 512 digits, before {1000 * before:.3f} ms for 128"


def goal_in_a_quarter_second() -> tuple[bool, str]:
    runs = [measure(with_seed(default_recipe(CUDA), seed), 0.99, CUDA) for seed in SEEDS]
    times = [run.reached or float("inf") for run in runs]
    text = ", ".join(f"{seconds:.3f}" for seconds in times)
    return statistics.median(times) <= 0.25, f"99.0 % after {text} s; first records after {runs[-1].first:.3f} s"


def button_reads_99_2_in_a_second() -> tuple[bool, str]:
    runs = [measure(with_seed(default_recipe(CUDA), seed), 0.992, CUDA) for seed in SEEDS]
    test, seconds = (
        statistics.median(values) for values in zip(*((run.test, run.seconds) for run in runs), strict=True)
    )
    return test >= 0.992 and seconds < 1, f"{test:.2%} after {seconds:.2f} s"


def cpu_and_gpu_reach_the_same() -> tuple[bool, str]:
    recipe = replace(default_recipe(CUDA), epochs=3)
    accuracies = [measure(recipe, 1.0, device).test for device in (CPU, CUDA)]
    gap = abs(accuracies[0] - accuracies[1])
    return gap <= 0.001, f"CPU {accuracies[0]:.2%}, GPU {accuracies[1]:.2%} of the test set"


def every_kind_of_run_trains() -> tuple[bool, str]:
    training, validation = (
        Digits(each.images[:4_000], each.labels[:4_000]) for each in mnist.training_and_validation()
    )
    recipes = {
        "distorted": (from_scratch(1), replace(default_recipe(CUDA), epochs=3, augmentation=0.6)),
        "hardest": (from_scratch(1), Recipe(epochs=4)),
        "sgd": (from_scratch(1), Recipe(epochs=3, optimiser="sgd", learning_rate=0.1, hardest=1.0)),
        "1998": (
            from_scratch(1, LeNet5Of1998),
            Recipe(epochs=4, batch_size=64, optimiser="sgd", learning_rate=0.003, hardest=1.0),
        ),
    }
    accuracies = {}
    for name, (model, recipe) in recipes.items():
        *_, last = train(model, training, validation, recipe, CUDA)
        accuracies[name] = last.accuracy
    examples = Digits(torch.nn.functional.pad(training.images[:2], [2] * 4), training.labels[:2])
    *_, last = teach(checkpoint.load_checkpoint()[0], examples, training, validation, 1, CUDA)
    accuracies["taught"] = last.accuracy
    text = ", ".join(f"{name} {accuracy:.1%}" for name, accuracy in accuracies.items())
    return min(accuracies.values()) > 0.85, f"after short runs: {text}"


def command_starts_in_six_seconds() -> tuple[bool, str]:
    seconds = command_seconds()
    return seconds <= 6, f"{seconds:.1f} s besides training"


def thorough_run_beats_99_5() -> tuple[bool, str]:
    recipe, started = thorough_recipe(CUDA), time.perf_counter()
    for progress in distil(from_scratch(1), *mnist.training_and_validation(), recipe, CUDA):
        if time.perf_counter() - started > LIMIT:
            return False, f"not done after {LIMIT} s, in {progress.phase}, step {progress.step} of {progress.steps}"
    seconds, test = time.perf_counter() - started, evaluate(progress.model, mnist.final_test()).accuracy
    return test > 0.995, f"validation {progress.accuracy:.2%}, test {test:.2%} after {seconds:.0f} s"


CHECKS: tuple[Check, ...] = (
    replay_trains_as_running_does,
    a_step_is_five_times_shorter,
    goal_in_a_quarter_second,
    button_reads_99_2_in_a_second,
    every_kind_of_run_trains,
    command_starts_in_six_seconds,
    cpu_and_gpu_reach_the_same,
    thorough_run_beats_99_5,
)


def main() -> int:
    try:
        pick_device("cuda")
    except ValueError:
        print("no CUDA device: none of the checks can run on this machine")
        return 1
    where = f"{device_name(CUDA)}, torch {torch.__version__}, Python {sys.version.split()[0]}"
    rows = []
    for check in CHECKS:
        started = time.perf_counter()
        try:
            passed, figures = check()
        except (AssertionError, RuntimeError, OSError):
            passed, figures = False, traceback.format_exc().splitlines()[-1]
            traceback.print_exc()
        rows.append((check.__name__.replace("_", " "), "pass" if passed else "FAIL", figures))
        print(*rows[-1], f"({time.perf_counter() - started:.0f} s)", sep=" | ", flush=True)
    print(f"\n{where}\n\n| check | | figures |\n|---|---|---|")
    print(*(f"| {' | '.join(row)} |" for row in rows), sep="\n")
    return 0 if all(row[1] == "pass" for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
