"""The comparison of two evaluations, digit by digit."""

import pytest
import torch
from torch.nn import functional as F

from lenet.training.comparison import Change, Comparison
from lenet.training.evaluation import Evaluation, evaluate
from lenet.training.loop import untrained


def read_as(answers: list[int], labels: list[int]) -> Evaluation:
    return Evaluation(F.one_hot(torch.tensor(answers), 10).float(), torch.tensor(labels))


def test_changed_digits_are_listed_lost_ones_first():
    comparison = Comparison(read_as([1, 2, 3, 9], [1, 2, 8, 4]), read_as([1, 7, 8, 6], [1, 2, 8, 4]))
    lost, won, other = comparison.changes
    assert (lost, lost.worse, lost.better) == (Change(1, 2, 2, 7), True, False)
    assert (won, won.worse, won.better) == (Change(2, 8, 3, 8), False, True)
    assert (other, other.worse, other.better) == (Change(3, 4, 9, 6), False, False)
    assert comparison.gain == 0


@pytest.mark.parametrize(("wrong", "loses"), [(0, False), (10, False), (11, True), (10_000, True)])
def test_a_drop_of_more_than_0_1_points_is_a_loss(wrong, loses):
    labels = [0] * 10_000
    comparison = Comparison(read_as(labels, labels), read_as([1] * wrong + [0] * (10_000 - wrong), labels))
    assert comparison.gain == pytest.approx(-wrong / 10_000)
    assert comparison.loses is loses


def test_a_network_compared_with_itself_changes_nothing(few_digits):
    model = untrained(1).eval()
    comparison = Comparison(evaluate(model, few_digits), evaluate(model, few_digits))
    assert (comparison.gain, comparison.loses, comparison.changes) == (0, False, [])
