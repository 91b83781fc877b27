"""The visitors' training runs: they take turns on one device, can be stopped, and leave weights behind."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import torch

from demo.visitors import Visitors
from lenet import mnist
from lenet.model import LeNet5
from lenet.train import Progress, Recipe, RecipeError, from_scratch, train

# A visitor's run may last this many epochs; everybody else's waits for it.
MAX_EPOCHS = 20
# A moment of a run is passed on about this often, in seconds: curves and people need no more.
INTERVAL = 0.2


@dataclass(frozen=True)
class Moment:
    """Where a run is: waiting for its turn, getting ready, training (progress), or done (weights too)."""

    ahead: int = 0  # how many runs go before this one
    seconds_ahead: float | None = None  # how long the one that is running still needs
    progress: Progress | None = None
    weights: str | None = None  # the id of the trained weights


class Trainer:
    """Runs recipes on one device, one after the other in the order in which they were asked for."""

    def __init__(self, visitors: Visitors, device: torch.device):
        self.device = device
        self._visitors = visitors
        self._line: list[object] = []  # a ticket for each run; the first one's is training
        self._moved = threading.Condition()
        self._stopped: set[str] = set()
        self._seconds_left: float | None = None

    def run(self, recipe: Recipe, weights: str, scratch: bool, visitor: str = "") -> Iterator[Moment]:
        """Train from scratch or on from the weights with this id; the last moment has the new weights' id.

        A run that `stop(visitor)` ends has no such last moment. Raises RecipeError where the recipe asks for
        more epochs than a visitor may have.
        """
        if recipe.epochs > MAX_EPOCHS:
            raise RecipeError(f"epochs must be from 1 to {MAX_EPOCHS} here, not {recipe.epochs:,}.")
        model = from_scratch(recipe.seed) if scratch else self._visitors.model(weights)[0]
        ticket = object()
        self._stopped.discard(visitor)
        with self._moved:
            self._line.append(ticket)
        try:
            yield from self._wait(ticket, visitor)
            yield from self._train(model, recipe, visitor)
        finally:
            with self._moved:
                self._line.remove(ticket)
                self._moved.notify_all()

    def stop(self, visitor: str) -> None:
        """End this visitor's run at its next step, or while it waits."""
        self._stopped.add(visitor)

    def _wait(self, ticket: object, visitor: str) -> Iterator[Moment]:
        while (ahead := self._line.index(ticket)) and visitor not in self._stopped:
            yield Moment(ahead, self._seconds_left)
            with self._moved:
                self._moved.wait(INTERVAL)

    def _train(self, model: LeNet5, recipe: Recipe, visitor: str) -> Iterator[Moment]:
        self._seconds_left = None
        if visitor not in self._stopped:
            yield Moment()
            training, validation = mnist.training_and_validation()
            last = 0.0
            for progress in train(model, training, validation, recipe, self.device):
                if visitor in self._stopped:
                    return
                self._seconds_left = progress.seconds_left
                if progress.model is not None:
                    yield Moment(progress=progress, weights=self._visitors.keep(progress.model))
                elif progress.accuracy is not None or time.monotonic() - last >= INTERVAL:
                    last = time.monotonic()
                    yield Moment(progress=progress)
