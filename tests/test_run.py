"""Visitors' training runs: queue, stops, errors, limits per address, and stored weights."""

import threading
from collections.abc import Callable, Iterator

import gradio as gr
import pytest
import torch

from demo.retrain.run import BusyError, DeviceError, Moment, Trainer
from demo.serving.limits import LIMITS
from demo.visitors import Visitors
from lenet import mnist
from lenet.errors import InputError
from lenet.mnist import Digits
from lenet.reading.preparation import frame
from lenet.training.batch_norm import fold_batch_norm
from lenet.training.evaluation import evaluate
from lenet.training.loop import Progress, from_scratch, untrained
from lenet.training.recipe import Recipe
from lenet.training.threshold import choose_threshold

RECIPE = Recipe(epochs=1, batch_size=64)
PATIENCE = 60  # seconds that a thread may take on a slow machine


@pytest.fixture
def trainer(monkeypatch, few_digits) -> Trainer:
    """A trainer with few digits."""
    monkeypatch.setattr(mnist, "training_and_validation", lambda: (few_digits, few_digits))
    return Trainer(Visitors(untrained(1).eval()), torch.device("cpu"))


class Steps:
    """A training run of 20 records that makes a step only when a test allows it."""

    def __init__(self):
        self.allowed = threading.Semaphore(0)
        self.ended = threading.Event()

    def __call__(self, *_, **__) -> Iterator[Progress]:
        try:
            for step in range(1, 21):
                assert self.allowed.acquire(timeout=PATIENCE)
                now = untrained(step)
                accuracy = step / 100 if step % 5 == 0 else None
                yield Progress(step, 20, step / 20, 1 / step, accuracy, 0.0, 0.0, now, now if step == 20 else None)
        finally:
            self.ended.set()

    def allow(self, count: int = 20) -> None:
        self.allowed.release(count)


@pytest.fixture
def steps(monkeypatch, trainer) -> Steps:
    fake = Steps()
    monkeypatch.setattr("demo.retrain.run.train", fake)
    monkeypatch.setattr("demo.retrain.run.teach", fake)
    monkeypatch.setattr("demo.retrain.run.RECORD_INTERVAL", 0)
    return fake


def until(moments: Iterator[Moment], condition: Callable[[Moment], bool]) -> Moment:
    return next(moment for moment in moments if condition(moment))


def weights_of(moments: Iterator[Moment]) -> str | None:
    return list(moments)[-1].weights


def test_a_run_ends_with_the_id_of_weights_that_answer(trainer):
    before = trainer.visitors.shipped.conv1.weight.clone()
    trained, known = trainer.visitors.model(weights_of(trainer.run(RECIPE)))
    assert known
    assert not torch.equal(trained.conv1.weight, before)
    assert torch.equal(trainer.visitors.shipped.conv1.weight, before)


def test_trained_weights_get_their_own_threshold(trainer, few_digits):
    trained, _ = trainer.visitors.model(weights_of(trainer.run(RECIPE)))
    assert trained.threshold == choose_threshold(trained, few_digits) > 0


def test_a_run_can_start_from_the_visitors_own_weights(trainer):
    first, repeated = (weights_of(trainer.run(RECIPE)) for _ in range(2))
    continued = weights_of(trainer.run(RECIPE, first, scratch=False))
    weights = [trainer.visitors.model(each)[0].fc3.weight for each in (first, repeated, continued)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_records_arrive_in_order_during_the_run(trainer, steps):
    moments = trainer.run(RECIPE)
    for step in range(1, 20):
        steps.allow(1)
        assert until(moments, lambda moment: moment.progress).progress.step == step
        assert not steps.ended.is_set()
    steps.allow(1)
    assert next(moments).weights


def test_a_run_does_not_wait_for_its_reader(trainer, steps):
    moments = trainer.run(RECIPE)
    next(moments)
    steps.allow()
    assert steps.ended.wait(PATIENCE)
    assert [moment.progress.step for moment in moments if moment.progress] == list(range(1, 21))


def test_a_second_run_waits_until_the_first_has_ended(trainer, steps):
    first, second = trainer.run(RECIPE), trainer.run(RECIPE)
    next(first)
    assert next(second).ahead == 1
    steps.allow(40)
    assert weights_of(first)
    assert weights_of(second)


def test_a_closed_run_stores_nothing_and_lets_the_next_one_start(trainer, steps, monkeypatch):
    kept = []
    monkeypatch.setattr(trainer.visitors, "keep", kept.append)
    first, second = trainer.run(RECIPE), trainer.run(RECIPE)
    next(first), next(second)
    first.close()
    steps.allow(1)  # it ends at its next record
    assert until(second, lambda moment: not moment.ahead)
    assert kept == []


def test_a_closed_waiting_run_leaves_the_queue(trainer, steps):
    runs = [trainer.run(RECIPE) for _ in range(3)]
    assert [next(run).ahead for run in runs] == [0, 1, 2]
    runs[1].close()
    assert until(runs[2], lambda moment: moment.ahead == 1)


def test_a_stopped_run_stores_the_best_weights_so_far(trainer, few_digits):
    run = trainer.run(Recipe(epochs=20, batch_size=8))
    first_moments = [until(run, lambda moment: moment.progress) for _ in range(5)]
    trainer.stop(first_moments[0].run)
    *others, last = run
    assert last.early == "Stopped."
    kept, known = trainer.visitors.model(last.weights)
    assert known
    best = max(moment.progress.accuracy or 0 for moment in [*first_moments, *others, last])
    assert evaluate(kept, few_digits).accuracy == pytest.approx(best)
    assert weights_of(trainer.run(RECIPE))


def test_stopping_a_waiting_run_ends_no_other(trainer, steps):
    first, second = trainer.run(RECIPE), trainer.run(RECIPE)
    next(first)
    trainer.stop(next(second).run)
    assert all(moment.progress is None for moment in second)
    trainer.stop("the id of no run")
    steps.allow()
    assert weights_of(first)


def test_a_run_ends_at_its_time_limit_and_stores_its_weights(trainer):
    trainer._max_seconds = -1
    last = list(trainer.run(Recipe(epochs=20)))[-1]
    assert last.early == "Ended after -1 s, the longest that a run may take."
    assert trainer.visitors.model(last.weights)[1]


def test_a_run_without_a_listener_ends(trainer, steps, monkeypatch):
    monkeypatch.setattr("demo.retrain.run.LIMITS", LIMITS.__class__(unheard_seconds=0))
    has_listener = [True]
    run = trainer.run(RECIPE, heard=lambda: has_listener[0])
    steps.allow(2)
    assert until(run, lambda moment: moment.progress)
    has_listener[0] = False
    assert list(run) == []
    steps.allow(1)
    assert steps.ended.wait(PATIENCE)


def test_an_address_may_have_one_training_and_one_waiting_run(trainer, steps):
    runs = [trainer.run(RECIPE, address="one") for _ in range(3)]
    next(runs[0]), next(runs[1])
    with pytest.raises(BusyError, match=r"^A run of yours is training and another one waits"):
        next(runs[2])
    assert next(trainer.run(RECIPE, address="another")).ahead == 2
    runs[1].close()
    runs[0].close()
    steps.allow(1)
    assert steps.ended.wait(PATIENCE)


def test_a_class_behind_one_address_can_teach_at_once(trainer, steps, few_digits):
    runs = [trainer.teach(few_digits, "", seed=1, address="school") for _ in range(5)]
    assert [next(run).ahead for run in runs] == [0, 1, 2, 3, 4]
    steps.allow(100)
    assert all(weights_of(run) for run in runs)


def test_the_number_of_waiting_runs_is_limited(trainer, steps, monkeypatch):
    monkeypatch.setattr("demo.retrain.run.LIMITS", LIMITS.__class__(waiting_runs=1))
    runs = [trainer.run(RECIPE) for _ in range(3)]
    next(runs[0]), next(runs[1])
    with pytest.raises(BusyError, match=r"^2 runs are waiting, and no more can; try again later\.$"):
        next(runs[2])
    steps.allow(40)
    assert weights_of(runs[0])
    assert weights_of(runs[1])


def test_a_film_shows_the_network_from_the_first_step_to_the_last(trainer):
    last = list(trainer.run(RECIPE))[-1]
    first, known = trainer.visitors.model(f"{last.film}/0")
    assert known
    assert torch.equal(first.fc3.weight, fold_batch_norm(from_scratch(RECIPE.seed)).fc3.weight)
    final = trainer.visitors.model(f"{last.film}/{last.progress.step}")[0]
    assert torch.equal(final.fc3.weight, trainer.visitors.model(last.weights)[0].fc3.weight)


def test_weights_in_training_have_the_shipped_threshold(trainer):
    trainer.visitors.shipped.threshold = 0.4
    last = list(trainer.run(RECIPE))[-1]
    assert trainer.visitors.model(f"{last.film}/0")[0].threshold == 0.4


@pytest.mark.slow
def test_examples_are_taught_from_the_current_weights(trainer, few_digits):
    examples = Digits(frame(few_digits.images[:2])[:, 0], few_digits.labels[:2])
    last = list(trainer.teach(examples, "", seed=1))[-1]
    assert last.progress.steps == 100
    assert trainer.visitors.model(last.weights)[1]


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (torch.OutOfMemoryError("CUDA out of memory."), "this CPU has not enough memory left; try a smaller batch."),
        (RuntimeError("CUDA error: device lost\nmore"), "this CPU gave up: CUDA error: device lost"),
        (RuntimeError(), "this CPU gave up: RuntimeError"),
        (
            gr.Error("You have exceeded your quota. ", title="ZeroGPU quota exceeded"),
            "ZeroGPU quota exceeded. You have exceeded your quota.",
        ),
    ],
)
def test_a_failed_device_is_reported_in_a_sentence_and_lets_the_next_run_start(trainer, monkeypatch, fault, sentence):
    def fail(*_, **__):
        raise fault

    with monkeypatch.context() as patch:
        patch.setattr("demo.retrain.run.train", fail)
        with pytest.raises(DeviceError) as raised:
            list(trainer.run(RECIPE))
    assert str(raised.value) == sentence
    assert weights_of(trainer.run(RECIPE))


def test_a_visitor_who_is_refused_a_gpu_can_train_on_the_cpu(trainer, monkeypatch):
    def refuse(work, run):
        raise gr.Error("No GPU was available", title="ZeroGPU client error")

    monkeypatch.setattr("demo.retrain.run.lend", refuse)
    monkeypatch.setattr("demo.retrain.run.device_name", str)
    trainer.device = torch.device("cuda")
    with pytest.raises(DeviceError, match=r"^ZeroGPU client error\. No GPU was available$"):
        list(trainer.run(RECIPE))
    assert weights_of(trainer.run(RECIPE, device=torch.device("cpu")))


def test_an_error_in_a_run_lets_the_next_run_start(trainer, monkeypatch):
    def fail(*_, **__):
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr("demo.retrain.run.train", fail)
        with pytest.raises(MemoryError):
            list(trainer.run(RECIPE))
    assert weights_of(trainer.run(RECIPE))


def test_too_many_epochs_are_refused(trainer):
    with pytest.raises(InputError, match=rf"^epochs must be from 1 to {LIMITS.epochs} here, not 21\.$"):
        next(trainer.run(Recipe(epochs=21)))
