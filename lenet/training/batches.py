"""What a recipe shows to a network: batches of MNIST's digits, distorted or as they are, and what is said of them."""

import copy
import math
from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor, nn

from lenet.mnist import Digits
from lenet.network.decision import with_reject_class
from lenet.network.lenet5 import CLASSES, INPUT_SIDE
from lenet.reading.preparation import frame
from lenet.training.augmentation import augment
from lenet.training.recipe import Recipe

# Teachers are asked about so many distorted copies of every digit, which are then shown again and again, for asking
# takes longer than learning does. Those of the 55,000 take 1.8 GB.
COPIES = 30
COPIES_SEED = 1


class Lessons(NamedTuple):
    """The word of teachers on distorted digits.

    Hinton, Vinyals, Dean: "Distilling the Knowledge in a Neural Network", 2015.
    """

    pictures: Tensor  # (N, 1, 32, 32) from 0 to 255
    shares: Tensor  # (N, 11): what the teachers give to the ten digits and to none of them


# Pictures and what is said of them; what is sent back is the losses.
Batches = Generator[tuple[Tensor, Tensor], Tensor, None]


def used(training: Digits, recipe: Recipe) -> int:
    """How many of the training digits the recipe uses."""
    return math.ceil(recipe.fraction * len(training.labels))


def steps(training: Digits, recipe: Recipe) -> int:
    """How many batches the whole recipe is."""
    later = _count(_later(training, recipe), recipe)
    return _count(used(training, recipe), recipe) + (recipe.epochs - 1) * later


def _count(digits: int, recipe: Recipe) -> int:
    """How many batches so many digits are. One left over is left out, for one alone can't be normalised."""
    return math.ceil((digits - 1) / recipe.batch_size)


def batches(training: Digits, recipe: Recipe, device: torch.device) -> Batches:
    """The recipe's batches on `device`: pictures, (N, 1, 32, 32) from 0 to 255, distorted as it says, and labels, (N,).

    The first epoch shows every digit, later ones those that are hardest so far: what may be sent for each batch is
    the losses of its pictures, (N,). (Shrivastava, Gupta, Girshick: "Training Region-Based Object Detectors with Online
    Hard Example Mining", 2016.)
    """
    generator = torch.Generator(device).manual_seed(recipe.seed)
    count, later = used(training, recipe), _later(training, recipe)
    images, labels = frame(training.images[:count]).to(device), training.labels[:count].to(device)
    losses = torch.zeros(count, device=device)
    shown = torch.arange(count, device=device)
    for epoch in range(recipe.epochs):
        if epoch and later < count:
            shown = losses.topk(later).indices
        order = torch.randperm(len(shown), generator=generator, device=device)
        for batch in shown[order].split(recipe.batch_size)[: _count(len(shown), recipe)]:
            pictures, targets = images[batch].float(), labels[batch]
            if recipe.augmentation:
                pictures, targets = augment(pictures, targets, generator, recipe.augmentation)
            told = yield pictures, targets
            if told is not None:
                losses[batch] = told


def _later(training: Digits, recipe: Recipe) -> int:
    """How many digits an epoch after the first shows: at least two, or there would be no batch."""
    return max(2, math.ceil(recipe.hardest * used(training, recipe)))


def ask(teachers: Sequence[nn.Module], training: Digits, recipe: Recipe, device: torch.device) -> Lessons:
    """What `teachers` say in the mean of the recipe's distorted digits: the same whatever its seed and batch size."""
    teachers = [copy.deepcopy(teacher).to(device, memory_format=torch.channels_last).eval() for teacher in teachers]
    copies = min(COPIES, recipe.epochs)
    count = copies * used(training, recipe)
    pictures = torch.empty(count, 1, INPUT_SIDE, INPUT_SIDE, dtype=torch.uint8, device=device)
    shares = torch.empty(count, CLASSES + 1, device=device)
    filled = 0
    shown = replace(recipe, epochs=copies, batch_size=Recipe.batch_size, hardest=1.0, seed=COPIES_SEED)
    for batch, _ in batches(training, shown, device):
        rows = slice(filled, filled + len(batch))
        pictures[rows] = batch.round().to(torch.uint8)
        shares[rows] = _mean_shares(teachers, pictures[rows])
        filled = rows.stop
    return Lessons(pictures[:filled], shares[:filled])


@torch.inference_mode()
def _mean_shares(teachers: Sequence[nn.Module], pictures: Tensor) -> Tensor:
    shares = [with_reject_class(teacher.read(pictures)).softmax(1) for teacher in teachers]
    return torch.stack(shares).mean(0)


def lessons(asked: Lessons, steps: int, recipe: Recipe) -> Batches:
    """So many batches of what teachers said: their pictures and, instead of labels, their shares."""
    pictures, shares = asked
    generator = torch.Generator(pictures.device).manual_seed(recipe.seed)
    for _ in range(steps):
        chosen = torch.randint(len(pictures), (recipe.batch_size,), generator=generator, device=pictures.device)
        yield pictures[chosen], shares[chosen]
