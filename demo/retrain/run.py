"""Visitors' training runs: their queue, their device, their records, and the weights that they store."""

import queue
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from functools import partial

import gradio as gr
import torch

from demo.retrain import zero_gpu
from demo.retrain.film import Film
from demo.retrain.zero_gpu import lend
from demo.serving.limits import LIMITS
from demo.serving.log import log
from demo.visitors import Visitors
from lenet import mnist
from lenet.errors import InputError
from lenet.mnist import Digits
from lenet.network.device import device_name
from lenet.network.lenet5 import LeNet
from lenet.training.batch_norm import fold_batch_norm
from lenet.training.batches import MnistBatches
from lenet.training.distillation import distil, estimated_seconds
from lenet.training.loop import Progress, from_scratch, train
from lenet.training.recipe import Recipe, default_recipe, thorough_recipe
from lenet.training.teaching import BATCHES, teach
from lenet.training.threshold import choose_threshold

# The least time between two records of a run, in seconds: twenty a second look smooth.
RECORD_INTERVAL = 0.05
# Seconds between two messages to a caller whose run is waiting.
WAITING_INTERVAL = 0.2

# Digits to warm up with: two of the largest default batches.
FEW = 1_024

# A training function, called with training and validation digits and, as a named argument, a device.
Work = Callable[..., Iterator[Progress]]


class BusyError(RuntimeError):
    """Too many runs are waiting; the message is a sentence for the visitor."""


class DeviceError(RuntimeError):
    """The device was refused or failed; the message is a sentence for the visitor."""


@dataclass(frozen=True)
class Moment:
    """The state of a run: waiting (ahead), getting ready, training (progress), or finished (weights)."""

    run: str  # its id, for Trainer.stop
    ahead: int = 0  # runs before this one in the queue
    seconds_ahead: float | None = None  # until the current run ends
    notice: str = ""  # a message of ZeroGPU's
    progress: Progress | None = None  # without its networks
    film: str | None = None  # the id of the run's film, which includes the weights of this step
    weights: str | None = None  # the id of the trained weights, or of the best so far if the run ended early
    early: str = ""  # why the run ended early, as a sentence


@dataclass(eq=False)
class Run:
    """A requested run, and the messages from the thread that trains it to the caller."""

    model: LeNet  # the network that it starts from
    work: Work
    steps: int
    device: torch.device
    address: str = ""  # of the visitor; "" is not counted
    short: bool = False
    heard: Callable[[], bool] = lambda: True  # whether somebody is still listening
    id: str = field(default_factory=partial(secrets.token_urlsafe, 16))
    stopped: threading.Event = field(default_factory=threading.Event)
    abandoned: bool = False
    notice: str = ""
    messages: queue.SimpleQueue = field(default_factory=queue.SimpleQueue)


class Trainer:
    """Trains one run at a time on each device, in order of request; ZeroGPU has its own queue."""

    def __init__(self, visitors: Visitors, device: torch.device, max_seconds: float = LIMITS.run_seconds):
        self.device = device
        self.visitors = visitors
        self._max_seconds = max_seconds
        self._runs: list[Run] = []  # waiting or training, in order
        self._changed = threading.Condition()
        self._seconds_left: float | None = None
        self.thorough_seconds: float | None = None  # of a thorough run, once measured

    def run(self, recipe: Recipe, weights: str = "", scratch: bool = True, **caller) -> Iterator[Moment]:
        """Train from scratch or from the weights with this id; the last moment has the id of the new weights.

        A run stopped before its first step yields no such moment. `caller` may have the visitor's `address`, a `device`
        other than the trainer's, and `heard`, a function that says whether somebody is listening. Raises InputError,
        DeviceError and BusyError.
        """
        if recipe.epochs > LIMITS.epochs and not self._is_thorough(recipe):
            raise InputError(f"epochs must be from 1 to {LIMITS.epochs} here, not {recipe.epochs:,}.")
        model = self.visitors.model(weights)[0]
        model = from_scratch(recipe.seed, type(model)) if scratch else model
        steps = len(MnistBatches(mnist.training_and_validation()[0], recipe, torch.device("cpu")))
        work = partial(distil if recipe.teacher_epochs else train, model, recipe=recipe)
        yield from self._listen(model, work, steps, **caller)

    def teach(self, examples: Digits, weights: str, seed: int, **caller) -> Iterator[Moment]:
        """Teach the weights with this id some examples; yields moments and raises errors as `run` does."""
        model, _ = self.visitors.model(weights)
        work = partial(teach, model, examples, seed=seed)
        yield from self._listen(model, work, BATCHES, short=True, **caller)

    def warm_up(self) -> None:
        """Run the slow first steps on an own GPU, and estimate the time of a thorough run."""
        if self.device.type == "cpu" or zero_gpu.is_lent(self.device):
            return
        digits, _ = mnist.training_and_validation()
        few = Digits(digits.images[:FEW], digits.labels[:FEW])
        list(train(from_scratch(1), few, few, default_recipe(self.device), self.device))
        if thorough := thorough_recipe(self.device):
            self.thorough_seconds = estimated_seconds(thorough, digits, self.device)

    def _is_thorough(self, recipe: Recipe) -> bool:
        thorough = thorough_recipe(self.device)
        return thorough is not None and recipe == replace(thorough, seed=recipe.seed)

    def stop(self, run: str, abandoned: bool = False) -> None:
        """End the run with this id at its next record, or while it waits; an abandoned run stores no weights."""
        with self._changed:
            for each in self._runs:
                if each.id == run:
                    each.abandoned = each.abandoned or abandoned
                    each.stopped.set()
            self._changed.notify_all()

    def _listen(self, model: LeNet, work: Work, steps: int, device=None, **options) -> Iterator[Moment]:
        """Start a thread that trains a run, and yield its moments; closing this iterator ends the run."""
        run = Run(model, work, steps, device or self.device, **options)
        self._join(run)
        threading.Thread(target=copy_context().run, args=(self._train, run), daemon=True).start()
        training, last_heard = False, time.monotonic()
        try:
            while True:
                if run.heard():
                    last_heard = time.monotonic()
                elif time.monotonic() - last_heard > LIMITS.unheard_seconds:
                    return
                try:
                    message = run.messages.get(timeout=WAITING_INTERVAL)
                except queue.Empty:
                    if not training and run.stopped.is_set():
                        return  # ZeroGPU may take a minute to notice
                    if not training:
                        yield self._waiting(run)
                    continue
                if message is None:
                    return
                if isinstance(message, Exception):
                    raise message
                training = message.progress is not None
                yield message
        finally:
            self.stop(run.id, abandoned=True)

    def _join(self, run: Run) -> None:
        with self._changed:
            own = [each for each in self._runs if run.address and each.address == run.address]
            allowed = LIMITS.short_runs_per_address if run.short else LIMITS.runs_per_address
            if sum(each.short == run.short for each in own) >= allowed:
                raise BusyError("A run of yours is training and another one waits; let one end before the next.")
            if len(self._runs) > LIMITS.waiting_runs:
                raise BusyError(f"{len(self._runs)} runs are waiting, and no more can; try again later.")
            self._runs.append(run)

    def _waiting(self, run: Run) -> Moment:
        with self._changed:
            return Moment(run.id, self._ahead(run), self._seconds_left, run.notice)

    def _ahead(self, run: Run) -> int:
        same_device = [each for each in self._runs if each.device == run.device]
        return 0 if zero_gpu.is_lent(run.device) or run not in same_device else same_device.index(run)

    def _train(self, run: Run) -> None:
        """Wait for the run's turn, train it, and send its moments; the last message is None or an exception."""
        last = None
        try:
            with self._changed:
                if ahead := self._ahead(run):
                    run.messages.put(Moment(run.id, ahead, self._seconds_left))
                self._changed.wait_for(lambda: run.stopped.is_set() or not self._ahead(run))
            if not run.stopped.is_set():
                self._send_moments(run)
        except Exception as fault:  # raised by the caller's thread; a stop while waiting for a GPU is not an error
            last = None if run.stopped.is_set() and isinstance(fault, DeviceError) else fault
        finally:
            with self._changed:
                self._runs.remove(run)
                self._changed.notify_all()
            run.messages.put(last)

    def _send_moments(self, run: Run) -> None:
        run.messages.put(Moment(run.id))
        begun = time.monotonic()
        log("run begun", device=str(run.device), steps=run.steps)
        try:
            for moment in self._moments(run):
                run.messages.put(moment)
        finally:
            log("run ended", seconds=round(time.monotonic() - begun, 1))

    def _moments(self, run: Run) -> Iterator[Moment]:
        threshold = self._usual_threshold(run.model)
        film = Film(_with_threshold(fold_batch_norm(run.model), threshold))
        film_id = self.visitors.keep_film(film, run.address)
        best, best_accuracy, begun, sent = None, -1.0, time.monotonic(), 0.0
        for progress in self._on_device(run):
            seconds = time.monotonic() - begun
            self._seconds_left = min(progress.seconds_left, self._max_seconds - seconds)
            if progress.now and (progress.accuracy or 0.0) >= best_accuracy:
                best, best_accuracy = progress.now, progress.accuracy or 0.0
            early = "" if progress.model else self._reason_to_end(run, seconds)
            due = time.monotonic() - sent >= RECORD_INTERVAL
            if early or progress.model or progress.accuracy is not None or due:
                sent = time.monotonic()
                if progress.now:
                    film.add(progress.step, _with_threshold(progress.now, threshold))
                ended = (early or progress.model) and best and not run.abandoned
                weights = self._keep(progress.model or best, run.address) if ended else None
                shown, shown_film = replace(progress, now=None, model=None), film_id if progress.now else None
                yield Moment(run.id, progress=shown, film=shown_film, weights=weights, early=early)
            if early:
                return

    def _usual_threshold(self, model: LeNet) -> float:
        """Return the threshold of the shipped network of the same kind, for weights without their own yet."""
        shipped = (self.visitors.shipped, self.visitors.other)
        return next((each.threshold for each in shipped if type(each) is type(model)), 0.0)

    def _keep(self, model: LeNet, owner: str) -> str:
        """Choose the weights' threshold on the validation split, and store them."""
        _, validation = mnist.training_and_validation()
        return self.visitors.keep(_with_threshold(model, choose_threshold(model, validation)), owner)

    def _reason_to_end(self, run: Run, seconds: float) -> str:
        if run.stopped.is_set():
            return "Stopped."
        too_long = f"Ended after {self._max_seconds:.0f} s, the longest that a run may take."
        return too_long if seconds > self._max_seconds else ""

    def _on_device(self, run: Run) -> Iterator[Progress]:
        work = partial(_on_mnist, run.work, run.device)
        name = device_name(run.device)
        try:
            yield from work() if run.device.type == "cpu" else lend(work, run)
        except torch.OutOfMemoryError as fault:
            raise DeviceError(f"{name} has not enough memory left; try a smaller batch.") from fault
        except gr.Error as fault:  # ZeroGPU has no GPU, the quota is used up, or the GPU failed
            raise DeviceError(f"{fault.title}. {str(fault.message).strip()}") from fault
        except RuntimeError as fault:  # torch raises this for a lost GPU, among others
            first, *_ = str(fault).splitlines() or [type(fault).__name__]
            raise DeviceError(f"{name} gave up: {first}") from fault


def _with_threshold(model: LeNet, threshold: float) -> LeNet:
    model.threshold = threshold
    return model


def _on_mnist(work: Work, device: torch.device) -> Iterator[Progress]:
    yield from work(*mnist.training_and_validation(), device=device)
