"""Visitors' training runs: turns, stops, and weights."""

from collections.abc import Iterator

import gradio as gr
import pytest
import torch

from demo.retrain.run import DeviceError, Moment, Trainer
from demo.serving.limits import LIMITS
from demo.visitors import Visitors
from lenet import mnist
from lenet.mnist import Digits
from lenet.reading.preparation import frame
from lenet.training.batch_norm import fold_batch_norm
from lenet.training.evaluation import evaluate
from lenet.training.loop import from_scratch, untrained
from lenet.training.recipe import Recipe, RecipeError

RECIPE = Recipe(epochs=1, batch_size=64)


@pytest.fixture
def trainer(monkeypatch, few_digits) -> Trainer:
    """One that trains on so few digits that it takes a moment."""
    monkeypatch.setattr(mnist, "training_and_validation", lambda: (few_digits, few_digits))
    return Trainer(Visitors(untrained(1).eval()), torch.device("cpu"))


def weights_of(moments: Iterator[Moment]) -> str | None:
    return list(moments)[-1].weights


def test_a_run_ends_with_the_id_of_weights_that_answer(trainer):
    visitors = trainer._visitors
    before = visitors.shipped.conv1.weight.clone()
    own, known = visitors.model(weights_of(trainer.run(RECIPE, "", scratch=True)))
    assert known
    assert not torch.equal(own.conv1.weight, before)
    assert torch.equal(visitors.shipped.conv1.weight, before)


def test_a_run_can_go_on_from_the_visitors_own_weights(trainer):
    first = weights_of(trainer.run(RECIPE, "", scratch=True))
    again = weights_of(trainer.run(RECIPE, "", scratch=True))
    further = weights_of(trainer.run(RECIPE, first, scratch=False))
    model = {
        name: trainer._visitors.model(each)[0].fc3.weight
        for name, each in [("first", first), ("again", again), ("further", further)]
    }
    assert torch.equal(model["first"], model["again"])
    assert not torch.equal(model["first"], model["further"])


def test_a_second_run_waits_until_the_first_has_ended(trainer):
    first, second = trainer.run(RECIPE, "", True, "first"), trainer.run(RECIPE, "", True, "second")
    next(first)
    assert next(second).ahead == 1
    assert weights_of(first)
    assert next(second).ahead == 0
    assert weights_of(second)


def test_a_run_that_is_closed_lets_the_next_one_start(trainer):
    first, second = trainer.run(RECIPE, "", True), trainer.run(RECIPE, "", True)
    next(first), next(second)
    first.close()
    assert next(second).ahead == 0


def test_a_waiting_run_that_is_closed_leaves_the_line(trainer):
    runs = [trainer.run(RECIPE, "", True) for _ in range(3)]
    assert [next(run).ahead for run in runs] == [0, 1, 2]
    runs[1].close()
    assert next(runs[2]).ahead == 1


def test_a_stopped_run_leaves_the_best_weights_so_far(trainer, few_digits):
    run = trainer.run(Recipe(epochs=20, batch_size=8), "", True, "me")
    next(run)
    seen = [next(run) for _ in range(8)]
    trainer.stop("me")
    *others, last = run
    assert others == []
    assert last.early == "Stopped."
    kept, known = trainer._visitors.model(last.weights)
    assert known
    best = max(moment.progress.accuracy or 0 for moment in [*seen, last])
    assert evaluate(kept, few_digits).accuracy == pytest.approx(best)
    assert weights_of(trainer.run(RECIPE, "", True, "me"))


def test_a_run_ends_when_its_time_is_up_and_leaves_what_it_has(trainer):
    trainer._max_seconds = 0
    last = list(trainer.run(Recipe(epochs=20), "", True))[-1]
    assert last.early == "Ended after 0 s, the most that a run may take."
    assert trainer._visitors.model(last.weights)[1]


def test_a_film_shows_the_network_from_the_first_step_to_the_last(trainer):
    last = list(trainer.run(RECIPE, "", scratch=True))[-1]
    visitors = trainer._visitors
    first, known = visitors.model(f"{last.film}/0")
    assert known
    assert torch.equal(first.fc3.weight, fold_batch_norm(from_scratch(RECIPE.seed)).fc3.weight)
    final = visitors.model(f"{last.film}/{last.progress.step}")[0]
    assert torch.equal(final.fc3.weight, visitors.model(last.weights)[0].fc3.weight)


def test_examples_are_taught_from_the_current_weights(trainer, few_digits):
    examples = Digits(frame(few_digits.images[:2])[:, 0], few_digits.labels[:2])
    last = list(trainer.teach(examples, "", seed=1))[-1]
    assert last.progress.steps == 100
    assert trainer._visitors.model(last.weights)[1]


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
def test_a_device_that_fails_is_named_in_a_sentence_and_frees_the_line(trainer, monkeypatch, fault, sentence):
    def fail(*_, **__):
        raise fault

    with monkeypatch.context() as patch:
        patch.setattr("demo.retrain.run.train", fail)
        with pytest.raises(DeviceError) as told:
            list(trainer.run(RECIPE, "", True))
    assert str(told.value) == sentence
    assert weights_of(trainer.run(RECIPE, "", True))


def test_who_is_refused_a_gpu_goes_on_on_the_cpu(trainer, monkeypatch):
    def refuse(work, seconds):
        raise gr.Error("No GPU was available", title="ZeroGPU client error")

    monkeypatch.setattr("demo.retrain.run.lend", refuse)
    monkeypatch.setattr("demo.retrain.run.device_name", str)
    trainer.device = torch.device("cuda")
    with pytest.raises(DeviceError, match=r"^ZeroGPU client error\. No GPU was available$"):
        list(trainer.run(RECIPE, "", True))
    assert weights_of(trainer.run(RECIPE, "", True, device=torch.device("cpu")))


def test_a_stop_ends_a_run_that_waits_and_no_other(trainer):
    first, second = trainer.run(RECIPE, "", True, "first"), trainer.run(RECIPE, "", True, "second")
    next(first), next(second)
    trainer.stop("second")
    assert list(second) == []
    assert weights_of(first)


def test_a_fault_in_a_run_frees_the_line(trainer, monkeypatch):
    def fail(*_, **__):
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr("demo.retrain.run.train", fail)
        with pytest.raises(MemoryError):
            list(trainer.run(RECIPE, "", True))
    assert weights_of(trainer.run(RECIPE, "", True))


def test_more_epochs_than_a_visitor_may_have_are_refused(trainer):
    with pytest.raises(RecipeError, match=rf"^epochs must be from 1 to {LIMITS.epochs} here, not 21\.$"):
        next(trainer.run(Recipe(epochs=21), "", True))
