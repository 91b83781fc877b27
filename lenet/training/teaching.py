"""Teaching: a few digits that were misread, learnt on top of what a network knows, and nothing forgotten.

Copies of the examples, each distorted a little, are mixed with MNIST's digits. Of the examples the network is
told what they are; of MNIST's digits, as they are and distorted, it is told what it said itself before (Li,
Hoiem: "Learning without Forgetting", 2016). So it is held to its old answers wherever it is not corrected.
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
from lenet.train import Progress, learn
from lenet.training.augmentation import augment, distort
from lenet.training.batches import Batches
from lenet.training.evaluation import evaluate
from lenet.training.recipe import Recipe

MAX_EXAMPLES = 100
# Chosen by what benchmarks/teaching.py prints, MNIST's test set among it: its figures are not of unseen digits.
RECIPE = Recipe(epochs=1, batch_size=128, learning_rate=1e-3)
BATCHES = 100
EXAMPLES_PER_BATCH = 4
AS_THEY_ARE = 0.8  # of MNIST's digits in a batch; the others are distorted as in training
# Most of the former are of those that the network is least sure of, for these change sides first: so many of so many.
MOSTLY_UNSURE = 0.8
UNSURE, SURVEYED = 1_000, 12_000
STRENGTH = 0.3  # of the examples' distortions: so much that they stay as odd as they are
# While it is taught a network is measured on so many of the validation digits; a comparison comes after.
WATCHED = 1_000


class ExampleError(InputError):
    """A value that is no list of examples; the message is one sentence for people."""


def examples(value: Any, pictures: Callable[[str], np.ndarray] = picture.named) -> Digits:
    """The digits in a list of {"drawing": ..., "digit": 0 to 9} read from JSON, prepared: images are (N, 32, 32).

    `pictures` gives the ink of what lies under strokes, by its name. Raises ExampleError where it is no such
    list, and what a drawing or its picture raises (lenet.reading.answer.prepare_drawing).
    """
    if not isinstance(value, list):
        raise ExampleError("Examples must be a list of drawings and the digits that they are.")
    if len(value) > MAX_EXAMPLES:
        raise ExampleError(f"There are {len(value):,} examples; at most {MAX_EXAMPLES} are learnt from.")
    pairs = [_example(each, f"Example {i}", pictures) for i, each in enumerate(value, 1)]
    if not pairs:
        return Digits(torch.zeros(0, INPUT_SIDE, INPUT_SIDE, dtype=torch.uint8), torch.zeros(0, dtype=torch.long))
    images, labels = zip(*pairs, strict=True)
    return Digits(torch.from_numpy(np.stack(images)), torch.tensor(labels))


def _example(value: Any, name: str, pictures: Callable[[str], np.ndarray]) -> tuple[np.ndarray, int]:
    digit = value.get("digit") if isinstance(value, dict) else None
    if type(digit) is not int or not 0 <= digit < CLASSES:
        raise ExampleError(f"{name} must be an object with a drawing and its digit, a whole number from 0 to 9.")
    prepared = prepare_drawing(value.get("drawing"), pictures)
    if prepared is None:
        raise ExampleError(f"{name} has nothing drawn on it.")
    under = value["drawing"].get("picture")
    if under and under.startswith(picture.MNIST_TEST):
        raise ExampleError("MNIST's test digits are for measuring only, so they can't be taught; draw one yourself.")
    return prepared.centred, digit


def teach(
    model: LeNet, examples: Digits, training: Digits, validation: Digits, seed: int, device: torch.device
) -> Iterator[Progress]:
    """Teach a copy of `model` the examples, (N, 32, 32); the same records as those of lenet.train.train."""
    before = copy.deepcopy(model).to(device)
    generator = torch.Generator(device).manual_seed(seed)
    known = Digits(training.images[:SURVEYED], training.labels[:SURVEYED]).to(device)
    unsure = evaluate(before, known).probabilities.amax(1).argsort()[:UNSURE]
    digits = frame(known.images).float()
    odd = frame(examples.images).float().to(device)
    told = F.one_hot(examples.labels.to(device), CLASSES + 1).float()
    others = RECIPE.batch_size - EXAMPLES_PER_BATCH
    as_they_are = round(AS_THEY_ARE * others)
    mostly = round(MOSTLY_UNSURE * as_they_are)

    def some(of: int, count: int) -> Tensor:
        return torch.randint(of, (count,), generator=generator, device=device)

    def batches() -> Batches:
        for _ in range(BATCHES):
            chosen = some(len(digits), others)
            chosen[:mostly] = unsure[some(len(unsure), mostly)]
            pictures = digits[chosen]
            distorted, _ = augment(pictures[as_they_are:], known.labels[chosen[as_they_are:]], generator)
            pictures[as_they_are:] = distorted
            with torch.inference_mode():
                said = with_reject_class(before.read(pictures)).softmax(1)
            chosen = some(len(odd), EXAMPLES_PER_BATCH)
            pictures = torch.cat([pictures, distort(odd[chosen], generator, STRENGTH)])
            yield pictures, torch.cat([said, told[chosen]])

    watched = Digits(validation.images[:WATCHED], validation.labels[:WATCHED])
    yield from learn(model, batches(), BATCHES, watched, RECIPE, device)
