"""What a recipe shows to a network: batches of MNIST's digits, distorted or as they are, and what is said of them."""

import copy
import math
from collections.abc import Generator
from dataclasses import replace

import torch
from torch import Tensor, nn

from lenet.augment import augment
from lenet.decide import with_none
from lenet.mnist import Digits
from lenet.model import CLASSES, INPUT_SIDE
from lenet.prepare import frame
from lenet.recipe import Recipe

# A teacher is asked about so many distorted copies of every digit, which are then shown again and again, for asking
# takes longer than learning does. Those of the 55,000 take 1.1 GB.
COPIES = 20

# Pictures and what is said of them; what is sent back is the losses.
Batches = Generator[tuple[Tensor, Tensor], Tensor, None]


def used(training: Digits, recipe: Recipe) -> int:
    """How many of the training digits the recipe uses."""
    return math.ceil(recipe.fraction * len(training.labels))


def steps(training: Digits, recipe: Recipe) -> int:
    """How many batches the whole recipe is."""
    later = math.ceil(_later(training, recipe) / recipe.batch_size)
    return math.ceil(used(training, recipe) / recipe.batch_size) + (recipe.epochs - 1) * later


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
        for batch in shown[order].split(recipe.batch_size):
            pictures, targets = images[batch].float(), labels[batch]
            if recipe.augmentation:
                pictures, targets = augment(pictures, targets, generator, recipe.augmentation)
            told = yield pictures, targets
            if told is not None:
                losses[batch] = told


def _later(training: Digits, recipe: Recipe) -> int:
    """How many digits an epoch after the first shows."""
    return math.ceil(recipe.hardest * used(training, recipe))


def lessons(teacher: nn.Module, training: Digits, recipe: Recipe, device: torch.device) -> Batches:
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
    for batch, _ in batches(training, replace(recipe, epochs=copies, hardest=1.0), device):
        rows = slice(filled, filled + len(batch))
        pictures[rows] = batch.round().to(torch.uint8)
        with torch.inference_mode():
            shares[rows] = with_none(teacher(teacher.normalise(pictures[rows]))).softmax(1)
        filled = rows.stop
    generator = torch.Generator(device).manual_seed(recipe.seed)
    for _ in range(steps(training, recipe)):
        chosen = torch.randint(len(pictures), (recipe.batch_size,), generator=generator, device=device)
        yield pictures[chosen], shares[chosen]
