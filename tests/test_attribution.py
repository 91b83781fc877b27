"""Contributions add up, at every stage, to what the digit changed against the blank sheet."""

import pytest
import torch

from lenet import mnist
from lenet.explain.attribution import attribute, class_weights, compare
from lenet.network import NETWORKS
from lenet.network.lenet5 import INPUT, STAGES, LeNet5
from lenet.reading.preparation import frame
from lenet.training.loop import untrained


@pytest.fixture(scope="module")
def digits() -> torch.Tensor:
    return LeNet5.normalise(frame(mnist.final_test().images[:100]).float())


def assert_complete(model: LeNet5, x: torch.Tensor, weights: torch.Tensor) -> None:
    comparison = compare(model, x)
    changed = (weights * comparison.difference("output")).sum(1)
    for name, contributions in attribute(comparison, weights).items():
        torch.testing.assert_close(contributions.flatten(1).sum(1), changed, rtol=1e-4, atol=1e-9, msg=name)


def test_contributions_of_every_stage_add_up_to_the_lead_less_the_blank_sheets(shipped, digits):
    assert_complete(shipped, digits, class_weights(shipped(digits).argmax(1)))


def test_why_not_another_class_adds_up_to_the_difference_of_two_logits(shipped, digits):
    first, second = shipped(digits).topk(2).indices.T
    assert_complete(shipped, digits, class_weights(first, against=second))


@pytest.mark.parametrize("network", NETWORKS.values(), ids=list(NETWORKS))
def test_completeness_holds_for_an_untrained_network_and_for_noise(network):
    noise = torch.randn(20, 1, 32, 32, generator=torch.Generator().manual_seed(1))
    assert_complete(untrained(7, network), noise, class_weights(torch.arange(20) % 10))


def test_only_ink_contributes_and_the_blank_sheet_has_none(shipped, digits):
    contributions = attribute(compare(shipped, digits), class_weights(torch.zeros(100, dtype=torch.long)))[INPUT]
    paper = frame(mnist.final_test().images[:100]) == 0
    assert paper.float().mean() > 0.8
    assert not contributions[paper].any()
    blank = LeNet5.normalise(torch.zeros(1, 1, 32, 32))
    assert not attribute(compare(shipped, blank), class_weights(torch.tensor([3])))[INPUT].any()


def test_the_network_is_left_as_it_was(shipped, digits):
    before = shipped(digits)
    compare(shipped, digits)
    assert torch.equal(shipped(digits), before)
    assert next(shipped.parameters()).dtype == torch.float32


def test_a_score_is_the_lead_over_the_others_mean_or_over_one_of_them():
    weights = class_weights(torch.tensor([3]))
    assert weights[0, 3] == 1
    assert float(weights.sum()) == pytest.approx(0)
    assert len(set(weights[0, [0, 1, 2, 4, 5, 6, 7, 8, 9]].tolist())) == 1
    assert class_weights(torch.tensor([3]), torch.tensor([8])).tolist() == [[0, 0, 0, 1, 0, 0, 0, 0, -1, 0]]


def test_every_stage_and_the_input_have_contributions(shipped, digits):
    contributions = attribute(compare(shipped, digits[:2]), class_weights(torch.tensor([7, 2])))
    assert set(contributions) == {INPUT, *(stage.name for stage in STAGES)}
    assert contributions["C3"].shape == (2, 16, 10, 10)
