"""How fast a plain retrain is, and how good: `python -m benchmarks.training [--seeds N] [--device D]`.

The recipe is the one that the page's button starts with. Seconds are those of training, from the first step to
the last, validation included; the test images are read once, when it has ended.
"""

import argparse

from benchmarks.report import spread, write_section
from lenet import mnist
from lenet.device import device_name, pick_device
from lenet.evaluate import evaluate
from lenet.train import Progress, Recipe, from_scratch, train


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training", description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--device", default="auto")
    options = parser.parse_args()
    device = pick_device(options.device)
    data = mnist.training_and_validation()
    runs = [_run(seed, data, device) for seed in range(1, options.seeds + 1)]
    tests = [100 * evaluate(run.model, mnist.final_test()).accuracy for run in runs]
    write_section(
        "A plain retrain",
        "benchmarks.training",
        [
            ("what", "median (lowest–highest)", "n"),
            ("seconds of training", spread([run.seconds for run in runs]), f"{len(runs)} seeds"),
            ("accuracy on the validation split, %", spread([100 * run.accuracy for run in runs], 2), ""),
            ("accuracy on the test set, %", spread(tests, 2), ""),
            ("recipe", f"{Recipe.epochs} epochs, batches of {Recipe.batch_size}", device_name(device)),
        ],
    )


def _run(seed: int, data: tuple, device) -> Progress:
    *_, last = train(from_scratch(seed), *data, Recipe(seed=seed), device)
    return last


if __name__ == "__main__":
    main()
