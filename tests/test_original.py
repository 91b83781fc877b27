"""The network of 1998 has the paper's parameters, connections, activation, output and loss."""

import pytest
import torch
from torch.nn import functional as F

from lenet.network.codes import CODES
from lenet.network.decision import with_reject_class
from lenet.network.layers import RadialBasis, Subsampling
from lenet.network.lenet5 import STAGES
from lenet.network.original import CONNECTIONS, LeNet5Of1998, scaled_tanh
from lenet.training.loop import untrained


@pytest.fixture(scope="module")
def network() -> LeNet5Of1998:
    return untrained(1, LeNet5Of1998)


def noise(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(5))


def test_every_stage_has_the_parameters_of_the_paper(network):
    counts = {stage.name: network.parameter_count(stage.name) for stage in STAGES}
    assert counts == {"C1": 156, "S2": 12, "C3": 1_516, "S4": 32, "C5": 48_120, "F6": 10_164, "output": 0}
    assert network.parameter_count() == sum(counts.values()) == 60_000


def test_the_stages_describe_the_activations(network):
    for stage in STAGES:
        assert network.activations(noise(2, 1, 32, 32))[stage.name][0].numel() == stage.maps * stage.side**2


def test_the_first_maps_of_c3_see_three_neighbours_then_come_four_two_pairs_and_all():
    assert [len(maps) for maps in CONNECTIONS] == [3] * 6 + [4] * 9 + [6]
    ring = [{(start + i) % 6 for i in range(count)} for count in (3, 4) for start in range(6)]
    assert [set(maps) for maps in CONNECTIONS[:12]] == ring
    assert CONNECTIONS[12:15] == ((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5))


def test_a_map_of_c3_depends_only_on_its_connected_maps(network):
    s2 = noise(1, 6, 14, 14)
    before = network.sums("C3", s2)
    for below in range(6):
        other = s2.clone()
        other[:, below] += 1
        changed = (network.sums("C3", other) != before).flatten(2).any(2)[0]
        assert changed.tolist() == [below in maps for maps in CONNECTIONS]


def test_training_does_not_add_connections(network):
    weight = network.C3.weight
    assert weight.shape == (16, 6, 5, 5)
    assert int((weight.flatten(2).abs().sum(2) > 0).sum()) == 60
    assert len(network.C3.kernels) == 60


def test_a_subsampling_adds_up_four_pixels_times_its_coefficient_plus_its_bias():
    layer = Subsampling(2)
    torch.nn.init.constant_(layer.weight, 3)
    torch.nn.init.constant_(layer.bias, 5)
    maps = torch.arange(16.0).view(1, 1, 4, 4).expand(1, 2, 4, 4)
    assert layer(maps)[0, 1].tolist() == [[(0 + 1 + 4 + 5) * 3 + 5, 59], [(8 + 9 + 12 + 13) * 3 + 5, 155]]


def test_the_activation_maps_1_to_1():
    assert scaled_tanh(torch.tensor([-1.0, 0, 1])).tolist() == pytest.approx([-1, 0, 1], abs=1e-4)
    assert scaled_tanh(torch.tensor(1e6)) == pytest.approx(1.7159)


def test_paper_is_normalised_to_minus_0_1_and_ink_to_1_175():
    assert LeNet5Of1998.normalise(torch.tensor([0.0, 255])).tolist() == pytest.approx([-0.1, 1.175])


def test_the_output_is_the_rubbish_constant_minus_the_squared_distance_to_each_code():
    f6 = noise(3, 84)
    distances = torch.stack([((f6 - code) ** 2).sum(1) for code in CODES], 1)
    torch.testing.assert_close(RadialBasis(20.0)(f6), 20 - distances, rtol=1e-5, atol=1e-4)


def test_a_code_has_values_of_plus_and_minus_1_and_is_read_as_its_digit():
    assert CODES.shape == (10, 84)
    assert set(CODES.unique().tolist()) == {-1, 1}
    assert RadialBasis()(CODES).argmax(1).tolist() == list(range(10))
    differing = (84 - CODES @ CODES.T) / 2 + 84 * torch.eye(10)
    assert differing.min() >= 20


def test_the_loss_equals_the_papers_map_criterion():
    """The paper's equation 9: the distance of the right code, plus log(exp(-j) + the sum of exp(-distance))."""
    f6, rubbish = noise(4, 84), 20.0
    labels = torch.tensor([3, 1, 4, 1])
    distances = torch.cdist(f6, CODES).square()
    paper = distances[range(4), labels] + torch.log(torch.exp(torch.tensor(-rubbish)) + torch.exp(-distances).sum(1))
    ours = F.cross_entropy(with_reject_class(RadialBasis(rubbish)(f6)), labels, reduction="none")
    torch.testing.assert_close(ours, paper, rtol=1e-4, atol=1e-4)


def test_the_codes_are_neither_parameters_nor_stored(network):
    assert "output.codes" not in network.state_dict()
    assert not network.output.codes.requires_grad
