"""Visitors' training runs: turns, stops, and weights."""

from collections.abc import Iterator

import pytest
import torch

from demo.retrain.run import MAX_EPOCHS, Moment, Trainer
from demo.visitors import Visitors
from lenet import mnist
from lenet.train import Recipe, RecipeError, from_scratch

RECIPE = Recipe(epochs=1, batch_size=64)


@pytest.fixture
def trainer(monkeypatch, few_digits) -> Trainer:
    """One that trains on so few digits that it takes a moment."""
    monkeypatch.setattr(mnist, "training_and_validation", lambda: (few_digits, few_digits))
    return Trainer(Visitors(from_scratch(1).eval()), torch.device("cpu"))


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


def test_a_stopped_run_leaves_no_weights(trainer):
    run = trainer.run(RECIPE, "", True, "me")
    next(run), next(run)
    trainer.stop("me")
    assert [moment.weights for moment in run] == []
    assert weights_of(trainer.run(RECIPE, "", True, "me"))


def test_a_stop_ends_a_run_that_waits_and_no_other(trainer):
    first, second = trainer.run(RECIPE, "", True, "first"), trainer.run(RECIPE, "", True, "second")
    next(first), next(second)
    trainer.stop("second")
    assert list(second) == []
    assert weights_of(first)


def test_a_fault_in_a_run_frees_the_line(trainer, monkeypatch):
    def fail(*_):
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr("demo.retrain.run.train", fail)
        with pytest.raises(MemoryError):
            list(trainer.run(RECIPE, "", True))
    assert weights_of(trainer.run(RECIPE, "", True))


def test_more_epochs_than_a_visitor_may_have_are_refused(trainer):
    with pytest.raises(RecipeError, match=rf"^epochs must be from 1 to {MAX_EPOCHS} here, not 21\.$"):
        next(trainer.run(Recipe(epochs=21), "", True))
