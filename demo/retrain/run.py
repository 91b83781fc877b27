"""The visitors' training runs: they take turns on one device, can be stopped, and leave weights behind."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import gradio as gr
import torch

from demo.retrain.film import Film
from demo.retrain.zero_gpu import lend
from demo.visitors import Visitors
from lenet import mnist
from lenet.device import device_name
from lenet.mnist import Digits
from lenet.model import LeNet5
from lenet.teach import teach
from lenet.train import Progress, Recipe, RecipeError, from_scratch, train

# A visitor's run may last this many epochs and this long; everybody else's waits for it.
MAX_EPOCHS = 20
MAX_SECONDS = 300
# A moment of a run is passed on about this often, in seconds: curves and people need no more.
INTERVAL = 0.2

# What is asked of a GPU that is lent for some time: to get ready, and for each epoch.
GPU_SECONDS, GPU_SECONDS_PER_EPOCH = 30, 10

Work = Callable[[Digits, Digits], Iterator[Progress]]


class DeviceError(RuntimeError):
    """The device failed in mid-run; the message is one sentence for people."""


@dataclass(frozen=True)
class Moment:
    """Where a run is: waiting for its turn, getting ready, training (progress), or ended (weights too)."""

    ahead: int = 0  # how many runs go before this one
    seconds_ahead: float | None = None  # how long the one that is running still needs
    progress: Progress | None = None
    film: str | None = None  # the id of the run's film, in all moments with progress
    weights: str | None = None  # the id of the trained weights: the best so far where the run ended early
    early: str = ""  # why it ended before its time, as a sentence


class Trainer:
    """Runs recipes on one device, one after the other in the order in which they were asked for."""

    def __init__(self, visitors: Visitors, device: torch.device, max_seconds: float = MAX_SECONDS):
        self.device = device
        self._visitors = visitors
        self._max_seconds = max_seconds
        self._line: list[object] = []  # a ticket for each run; the first one's is training
        self._moved = threading.Condition()
        self._stopped: set[str] = set()
        self._seconds_left: float | None = None

    def run(self, recipe: Recipe, weights: str, scratch: bool, visitor: str = "") -> Iterator[Moment]:
        """Train from scratch or on from the weights with this id; the last moment has the new weights' id.

        A run that `stop(visitor)` ends before its first step has no such last moment. Raises RecipeError where
        the recipe asks for more epochs than a visitor may have.
        """
        if recipe.epochs > MAX_EPOCHS:
            raise RecipeError(f"epochs must be from 1 to {MAX_EPOCHS} here, not {recipe.epochs:,}.")
        model = from_scratch(recipe.seed) if scratch else self._visitors.model(weights)[0]
        work = partial(train, model, recipe=recipe, device=self.device)
        yield from self._take_turn(model, work, recipe.epochs, visitor)

    def teach(self, examples: Digits, weights: str, seed: int, visitor: str = "") -> Iterator[Moment]:
        """Teach the weights with this id some examples; the same moments as those of `run`."""
        model, _ = self._visitors.model(weights)
        work = partial(teach, model, examples, seed=seed, device=self.device)
        yield from self._take_turn(model, work, 1, visitor)

    def stop(self, visitor: str) -> None:
        """End this visitor's run at its next step, or while it waits."""
        self._stopped.add(visitor)

    def _take_turn(self, model: LeNet5, work: Work, epochs: int, visitor: str) -> Iterator[Moment]:
        ticket = object()
        self._stopped.discard(visitor)
        with self._moved:
            self._line.append(ticket)
        try:
            yield from self._wait(ticket, visitor)
            yield from self._train(model, work, epochs, visitor)
        finally:
            with self._moved:
                self._line.remove(ticket)
                self._moved.notify_all()

    def _wait(self, ticket: object, visitor: str) -> Iterator[Moment]:
        while (ahead := self._line.index(ticket)) and visitor not in self._stopped:
            yield Moment(ahead, self._seconds_left)
            with self._moved:
                self._moved.wait(INTERVAL)

    def _train(self, model: LeNet5, work: Work, epochs: int, visitor: str) -> Iterator[Moment]:
        self._seconds_left = None
        if visitor in self._stopped:
            return
        yield Moment()
        film = Film(model)
        film_id = self._visitors.keep_film(film)
        best, best_accuracy, shown = None, -1.0, 0.0
        for progress in self._on_device(work, epochs):
            self._seconds_left = min(progress.seconds_left, self._max_seconds - progress.seconds)
            if (progress.accuracy or 0.0) >= best_accuracy:
                best, best_accuracy = progress.now, progress.accuracy or 0.0
            early = self._reason_to_end(progress, visitor)
            if early or progress.model or progress.accuracy is not None or time.monotonic() - shown >= INTERVAL:
                shown = time.monotonic()
                film.add(progress.step, progress.now)
                weights = self._visitors.keep(progress.model or best) if early or progress.model else None
                yield Moment(progress=progress, film=film_id, weights=weights, early=early)
            if early:
                return

    def _reason_to_end(self, progress: Progress, visitor: str) -> str:
        if progress.model:
            return ""
        if visitor in self._stopped:
            return "Stopped."
        if progress.seconds > self._max_seconds:
            return f"Ended after {self._max_seconds:.0f} s, the most that a run may take."
        return ""

    def _on_device(self, work: Work, epochs: int) -> Iterator[Progress]:
        seconds = min(self._max_seconds, GPU_SECONDS + GPU_SECONDS_PER_EPOCH * epochs)
        try:
            yield from lend(partial(_on_mnist, work), seconds)
        except torch.OutOfMemoryError as fault:
            raise DeviceError(f"{device_name(self.device)} has not enough memory left; try a smaller batch.") from fault
        except gr.Error as fault:  # ZeroGPU's quota is used up, or none is free
            raise DeviceError(f"No GPU was lent: {fault.message}") from fault
        except RuntimeError as fault:  # what torch raises where a GPU is gone, among others
            raise DeviceError(f"{device_name(self.device)} gave up: {str(fault).splitlines()[0]}") from fault


def _on_mnist(work: Work) -> Iterator[Progress]:
    yield from work(*mnist.training_and_validation())
