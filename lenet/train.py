"""Training: a generator of small progress records; `python -m lenet.train`."""

import argparse
import copy
import math
import shlex
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from lenet import mnist
from lenet.mnist import Digits
from lenet.network import NETWORKS, checkpoint
from lenet.network.decision import with_reject_class
from lenet.network.device import device_name, keep_freed_memory, pick_device
from lenet.network.lenet5 import LeNet, LeNet5
from lenet.training.batch_norm import folded, normalised
from lenet.training.batches import Batches, Lessons, ask, batches, lessons, steps
from lenet.training.distillation import Teacher, studies
from lenet.training.evaluation import evaluate
from lenet.training.recipe import OPTIMISERS, Recipe

# A record every so many steps: often enough for a live curve and for a prompt stop.
STEPS_PER_RECORD = 10
# At least so many validations a run, so that even a short one shows a curve.
VALIDATIONS = 6
# The answering weights are an average over about this share of the run's last steps.
AVERAGED_SHARE = 0.05
MOMENTUM = 0.9


@dataclass(frozen=True)
class Progress:
    """Where a run is. Only the last record has a model: the run's own copy, trained."""

    step: int
    steps: int
    epoch: float  # epochs done, with fraction, as if all were as long
    loss: float  # mean cross-entropy of the batches since the record before
    accuracy: float | None  # on the validation split, in records where it was measured
    seconds: float
    seconds_left: float
    now: LeNet  # a copy of the weights so far, ready to answer
    model: LeNet | None = None


def untrained(seed: int, network: type[nn.Module] = LeNet5) -> nn.Module:
    """A network with random weights; the same seed gives the same one."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return network()


def from_scratch(seed: int, network: type[LeNet] = LeNet5) -> LeNet:
    """What a run that goes on from nothing is given: an untrained network, to be normalised while it is trained."""
    return normalised(untrained(seed, network))


def train(
    model: LeNet,
    training: Digits,
    validation: Digits,
    recipe: Recipe,
    device: torch.device,
    asked: Lessons | None = None,
) -> Iterator[Progress]:
    """Train a copy of `model`, which stays as it is, and hand the copy over in the last record.

    What it learns of each picture is its label, or what teachers said of it who were `asked`. Everything happens
    on `device`: the data set is there as one tensor, the distortions are made there. The learning rate goes
    through one cycle; the weights that come out are an exponential average.
    """
    count = steps(training, recipe)
    shown = lessons(asked, count, recipe) if asked else batches(training, recipe, device)
    yield from learn(model, shown, count, validation, recipe, device)


def train_teacher(training: Digits, validation: Digits, recipe: Recipe, device: torch.device) -> Iterator[Progress]:
    """Train a teacher from scratch; the same recipe gives the same one."""
    torch.manual_seed(recipe.seed)  # for its weights, and for its dropout, which can't be given a generator
    yield from train(Teacher(), training, validation, recipe, device)


def ask_teachers(training: Digits, validation: Digits, recipe: Recipe, epochs: int, device: torch.device) -> Lessons:
    """Train the teachers for so many epochs each, under progress bars, and ask them for the lessons of the recipe."""
    teachers = [
        _with_bar(f"teacher {own.seed}", own, train_teacher(training, validation, own, device)).model
        for own in studies(recipe, epochs)
    ]
    return ask(teachers, training, recipe, device)


def learn(
    model: LeNet,
    batches: Batches,
    steps: int,
    validation: Digits,
    recipe: Recipe,
    device: torch.device,
) -> Iterator[Progress]:
    """Train a copy of `model` on as many `batches` as there are `steps`, and send the losses back.

    A batch is pictures, (N, 1, 32, 32) from 0 to 255, and labels, (N,), or the shares of the ten digits and
    of none of them, (N, 11); both on `device`.
    """
    keep_freed_memory()
    started = time.perf_counter()
    validation = validation.to(device)
    trained = copy.deepcopy(model).to(device, memory_format=torch.channels_last).train()
    validate_every = math.ceil(steps / max(VALIDATIONS, recipe.epochs))
    decay = 1 - 1 / max(1.0, AVERAGED_SHARE * steps)
    averaged = AveragedModel(trained, multi_avg_fn=_averaging(decay), use_buffers=True).eval()
    optimiser = _optimiser(trained, recipe)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.learning_rate, total_steps=max(2, steps))
    total, reported = torch.zeros((), device=device), 0
    pictures, targets = next(batches)
    for step in range(1, steps + 1):
        losses = F.cross_entropy(with_reject_class(trained.read(pictures)), targets, reduction="none")
        loss = losses.mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        averaged.update_parameters(trained)
        total += loss.detach()
        validates = step % validate_every == 0 or step == steps
        if validates or step % STEPS_PER_RECORD == 0:
            seconds = time.perf_counter() - started
            now = folded(averaged.module).to("cpu")
            yield Progress(
                step=step,
                steps=steps,
                epoch=recipe.epochs * step / steps,
                loss=total.item() / (step - reported),
                accuracy=evaluate(averaged.module, validation).accuracy if validates else None,
                seconds=seconds,
                seconds_left=seconds / step * (steps - step),
                now=now,
                model=now if step == steps else None,
            )
            total.zero_()
            reported = step
        if step < steps:
            pictures, targets = batches.send(losses.detach())


def _averaging(decay: float) -> Callable:
    """torch's own, but whole numbers, such as indices, are taken over: their average would be rounded down."""
    average = get_ema_multi_avg_fn(decay)

    def update(averaged: list[Tensor], current: list[Tensor], count: Tensor) -> None:
        if averaged[0].is_floating_point():
            average(averaged, current, count)
        else:
            torch._foreach_copy_(averaged, current)

    return update


def _optimiser(model: LeNet, recipe: Recipe) -> torch.optim.Optimizer:
    if recipe.optimiser == "sgd":
        return torch.optim.SGD(model.parameters(), lr=recipe.learning_rate, momentum=MOMENTUM)
    return torch.optim.AdamW(model.parameters(), lr=recipe.learning_rate, weight_decay=0.01, fused=True)


def facts(
    recipe: Recipe, threshold: float, command: str, validation_accuracy: float, test_accuracy: float
) -> dict[str, str]:
    """What a checkpoint tells about how its weights came to be, and from which confidence on they answer."""
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
        recipe = Recipe(**{field.name: getattr(options, field.name) for field in fields(Recipe)})
        network = NETWORKS[options.network]
        model = checkpoint.load_checkpoint(options.start)[0] if options.start else from_scratch(recipe.seed, network)
        device = pick_device(options.device)
        checkpoint.check_writable(options.output)
        training, validation = mnist.training_and_validation()
        asked = None
        if options.teacher_epochs:
            recipe = replace(recipe, hardest=1.0)  # teachers have seen everything, and so does their pupil
            asked = ask_teachers(training, validation, recipe, options.teacher_epochs, device)
        last = _with_bar(model.title, recipe, train(model, training, validation, recipe, device, asked))
        result = evaluate(last.model, mnist.final_test())
        told = facts(recipe, options.threshold, command, last.accuracy, result.accuracy)
        checkpoint.save_checkpoint(last.model, told, options.output)
    except KeyboardInterrupt:
        print(f"\nStopped; {options.output} is as it was.", file=sys.stderr)
        return 130
    except (ValueError, OSError) as fault:
        print(fault, file=sys.stderr)
        return 1
    accuracies = f"validation {last.accuracy:.2%}, test {result.accuracy:.2%}"
    print(f"{accuracies}, {last.seconds:.1f} s on {device_name(device)}: {options.output}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m lenet.train",
        description="Train LeNet-5 on MNIST.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--epochs", type=int, default=Recipe.epochs, help="passes over the 55,000 training digits")
    parser.add_argument("--batch-size", type=int, default=Recipe.batch_size, help="digits a step")
    parser.add_argument("--learning-rate", type=float, default=Recipe.learning_rate, help="the highest of the cycle")
    parser.add_argument("--seed", type=int, default=Recipe.seed, help="for weights, order and distortions")
    parser.add_argument("--augmentation", type=float, default=Recipe.augmentation, help="strength of the distortions")
    parser.add_argument("--optimiser", default=Recipe.optimiser, choices=OPTIMISERS, help="sgd has momentum")
    parser.add_argument("--fraction", type=float, default=Recipe.fraction, help="of the training digits to use")
    parser.add_argument(
        "--hardest", type=float, default=Recipe.hardest, help="of these, the share that epochs after the first show"
    )
    parser.add_argument(
        "--teacher-epochs", type=int, default=0, help="of wider networks whose answers are learnt from; 0 for none"
    )
    parser.add_argument("--network", default=LeNet5.name, choices=NETWORKS, help="today's or the one of 1998")
    parser.add_argument("--start", type=Path, metavar="FILE", help="weights to go on from, of either network")
    parser.add_argument("--threshold", type=_share, default=0.0, help="the least confidence that answers")
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda", "mps"], help="where to train")
    parser.add_argument("--output", type=Path, default=Path("lenet5.safetensors"), metavar="FILE", help="weights file")
    return parser


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value < 1:
        raise ValueError
    return value


def _with_bar(name: str, recipe: Recipe, records: Iterator[Progress]) -> Progress:
    """Go through a run's records under a progress bar; the last of them."""
    accuracy = "–"
    bar_format = "{l_bar}{bar}| {n:.1f}/{total} epochs{postfix}"
    with tqdm(desc=name, total=recipe.epochs, unit="epoch", bar_format=bar_format) as bar:
        for progress in records:
            if progress.accuracy is not None:
                accuracy = f"{progress.accuracy:.2%}"
            bar.n = progress.epoch
            bar.set_postfix_str(f"loss {progress.loss:.4f}, validation {accuracy}, {progress.seconds_left:.0f} s left")
    return progress


if __name__ == "__main__":
    sys.exit(main())
