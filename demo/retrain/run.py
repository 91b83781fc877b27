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
from demo.serving.limits import LIMITS
from demo.serving.log import log
from demo.visitors import Visitors
from lenet import mnist
from lenet.mnist import Digits
from lenet.network.device import device_name
from lenet.network.lenet5 import LeNet
from lenet.training.batch_norm import fold_batch_norm
from lenet.training.loop import Progress, from_scratch, train
from lenet.training.recipe import Recipe, RecipeError
from lenet.training.teaching import teach

# A moment of a run is passed on about this often, in seconds: curves and people need no more.
INTERVAL = 0.2

# What is asked of a GPU that is lent for some time: to get ready, and for each epoch.
GPU_SECONDS, GPU_SECONDS_PER_EPOCH = 30, 10

# What trains on training and validation digits and, by its name, a device.
Work = Callable[..., Iterator[Progress]]


class BusyError(RuntimeError):
    """Too many runs wait already; the message is one sentence for people."""


class DeviceError(RuntimeError):
    """The device refused, or failed in mid-run; the message is one sentence for people."""


@dataclass(frozen=True)
class Moment:
    """Where a run is: waiting for its turn, getting ready, training (progress), or ended (weights too)."""

    ahead: int = 0  # how many runs go before this one
    seconds_ahead: float | None = None  # how long the one that is running still needs
    progress: Progress | None = None
    film: str | None = None  # the id of the run's film, in all moments with progress
    weights: str | None = None  # the id of the trained weights: the best so far where the run ended early
    early: str = ""  # why it ended before its time, as a sentence


@dataclass(frozen=True, eq=False)
class _Run:
    """What somebody asked for: its place in the line is its own, whatever it asks for."""

    model: LeNet  # where it starts
    work: Work
    epochs: int
    device: torch.device
    visitor: str


class Trainer:
    """Runs recipes one after the other in the order in which they were asked for, on `device` or on the CPU."""

    def __init__(self, visitors: Visitors, device: torch.device, max_seconds: float = LIMITS.run_seconds):
        self.device = device
        self._visitors = visitors
        self._max_seconds = max_seconds
        self._line: list[_Run] = []  # the first one is training
        self._moved = threading.Condition()
        self._stopped: set[str] = set()
        self._seconds_left: float | None = None

    def run(
        self, recipe: Recipe, weights: str, scratch: bool, visitor: str = "", device: torch.device | None = None
    ) -> Iterator[Moment]:
        """Train from scratch or on from the weights with this id; the last moment has the new weights' id.

        A run that `stop(visitor)` ends before its first step has no such last moment. `device` is for those whom
        the trainer's own failed. Raises RecipeError where the recipe asks for more epochs than a visitor may have,
        DeviceError where the device refuses or fails, and BusyError where too many runs wait.
        """
        if recipe.epochs > LIMITS.epochs:
            raise RecipeError(f"epochs must be from 1 to {LIMITS.epochs} here, not {recipe.epochs:,}.")
        model = self._visitors.model(weights)[0]
        model = from_scratch(recipe.seed, type(model)) if scratch else model
        run = _Run(model, partial(train, model, recipe=recipe), recipe.epochs, device or self.device, visitor)
        yield from self._take_turn(run)

    def teach(
        self, examples: Digits, weights: str, seed: int, visitor: str = "", device: torch.device | None = None
    ) -> Iterator[Moment]:
        """Teach the weights with this id some examples; the same moments and errors as those of `run`."""
        model, _ = self._visitors.model(weights)
        run = _Run(model, partial(teach, model, examples, seed=seed), 1, device or self.device, visitor)
        yield from self._take_turn(run)

    def stop(self, visitor: str) -> None:
        """End this visitor's run at its next step, or while it waits; runs of nobody in particular go on."""
        if visitor and any(run.visitor == visitor for run in self._line):
            self._stopped.add(visitor)

    def _take_turn(self, run: _Run) -> Iterator[Moment]:
        with self._moved:
            if len(self._line) > LIMITS.waiting_runs:
                raise BusyError(f"{len(self._line)} runs go before yours, and no more may wait; try again later.")
            self._line.append(run)
        try:
            yield from self._wait(run)
            yield from self._train(run)
        finally:
            with self._moved:
                self._line.remove(run)
                self._moved.notify_all()
            self._stopped.discard(run.visitor)

    def _wait(self, run: _Run) -> Iterator[Moment]:
        while (ahead := self._line.index(run)) and run.visitor not in self._stopped:
            yield Moment(ahead, self._seconds_left)
            with self._moved:
                self._moved.wait(INTERVAL)

    def _train(self, run: _Run) -> Iterator[Moment]:
        self._seconds_left = None
        if run.visitor in self._stopped:
            return
        yield Moment()
        begun = time.monotonic()
        log("run begun", device=str(run.device), epochs=run.epochs)
        try:
            yield from self._moments(run)
        finally:
            log("run ended", seconds=round(time.monotonic() - begun, 1))

    def _moments(self, run: _Run) -> Iterator[Moment]:
        film = Film(fold_batch_norm(run.model))
        film_id = self._visitors.keep_film(film)
        best, best_accuracy, shown = None, -1.0, 0.0
        for progress in self._on_device(run):
            self._seconds_left = min(progress.seconds_left, self._max_seconds - progress.seconds)
            if (progress.accuracy or 0.0) >= best_accuracy:
                best, best_accuracy = progress.now, progress.accuracy or 0.0
            early = self._reason_to_end(progress, run.visitor)
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

    def _on_device(self, run: _Run) -> Iterator[Progress]:
        work = partial(_on_mnist, run.work, run.device)
        seconds = min(self._max_seconds, GPU_SECONDS + GPU_SECONDS_PER_EPOCH * run.epochs)
        name = device_name(run.device)
        try:
            yield from work() if run.device.type == "cpu" else lend(work, seconds)
        except torch.OutOfMemoryError as fault:
            raise DeviceError(f"{name} has not enough memory left; try a smaller batch.") from fault
        except gr.Error as fault:  # ZeroGPU lends none, the quota is used up, or the one that was lent failed
            raise DeviceError(f"{fault.title}. {str(fault.message).strip()}") from fault
        except RuntimeError as fault:  # what torch raises where a GPU is gone, among others
            first, *_ = str(fault).splitlines() or [type(fault).__name__]
            raise DeviceError(f"{name} gave up: {first}") from fault


def _on_mnist(work: Work, device: torch.device) -> Iterator[Progress]:
    yield from work(*mnist.training_and_validation(), device=device)
