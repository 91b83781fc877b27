"""Teaching: train on a visitor's examples without forgetting other digits.

Slightly distorted copies of the examples are mixed with MNIST's digits. The targets of the examples are their labels;
those of MNIST's digits, distorted or not, are the network's answers before teaching, so that these stay the same as far
as possible. (Li, Hoiem: "Learning without Forgetting", 2016.)
"""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from lenet.errors import InputError
from lenet.mnist import Digits
from lenet.network.decision import with_reject_class
from lenet.network.lenet5 import CLASSES, INPUT_SIDE, LeNet
from lenet.reading import picture
from lenet.reading.answer import prepare_drawing
from lenet.reading.preparation import frame
from lenet.training.augmentation import augment, distort
from lenet.training.batches import Batches
from lenet.training.evaluation import evaluate
from lenet.training.loop import Progress, learn
from lenet.training.recipe import Recipe

MAX_EXAMPLES = 100
# Chosen by the results of benchmarks/teaching.py, which include MNIST's test set, so they are not an unbiased estimate.
RECIPE = Recipe(epochs=1, batch_size=128, learning_rate=1e-3)
BATCHES = 100
EXAMPLES_PER_BATCH = 4
UNDISTORTED = 0.8  # share of a batch's MNIST digits; the others are distorted as in training
# This share of the undistorted digits comes from the UNSURE least confident of SURVEYED, whose answers change first.
MOSTLY_UNSURE = 0.8
UNSURE, SURVEYED = 1_000, 12_000
STRENGTH = 0.3  # of the examples' distortions: weak, so that the examples keep their unusual style
WATCHED = 1_000  # validation digits read during the run


def examples(value: Any, pictures: Callable[[str], np.ndarray] = picture.named) -> Digits:
    """Prepare the digits, (N, 32, 32), of a list of {"drawing": ..., "digit": 0 to 9} from JSON. `pictures` returns the
    ink of a picture by name. Raises InputError."""
    if not isinstance(value, list):
        raise InputError("Examples must be a list of drawings and the digits that they are.")
    if len(value) > MAX_EXAMPLES:
        raise InputError(f"There are {len(value):,} examples; at most {MAX_EXAMPLES} are learnt from.")
    pairs = [_example(each, f"Example {i}", pictures) for i, each in enumerate(value, 1)]
    if not pairs:
        return Digits(torch.zeros(0, INPUT_SIDE, INPUT_SIDE, dtype=torch.uint8), torch.zeros(0, dtype=torch.long))
    images, labels = zip(*pairs, strict=True)
    return Digits(torch.from_numpy(np.stack(images)), torch.tensor(labels))


def _example(value: Any, name: str, pictures: Callable[[str], np.ndarray]) -> tuple[np.ndarray, int]:
    digit = value.get("digit") if isinstance(value, dict) else None
    if type(digit) is not int or not 0 <= digit < CLASSES:
        raise InputError(f"{name} must be an object with a drawing and its digit, a whole number from 0 to 9.")
    prepared = prepare_drawing(value.get("drawing"), pictures)
    if prepared is None:
        raise InputError(f"{name} has nothing drawn on it.")
    under = value["drawing"].get("picture")
    if under and under.startswith(picture.MNIST_TEST):
        raise InputError("MNIST's test digits are for measuring only, so they can't be taught; draw one yourself.")
    return prepared.centred, digit


class _TeachingBatches(Batches):
    """Distorted copies of the examples mixed with MNIST's digits, some of which are distorted too."""

    def __init__(self, before: LeNet, examples: Digits, training: Digits, seed: int, device: torch.device):
        self.before, self.device = before, device
        self.generator = torch.Generator(device).manual_seed(seed)
        self.known = Digits(training.images[:SURVEYED], training.labels[:SURVEYED]).to(device)
        self.unsure = evaluate(before, self.known).probabilities.amax(1).argsort()[:UNSURE]
        self.digits = frame(self.known.images).float()
        self.examples = frame(examples.images).float().to(device)
        self.labels = F.one_hot(examples.labels.to(device), CLASSES + 1).float()

    def __len__(self) -> int:
        return BATCHES

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        others = RECIPE.batch_size - EXAMPLES_PER_BATCH
        undistorted = round(UNDISTORTED * others)
        mostly = round(MOSTLY_UNSURE * undistorted)
        for _ in range(BATCHES):
            chosen = self._random(len(self.digits), others)
            chosen[:mostly] = self.unsure[self._random(len(self.unsure), mostly)]
            images, labels = self.digits[chosen], self.known.labels[chosen]
            images[undistorted:], _ = augment(images[undistorted:], labels[undistorted:], self.generator)
            with torch.inference_mode():
                answers = with_reject_class(self.before.read(images)).softmax(1)
            chosen = self._random(len(self.examples), EXAMPLES_PER_BATCH)
            images = torch.cat([images, distort(self.examples[chosen], self.generator, STRENGTH)])
            yield images, torch.cat([answers, self.labels[chosen]])

    def _random(self, below: int, count: int) -> Tensor:
        return torch.randint(below, (count,), generator=self.generator, device=self.device)


def teach(
    model: LeNet, examples: Digits, training: Digits, validation: Digits, seed: int, device: torch.device
) -> Iterator[Progress]:
    """Teach a copy of `model` the examples, (N, 32, 32); yields records as lenet.training.loop.train does."""
    batches = _TeachingBatches(copy.deepcopy(model).to(device), examples, training, seed, device)
    watched = Digits(validation.images[:WATCHED], validation.labels[:WATCHED])
    yield from learn(model, batches, watched, RECIPE, device)
