"""What is switched off is silent for every later stage, and the ranking tells what each switch would do."""

import pytest
import torch

from lenet import mnist
from lenet.explain.ablation import rank, switches
from lenet.explain.unit_sum import Unit
from lenet.network.lenet5 import LeNet5
from lenet.reading.preparation import frame


@pytest.fixture(scope="module")
def digits() -> torch.Tensor:
    return LeNet5.normalise(frame(mnist.final_test().images[:4]).float())


def test_a_map_that_is_off_is_zero_and_so_is_its_pool(shipped, digits):
    intact = shipped.activations(digits)
    values = shipped.activations(digits, switches([Unit("C3", 4)]))
    assert not values["C3"][:, 4].any()
    assert not values["S4"][:, 4].any()
    assert torch.equal(values["C3"][:, 5], intact["C3"][:, 5])
    assert not torch.equal(values["output"], intact["output"])


def test_to_switch_off_a_map_is_to_take_its_weights_away(shipped, digits):
    """The slow, obvious way."""
    with torch.no_grad():
        without = type(shipped)()
        without.load_state_dict(shipped.state_dict())
        without.conv2.weight[:, 2] = 0
        without.fc3.weight[:, 11] = 0
        expected = without(digits)
    values = shipped.activations(digits, switches([Unit("S2", 2), Unit("F6", 11)]))
    torch.testing.assert_close(values["output"], expected)


def test_nothing_off_changes_nothing(shipped, digits):
    assert torch.equal(shipped.activations(digits, switches([]))["output"], shipped(digits))


def test_the_ranking_tells_what_switching_off_does(shipped, digits):
    effects = rank(shipped, digits[:1], digit=7)
    assert len(effects) == 6 + 16 + 120 + 84
    assert [effect.change for effect in effects] == sorted(effect.change for effect in effects)
    for effect in (effects[0], effects[-1]):
        values = shipped.activations(digits[:1], switches([effect.unit]))["output"].detach()
        assert effect.probability == pytest.approx(float(values.softmax(1)[0, 7]), abs=1e-6)
