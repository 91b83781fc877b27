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

# Steps from one record to the next: often enough for a live curve and a prompt stop. A record makes a GPU wait for the
# CPU, and its steps are short.
STEPS_PER_RECORD = {"cuda": 100}
STEPS_PER_RECORD_ELSEWHERE = 10
# The least number of validations in a run, so that even a short one shows a curve.
VALIDATIONS = 6


@dataclass(frozen=True)
class Progress:
    """The state of a run. Only the last record has a model: the run's own trained copy."""

    step: int
    steps: int
    epoch: float  # epochs done, with fraction, as if all were equally long
    loss: float  # mean cross-entropy of the batches since the record before
    accuracy: float | None  # on the validation split, in records where it was measured
    seconds: float
    seconds_left: float
    now: LeNet | None  # a copy of the weights so far, ready to answer; None while a teacher network is trained
    model: LeNet | None = None
    phase: str = ""  # which network is trained, where a run trains more than one


def untrained(seed: int, network: type[nn.Module] = LeNet5) -> nn.Module:
    """A network with random weights; the same seed gives the same one."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return network()


def from_scratch(seed: int, network: type[LeNet] = LeNet5) -> LeNet:
    """An untrained network with batch norm, for a run that starts from nothing."""
    return add_batch_norm(untrained(seed, network))


def train(
    model: LeNet, training: Digits, validation: Digits, recipe: Recipe, device: torch.device
) -> Iterator[Progress]:
    """Train a copy of `model` on the labels of the training digits."""
    yield from learn(model, MnistBatches(training, recipe, device), validation, recipe, device)


def learn(
    model: nn.Module, batches: Batches, validation: Digits, recipe: Recipe, device: torch.device
) -> Iterator[Progress]:
    """Train a copy of `model`, which stays unchanged, on all batches on `device`; the last record has the copy. The
    learning rate goes through one cycle; the weights that come out are an exponential moving average."""
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
