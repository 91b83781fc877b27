"""Switched off parts are zero for all later stages, and the ranking has the effect of each."""

import math

import pytest
import torch

from lenet import mnist
from lenet.errors import InputError
from lenet.explain.ablation import RANKED, log_odds, parse_off, rank, switches
from lenet.explain.unit_sum import Unit
from lenet.network.lenet5 import STAGE, LeNet5
from lenet.reading.preparation import frame


@pytest.fixture(scope="module")
def digits() -> torch.Tensor:
    return LeNet5.normalise(frame(mnist.final_test().images[:4]).float())


def test_a_switched_off_map_and_its_pool_are_zero(shipped, digits):
    intact = shipped.activations(digits)
    values = shipped.activations(digits, switches([Unit("C3", 4)]))
    assert not values["C3"][:, 4].any()
    assert not values["S4"][:, 4].any()
    assert torch.equal(values["C3"][:, 5], intact["C3"][:, 5])
    assert not torch.equal(values["output"], intact["output"])


def test_switching_off_a_map_equals_removing_its_weights(shipped, digits):
    """The oracle: set the weights to zero."""
    with torch.no_grad():
        pruned = type(shipped)()
        pruned.load_state_dict(shipped.state_dict())
        pruned.conv2.weight[:, 2] = 0
        pruned.fc3.weight[:, 11] = 0
        expected = pruned(digits)
    values = shipped.activations(digits, switches([Unit("S2", 2), Unit("F6", 11)]))
    torch.testing.assert_close(values["output"], expected)


def test_without_switches_nothing_changes(shipped, digits):
    assert torch.equal(shipped.activations(digits, switches([]))["output"], shipped(digits))


def odds(model, x: torch.Tensor, digit: int, off: list[Unit]) -> tuple[float, float]:
    """Return the digit's probability, and its odds p / (1 - p)."""
    probabilities = model.activations(x, switches(off))["output"].detach().double().softmax(1)[0]
    rest = sum(float(each) for other, each in enumerate(probabilities) if other != digit)
    return float(probabilities[digit]), float(probabilities[digit]) / rest


@pytest.mark.parametrize("digit", [7, 2])
def test_the_ranking_equals_switching_off_each_part_alone(shipped, digits, digit):
    x, effects = digits[:1], rank(shipped, digits[:1], digit)
    units = [Unit(name, index) for name in RANKED for index in range(STAGE[name].maps)]
    assert {effect.unit for effect in effects} == set(units)
    assert [effect.change for effect in effects] == sorted(effect.change for effect in effects)
    _, before = odds(shipped, x, digit, [])
    for effect in effects[::7] + effects[:3] + effects[-3:]:
        probability, after = odds(shipped, x, digit, [effect.unit])
        assert effect.probability == pytest.approx(probability, abs=1e-6)
        assert effect.change == pytest.approx(math.log(after / before), abs=1e-3)


def test_log_odds_are_the_logarithm_of_p_over_1_minus_p():
    probabilities = torch.tensor([[0.1, 0.2, 0.7], [0.5, 0.25, 0.25]])
    assert log_odds(probabilities.log(), 1).tolist() == pytest.approx([math.log(0.2 / 0.8), math.log(0.25 / 0.75)])


def test_switched_off_parts_are_a_list_of_pairs():
    assert parse_off(None) == parse_off([]) == []
    assert parse_off([["C3", 4], ["F6", 83]]) == [Unit("C3", 4), Unit("F6", 83)]
    for wrong in ("C3", {}, [["C3"]], [["C3", 4, 0]], [4], 0):
        with pytest.raises(InputError, match=r'must be a list of pairs such as \["C3", 4\]\.$'):
            parse_off(wrong)
