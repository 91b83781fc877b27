"""The sum behind a unit equals the network's own value, at every stage."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from lenet import mnist
from lenet.errors import InputError
from lenet.explain.unit_sum import LISTED, Square, Unit, UnitSum, fields, unit_sum
from lenet.network import NETWORKS
from lenet.network.lenet5 import BELOW, INPUT, STAGE, STAGES, LeNet, LeNet5, Stage
from lenet.network.original import LeNet5Of1998
from lenet.reading.preparation import frame
from lenet.training.loop import untrained


@pytest.fixture(scope="module")
def digits() -> torch.Tensor:
    return LeNet5.normalise(frame(mnist.final_test().images[:4]).float())


def values_of(model: LeNet, x: torch.Tensor) -> dict[str, torch.Tensor]:
    with torch.no_grad():
        return {INPUT: x, **model.activations(x)}


def explained(model: LeNet, x: torch.Tensor, unit: Unit) -> UnitSum:
    return unit_sum(model, values_of(model, x), unit)


def some_units(stage: Stage) -> list[Unit]:
    """Return units from all over a stage, including its corners."""
    last = stage.side - 1
    places = sorted({(0, 0), (0, last), (last, 0), (last, last), (last // 2, last // 3)})
    return [
        Unit(stage.name, index, *place) for index in sorted({0, stage.maps // 2, stage.maps - 1}) for place in places
    ]


@pytest.mark.parametrize("stage", STAGES, ids=list(STAGE))
def test_the_terms_add_up_to_the_value_on_the_page(shipped: LeNet5, digits, stage):
    for x in digits.split(1):
        values = values_of(shipped, x)
        for unit in some_units(stage):
            summed = unit_sum(shipped, values, unit)
            total = sum(term.partial for term in summed.terms) + summed.rest + summed.bias
            value = total if stage.name == "output" else max(total, 0)
            units = values[stage.name][0]
            network_value = units[unit.index, unit.row, unit.column] if stage.side > 1 else units[unit.index]
            assert summed.value == pytest.approx(float(network_value))
            assert summed.total == pytest.approx(total)
            assert value == pytest.approx(summed.value, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("stage", STAGES, ids=list(STAGE))
def test_the_terms_of_the_1998_network_add_up_too(digits, stage):
    model = untrained(3, LeNet5Of1998)
    for unit in some_units(stage):
        summed = explained(model, digits[:1], unit)
        total = sum(term.partial for term in summed.terms) + summed.rest + summed.bias
        assert total == pytest.approx(summed.total)
        assert all(sum(term.adds) == pytest.approx(term.partial) for term in summed.terms)
        activated = model.activate(stage.name, torch.tensor(summed.total))
        assert float(activated) == pytest.approx(summed.value, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize(("name", "index", "row", "column"), [("C1", 2, 5, 17), ("C3", 9, 7, 2)])
def test_a_convolutions_patches_and_kernels_are_those_at_its_position(shipped, digits, name, index, row, column):
    """The oracle: the window's pixels and the weights one by one."""
    summed = explained(shipped, digits[:1], Unit(name, index, row, column))
    below = values_of(shipped, digits[:1])[BELOW[name]][0]
    weights = shipped.layer(name).weight.detach()
    assert [term.index for term in summed.terms] == list(range(len(below)))
    for term in summed.terms:
        window = [float(below[term.index, row + i, column + j]) for i in range(5) for j in range(5)]
        kernel = [float(weights[index, term.index, i, j]) for i in range(5) for j in range(5)]
        assert term.patch == window
        assert term.kernel == kernel
        assert term.adds == pytest.approx([value * weight for value, weight in zip(window, kernel, strict=True)])
        assert term.partial == pytest.approx(sum(term.adds))
    assert summed.bias == shipped.layer(name).bias[index].item()
    assert (summed.rest, summed.rest_count) == (0, 0)


def test_a_map_of_c3_of_1998_has_the_maps_that_it_reads_as_terms(digits):
    summed = explained(untrained(3, LeNet5Of1998), digits[:1], Unit("C3", 13, 4, 4))
    assert [term.index for term in summed.terms] == [1, 2, 4, 5]


@pytest.mark.parametrize("name", ["F6", "output"])
def test_a_full_connection_lists_its_largest_terms_and_adds_up_the_rest(shipped, digits, name):
    summed = explained(shipped, digits[:1], Unit(name, 3))
    below = values_of(shipped, digits[:1])[BELOW[name]][0]
    products = (shipped.layer(name).weight[3] * below).detach().tolist()
    order = sorted(range(len(products)), key=lambda i: -abs(products[i]))
    assert [term.index for term in summed.terms] == order[:LISTED]
    assert [term.partial for term in summed.terms] == pytest.approx([products[i] for i in order[:LISTED]], rel=1e-5)
    assert summed.rest == pytest.approx(sum(products[i] for i in order[LISTED:]), abs=1e-5)
    assert summed.rest_count == len(products) - LISTED


def test_a_code_is_compared_with_f6(digits):
    model = untrained(3, LeNet5Of1998)
    summed = explained(model, digits[:1], Unit("output", 4))
    f6 = values_of(model, digits[:1])["F6"][0]
    for term in summed.terms:
        assert term.patch == [float(f6[term.index])]
        assert term.kernel == [float(model.output.codes[4, term.index])]
        assert term.partial == pytest.approx(-((term.patch[0] - term.kernel[0]) ** 2))
    assert summed.bias == model.output.rubbish


@pytest.mark.parametrize("name", ["S2", "S4"])
def test_a_pool_has_its_window_and_the_winner(name):
    stage = STAGE[name]
    below = torch.randn(1, stage.maps, 2 * stage.side, 2 * stage.side, generator=torch.Generator().manual_seed(2))
    summed = unit_sum(LeNet5(), {BELOW[name]: below, name: F.max_pool2d(below, 2)}, Unit(name, 2, 3, 2))
    window = below[0, 2, 6:8, 4:6].numpy()
    assert np.array_equal(np.reshape(summed.terms[0].patch, (2, 2)), window)
    assert summed.winner == np.unravel_index(window.argmax(), (2, 2))
    assert summed.terms[0].partial == summed.total == summed.value == window.max()
    assert summed.terms[0].kernel is None


def test_an_average_has_one_weight_for_its_four_pixels(digits):
    model = untrained(3, LeNet5Of1998)
    summed = explained(model, digits[:1], Unit("S2", 4, 3, 2))
    window = values_of(model, digits[:1])["C1"][0, 4, 6:8, 4:6].flatten().tolist()
    assert summed.terms[0].patch == window
    assert summed.terms[0].kernel == [model.S2.weight[4].item()] * 4
    assert summed.winner is None


@pytest.mark.parametrize("network", NETWORKS.values(), ids=list(NETWORKS))
@pytest.mark.parametrize("stage", STAGES[:4], ids=list(STAGE)[:4])
def test_the_receptive_field_is_where_the_gradient_reaches(network, stage):
    """For noise, the unit's gradient is nonzero exactly in the receptive field."""
    model, unit = untrained(5, network), Unit(stage.name, 1, stage.side - 2, 1)
    noise = torch.randn(60, 1, 32, 32, generator=torch.Generator().manual_seed(0)).requires_grad_()
    values = {INPUT: noise, **model.activations(noise)}
    value = values[stage.name][:, unit.index, unit.row, unit.column].sum()
    for name, square in fields(unit).items():
        reached = torch.autograd.grad(value, values[name], retain_graph=True)[0].abs().sum((0, 1)).nonzero()
        top, left = reached.amin(0).tolist()
        bottom, right = (reached.amax(0) + 1).tolist()
        assert (top, left, bottom - top, right - left) == (square.top, square.left, square.side, square.side), name


def test_the_receptive_field_is_given_for_every_stage_below():
    assert fields(Unit("S4", 9, 2, 1)) == {
        "C3": Square(4, 2, 2),
        "S2": Square(4, 2, 6),
        "C1": Square(8, 4, 12),
        "input": Square(8, 4, 16),
    }


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (("C2", 0), "The stage must be one of C1, S2, C3, S4, C5, F6, output."),
        ((["C1"], 0), "The stage must be one of C1, S2, C3, S4, C5, F6, output."),
        (("C1", 6), "C1's map or unit must be a whole number from 0 to 5."),
        (("C1", True), "C1's map or unit must be a whole number from 0 to 5."),
        (("S4", 0, 5, 0), "S4's row must be a whole number from 0 to 4."),
        (("F6", 0, 0, -1), "F6's column must be a whole number from 0 to 0."),
    ],
)
def test_a_unit_that_does_not_exist_is_refused_in_a_sentence(values, sentence):
    with pytest.raises(InputError) as refusal:
        Unit(*values)
    assert str(refusal.value) == sentence


def test_c5_reads_its_full_connection_as_kernels_over_s4(shipped, digits):
    """The oracle: the paper's 5 x 5 convolution."""
    s4 = shipped.activations(digits[:1])["S4"]
    convolved = F.conv2d(s4, shipped.fc1.weight.view(120, 16, 5, 5), shipped.fc1.bias)
    assert explained(shipped, digits[:1], Unit("C5", 17)).total == pytest.approx(
        float(convolved[0, 17].detach()), abs=1e-5
    )
