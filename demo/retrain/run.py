"""One visitor's training run: who may start, what is trained, and where the new weights go."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import torch

from demo.visitors import Visitors
from lenet import mnist
from lenet.train import Progress, Recipe, RecipeError, from_scratch, train

# A visitor's run may last this many epochs; everybody else's waits for it.
MAX_EPOCHS = 20
# A moment of a run is passed on at most this often, in seconds: a curve needs no more.
INTERVAL = 0.2


@dataclass(frozen=True)
class Moment:
    """Where a run is, and once it has ended, the id of its weights."""

    progress: Progress
    weights: str | None = None


class Trainer:
    """Runs recipes on one device, for one visitor at a time (the page's queue sees to that)."""

    def __init__(self, visitors: Visitors, device: torch.device):
        self.device = device
        self.running = False
        self._visitors = visitors

    def run(self, recipe: Recipe, weights: str, scratch: bool) -> Iterator[Moment]:
        """Train from scratch or on from the weights with this id; the last moment has the new weights' id.

        Raises RecipeError where the recipe asks for more epochs than a visitor may have.
        """
        if recipe.epochs > MAX_EPOCHS:
            raise RecipeError(f"epochs must be from 1 to {MAX_EPOCHS} here, not {recipe.epochs:,}.")
        model = from_scratch(recipe.seed) if scratch else self._visitors.model(weights)[0]
        self.running = True
        try:
            training, validation = mnist.training_and_validation()
            last = 0.0
            for progress in train(model, training, validation, recipe, self.device):
                if progress.model is not None:
                    yield Moment(progress, self._visitors.keep(progress.model))
                elif progress.accuracy is not None or time.monotonic() - last >= INTERVAL:
                    last = time.monotonic()
                    yield Moment(progress)
        finally:
            self.running = False
