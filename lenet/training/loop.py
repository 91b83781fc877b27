"""The training loop: a generator of progress records."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import nn

from lenet.mnist import Digits
from lenet.network.device import keep_freed_memory
from lenet.network.lenet5 import LeNet, LeNet5
from lenet.training.batch_norm import add_batch_norm, fold_batch_norm
from lenet.training.batches import Batches, MnistBatches
from lenet.training.evaluation import evaluate
from lenet.training.recipe import Recipe
from lenet.training.step import CapturedStep, Step

# The number of steps per record, small enough for a live curve and a prompt stop. It is larger on a GPU, whose steps
# are short and which waits for the CPU at each record.
STEPS_PER_RECORD = {"cuda": 100}
STEPS_PER_RECORD_ELSEWHERE = 10
# The least number of validations in a run, so that even a short run shows a curve.
VALIDATIONS = 6


@dataclass(frozen=True)
class Progress:
    """A record of a run's state. Only the last one has a model: the trained copy."""

    step: int
    steps: int
    epoch: float  # epochs done, fractional, counted as if all were equally long
    loss: float  # mean cross-entropy of the batches since the last record
    accuracy: float | None  # on the validation split, in records where it was measured
    seconds: float
    seconds_left: float
    now: LeNet | None  # the network with its weights so far; None while a teacher is trained
    model: LeNet | None = None
    phase: str = ""  # the network being trained, if the run trains several


def untrained(seed: int, network: type[nn.Module] = LeNet5) -> nn.Module:
    """Return a network with random weights, the same for the same seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return network()


def from_scratch(seed: int, network: type[LeNet] = LeNet5) -> LeNet:
    """Return an untrained network with batch norm."""
    return add_batch_norm(untrained(seed, network))


def train(
    model: LeNet, training: Digits, validation: Digits, recipe: Recipe, device: torch.device
) -> Iterator[Progress]:
    """Train a copy of `model` on the labels of the training digits."""
    yield from learn(model, MnistBatches(training, recipe, device), validation, recipe, device)


def learn(
    model: nn.Module, batches: Batches, validation: Digits, recipe: Recipe, device: torch.device
) -> Iterator[Progress]:
    """Train a copy of `model` on all batches on `device`; the last record has the copy. The learning rate goes through
    one cycle; the trained weights are an exponential moving average."""
    keep_freed_memory()
    started = time.perf_counter()
    validation, steps = validation.to(device), len(batches)
    captured = device.type == "cuda"
    step = Step(model, recipe, steps, device, captured)
    run = CapturedStep(step) if captured else step
    record_every = STEPS_PER_RECORD.get(device.type, STEPS_PER_RECORD_ELSEWHERE)
    validate_every = math.ceil(steps / max(VALIDATIONS, recipe.epochs))
    recorded = 0
    for done, batch in enumerate(batches, 1):
        batches.record(run(*batch))
        step.advance()
        validates = done % validate_every == 0 or done == steps
        if validates or done % record_every == 0:
            loss = step.total_loss.item() / (done - recorded)
            seconds = time.perf_counter() - started
            now = fold_batch_norm(step.averaged).to("cpu")
            yield Progress(
                step=done,
                steps=steps,
                epoch=recipe.epochs * done / steps,
                loss=loss,
                accuracy=evaluate(step.averaged, validation).accuracy if validates else None,
                seconds=seconds,
                seconds_left=seconds / done * (steps - done),
                now=now,
                model=now if done == steps else None,
            )
            step.total_loss.zero_()
            recorded = done
