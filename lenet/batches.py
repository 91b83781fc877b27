"""What a recipe shows to a network: batches of MNIST's digits, distorted or as they are, and what is said of them."""

import copy
import math
from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor, nn

from lenet.augment import augment
from lenet.decide import with_none
from lenet.mnist import Digits
from lenet.model import CLASSES, INPUT_SIDE
from lenet.prepare import frame, normalise
from lenet.recipe import Recipe

# A teacher is asked about so many distorted copies of every digit, which are then shown again and again: 1.1 GB
# of the 55,000, and a third of the time that it would take to ask about new ones all the time.
COPIES = 20


def used(training: Digits, recipe: Recipe) -> int:
    """How many of the training digits the recipe uses."""
    return math.ceil(recipe.fraction * len(training.labels))


def batches_per_epoch(training: Digits, recipe: Recipe) -> int:
    return math.ceil(used(training, recipe) / recipe.batch_size)


def batches(training: Digits, recipe: Recipe, device: torch.device) -> Iterator[tuple[Tensor, Tensor]]:
    """The recipe's batches on `device`, in another order every epoch: pictures, (N, 1, 32, 32) from 0 to 255,
    distorted as it says, and labels, (N,)."""
    generator = torch.Generator(device).manual_seed(recipe.seed)
    count = used(training, recipe)
    images, labels = frame(training.images[:count]).to(device), training.labels[:count].to(device)
    for _ in range(recipe.epochs):
        for batch in torch.randperm(count, generator=generator, device=device).split(recipe.batch_size):
            pictures, targets = images[batch].float(), labels[batch]
            if recipe.augmentation:
                pictures, targets = augment(pictures, targets, generator, recipe.augmentation)
            yield pictures, targets


def lessons(
    teacher: nn.Module, training: Digits, recipe: Recipe, device: torch.device
) -> Iterator[tuple[Tensor, Tensor]]:
    """The recipe's batches with a teacher's word on them: instead of labels the shares, (N, 11), that it gives to
    the ten digits and to none of them.

    Hinton, Vinyals, Dean: "Distilling the Knowledge in a Neural Network", 2015.
    """
    teacher = copy.deepcopy(teacher).to(device, memory_format=torch.channels_last).eval()
    copies = min(COPIES, recipe.epochs)
    count = used(training, recipe)
    pictures = torch.empty(copies * count, 1, INPUT_SIDE, INPUT_SIDE, dtype=torch.uint8, device=device)
    shares = torch.empty(copies * count, CLASSES + 1, device=device)
    filled = 0
    for batch, _ in batches(training, replace(recipe, epochs=copies), device):
        rows = slice(filled, filled + len(batch))
        pictures[rows] = batch.round().to(torch.uint8)
        with torch.inference_mode():
            shares[rows] = with_none(teacher(normalise(pictures[rows]))).softmax(1)
        filled = rows.stop
    generator = torch.Generator(device).manual_seed(recipe.seed)
    for _ in range(recipe.epochs * batches_per_epoch(training, recipe)):
        chosen = torch.randint(len(pictures), (recipe.batch_size,), generator=generator, device=device)
        yield pictures[chosen], shares[chosen]
