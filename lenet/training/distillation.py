"""Distillation: train LeNet-5 on the soft labels that larger teacher networks give to distorted digits.

Hinton, Vinyals, Dean: "Distilling the Knowledge in a Neural Network", 2015.
"""

import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor, nn

from lenet.mnist import Digits
from lenet.network.decision import with_reject_class
from lenet.network.lenet5 import CLASSES, LeNet, LeNet5
from lenet.training.batches import Batches, MnistBatches
from lenet.training.loop import Progress, from_scratch, learn
from lenet.training.recipe import Recipe, default_recipe

DROPOUT = 0.3
# The teachers' learning rate, chosen on the validation split for teachers with two wider convolutions.
LEARNING_RATE = 0.003
# One teacher per seed; the mean of their answers is the soft label.
SEEDS = (1, 2, 3)
# Soft labels are made once and used many times, because making one takes longer than training on it. The seeds of the
# distorted copies do not depend on the run's seed.
COPIES_SEED = 1_000
LABELLED_TOGETHER = 500


class Teacher(nn.Sequential):
    """A larger network with LeNet5's input and output, (N, 1, 32, 32) to (N, 10); 319,130 parameters."""

    normalise = staticmethod(LeNet5.normalise)

    def __init__(self):
        super().__init__(
            *_convolution(1, 24, 5, nn.MaxPool2d(2)),
            *_convolution(24, 48, 3),
            *_convolution(48, 64, 3, nn.MaxPool2d(2)),
            *_convolution(64, 96, 3),
            nn.Flatten(),
            nn.Linear(96 * 3 * 3, 256),
            nn.BatchNorm1d(256),
            nn.ReLU(),
            nn.Dropout(DROPOUT),
            nn.Linear(256, CLASSES),
        )

    def read(self, pixels: Tensor) -> Tensor:
        """Return the logits, (N, 10), for pixels, (N, 1, 32, 32), from 0 paper to 255 ink."""
        return self(self.normalise(pixels))

    def forward(self, input: Tensor) -> Tensor:
        """Compute in bfloat16, which takes about half the time on GPUs and on CPUs with instructions for it."""
        with torch.autocast(input.device.type, torch.bfloat16, enabled=input.device.type != "mps"):
            return super().forward(input).float()


def _convolution(below: int, maps: int, side: int, *pool: nn.Module) -> list[nn.Module]:
    return [nn.Conv2d(below, maps, side), nn.BatchNorm2d(maps), *pool, nn.ReLU()]


class SoftLabels(NamedTuple):
    """Distorted digits with the teachers' answers."""

    images: Tensor  # (N, 1, 32, 32) uint8 from 0 paper to 255 ink
    shares: Tensor  # (N, 11): the probabilities of the ten digits and the reject class


class SoftLabelBatches(Batches):
    """Random batches of soft labels, as many as the recipe's epochs of MNIST would have."""

    def __init__(self, labels: SoftLabels, training: Digits, recipe: Recipe):
        self.labels, self.recipe = labels, recipe
        self.steps = len(MnistBatches(training, replace(recipe, hardest=1.0), torch.device("cpu")))

    def __len__(self) -> int:
        return self.steps

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        images, shares = self.labels
        generator = torch.Generator(images.device).manual_seed(self.recipe.seed)
        for _ in range(self.steps):
            size = (self.recipe.batch_size,)
            chosen = torch.randint(len(images), size, generator=generator, device=images.device)
            yield images[chosen], shares[chosen]


def teacher_recipes(recipe: Recipe, device: torch.device) -> list[Recipe]:
    """Return the recipe of each teacher: every digit in every epoch."""
    shared = {"augmentation": recipe.augmentation, "fraction": recipe.fraction, "hardest": 1.0}
    size = default_recipe(device).batch_size
    return [Recipe(recipe.teacher_epochs, size, LEARNING_RATE, seed, **shared) for seed in SEEDS]


def train_teacher(training: Digits, validation: Digits, recipe: Recipe, device: torch.device) -> Iterator[Progress]:
    """Train a teacher from scratch; the same recipe gives the same teacher."""
    torch.manual_seed(recipe.seed)  # for its weights, and for its dropout, which takes no generator
    yield from learn(Teacher(), MnistBatches(training, recipe, device), validation, recipe, device)


def soft_labels(teachers: Sequence[nn.Module], training: Digits, recipe: Recipe, device: torch.device) -> SoftLabels:
    """Return the teachers' mean answers to the recipe's distorted copies, the same for all seeds and batch sizes."""
    teachers = [teacher.to(device).to(memory_format=torch.channels_last).eval() for teacher in teachers]
    images, shares = [], []
    for copy in range(recipe.copies):
        once = replace(recipe, epochs=1, batch_size=LABELLED_TOGETHER, hardest=1.0, seed=COPIES_SEED + copy)
        for batch, _ in MnistBatches(training, once, device):
            images.append(batch.round().to(torch.uint8))
            shares.append(_mean_answer(teachers, images[-1]))
    return SoftLabels(torch.cat(images), torch.cat(shares))


@torch.inference_mode()
def _mean_answer(teachers: Sequence[Teacher], images: Tensor) -> Tensor:
    return torch.stack([with_reject_class(teacher.read(images)).softmax(1) for teacher in teachers]).mean(0)


def distil(
    model: LeNet, training: Digits, validation: Digits, recipe: Recipe, device: torch.device
) -> Iterator[Progress]:
    """Train the recipe's teachers, then a copy of `model` on their soft labels; `phase` names the current network."""
    teachers = []
    for number, own in enumerate(teacher_recipes(recipe, device), 1):
        for progress in train_teacher(training, validation, own, device):
            yield replace(progress, now=None, model=None, phase=f"Teacher {number} of {len(SEEDS)}")
        teachers.append(progress.model)
    labels = soft_labels(teachers, training, recipe, device)
    for progress in learn(model, SoftLabelBatches(labels, training, recipe), validation, recipe, device):
        yield replace(progress, phase=model.title)


def estimated_seconds(recipe: Recipe, training: Digits, device: torch.device) -> float:
    """Estimate the seconds that `distil` takes, from a few steps of each network and a few soft labels."""
    own = teacher_recipes(recipe, device)[0]
    few = Digits(training.images[:LABELLED_TOGETHER], training.labels[:LABELLED_TOGETHER])
    started = time.perf_counter()
    labels = soft_labels([Teacher()] * len(SEEDS), few, replace(recipe, copies=2), device)
    labelling = (time.perf_counter() - started) / 2 / len(few.labels) * len(training.labels) * recipe.copies
    of_teacher, of_network = MnistBatches(training, own, device), SoftLabelBatches(labels, training, recipe)
    seconds = [labelling]
    for model, batches, networks in ((Teacher(), of_teacher, len(SEEDS)), (from_scratch(1), of_network, 1)):
        first, second = itertools.islice(learn(model, batches, few, own, device), 2)
        seconds.append(networks * len(batches) * (second.seconds - first.seconds) / (second.step - first.step))
    return sum(seconds)
