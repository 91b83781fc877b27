"""Train a network: `python -m lenet.train`."""

import argparse
import itertools
import shlex
import sys
from collections.abc import Iterator
from dataclasses import asdict, fields, replace
from datetime import date
from pathlib import Path

import torch
from tqdm import tqdm

from lenet import mnist
from lenet.network import NETWORKS, checkpoint
from lenet.network.device import device_name, pick_device
from lenet.network.lenet5 import LeNet, LeNet5
from lenet.training.distillation import distil
from lenet.training.evaluation import evaluate
from lenet.training.loop import Progress, from_scratch, train
from lenet.training.recipe import OPTIMISERS, Recipe, default_recipe


def checkpoint_metadata(
    recipe: Recipe, threshold: float, command: str, validation_accuracy: float, test_accuracy: float
) -> dict[str, str]:
    """Return a checkpoint's metadata: how the weights were made, their accuracy, and the confidence threshold."""
    return {
        **{name: str(value) for name, value in asdict(recipe).items()},
        "threshold": str(threshold),
        "command": command,
        "date": date.today().isoformat(),
        "torch": torch.__version__,
        "python": ".".join(map(str, sys.version_info[:3])),
        "validation_accuracy": f"{validation_accuracy:.4f}",
        "test_accuracy": f"{test_accuracy:.4f}",
    }


def main(arguments: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if arguments is None else arguments
    options = _parser().parse_args(arguments)
    command = shlex.join(["python", "-m", "lenet.train", *arguments])
    try:
        device = pick_device(options.device)
        recipe = _recipe(options, default_recipe(device))
        if options.start:
            model = checkpoint.load_checkpoint(options.start)[0]
        else:
            model = from_scratch(recipe.seed, NETWORKS[options.network])
        checkpoint.check_writable(options.output)
        training, validation = mnist.training_and_validation()
        settings = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in asdict(recipe).items())
        print(f"On {device_name(device)}: {settings}", file=sys.stderr)
        run = distil if recipe.teacher_epochs else train
        model, accuracy, seconds = _with_bars(run(model, training, validation, recipe, device))
        result = evaluate(model.to(device), mnist.final_test().to(device))
        metadata = checkpoint_metadata(recipe, options.threshold, command, accuracy, result.accuracy)
        checkpoint.save_checkpoint(model, metadata, options.output)
    except KeyboardInterrupt:
        print(f"\nStopped; {options.output} is unchanged.", file=sys.stderr)
        return 130
    except (ValueError, OSError) as fault:
        print(fault, file=sys.stderr)
        return 1
    accuracies = f"validation {accuracy:.2%}, test {result.accuracy:.2%}"
    print(f"{accuracies}, {seconds:.1f} s on {device_name(device)}: {options.output}")
    return 0


def _recipe(options: argparse.Namespace, default: Recipe) -> Recipe:
    """Return the default recipe with the settings of the command line."""
    given = {field.name: getattr(options, field.name) for field in fields(Recipe)}
    return replace(default, **{name: value for name, value in given.items() if value is not None})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m lenet.train",
        description="Train LeNet-5 on MNIST. Defaults depend on the device.",
    )
    for field in fields(Recipe):
        default = f"; {field.default} on a CPU"
        choices = OPTIMISERS if field.name == "optimiser" else None
        name, kind = f"--{field.name.replace('_', '-')}", type(field.default)
        parser.add_argument(name, type=kind, choices=choices, help=field.metadata["meaning"] + default)
    parser.add_argument("--network", default=LeNet5.name, choices=NETWORKS, help="the modern network or that of 1998")
    parser.add_argument("--start", type=Path, metavar="FILE", help="weights to start from, of either network")
    parser.add_argument("--threshold", type=_threshold, default=0.0, help="the lowest confidence that is answered")
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda", "mps"], help="where to train")
    parser.add_argument("--output", type=Path, default=Path("lenet5.safetensors"), metavar="FILE", help="weights file")
    return parser


def _threshold(text: str) -> float:
    """Parse a threshold from 0 up to, but not including, 1."""
    value = float(text)
    if not 0 <= value < 1:
        raise ValueError
    return value


def _with_bars(records: Iterator[Progress]) -> tuple[LeNet, float, float]:
    """Show a progress bar for each network that the run trains; return the trained network, its accuracy on the
    validation split, and the run's seconds."""
    bar_format = "{l_bar}{bar}| {n:.1f}/{total} epochs{postfix}"
    for phase, part in itertools.groupby(records, lambda record: record.phase):
        first, accuracy = next(part), ""
        epochs = round(first.epoch * first.steps / first.step)
        with tqdm(desc=phase or "LeNet-5", total=epochs, unit="epoch", bar_format=bar_format) as bar:
            for progress in itertools.chain([first], part):
                if progress.accuracy is not None:
                    accuracy = f"validation {progress.accuracy:.2%}, "
                bar.n = progress.epoch
                bar.set_postfix_str(f"loss {progress.loss:.4f}, {accuracy}{progress.seconds_left:.0f} s left")
                if progress.model and progress.accuracy is not None:
                    result = progress.model, progress.accuracy, progress.seconds
    return result


if __name__ == "__main__":
    sys.exit(main())
