"""The sum behind a unit adds up to the value that the network's own pass gives it, at every stage."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from lenet import mnist
from lenet.explain.unit_sum import TERMS, Square, Unit, UnitError, fields, unit_sum
from lenet.network.lenet5 import BELOW, STAGE, STAGES, LeNet5, Stage
from lenet.network.original import LeNet5Of1998
from lenet.reading.preparation import frame
from lenet.training.loop import untrained


@pytest.fixture(scope="module")
def digits() -> torch.Tensor:
    return LeNet5.normalise(frame(mnist.final_test().images[:6]).float())


def some_units(stage: Stage) -> list[Unit]:
    """Units from all over a stage, its corners among them."""
    last = stage.side - 1
    places = {(0, 0), (0, last), (last, 0), (last, last), (last // 2, last // 3)}
    return [Unit(stage.name, index, *place) for index in {0, stage.maps // 2, stage.maps - 1} for place in places]


@pytest.mark.parametrize("stage", STAGES, ids=list(STAGE))
def test_the_terms_add_up_to_the_value_on_the_page(shipped: LeNet5, digits, stage):
    for x in digits.split(1):
        values = shipped.activations(x)[stage.name][0].detach()
        for unit in some_units(stage):
            told = unit_sum(shipped, x, unit)
            total = sum(term.partial for term in told.terms) + told.rest + told.bias
            value = total if stage.name == "output" else max(total, 0)
            shown = values[unit.index, unit.row, unit.column] if stage.side > 1 else values[unit.index]
            assert told.value == pytest.approx(float(shown))
            assert told.total == pytest.approx(total)
            assert value == pytest.approx(told.value, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("stage", STAGES, ids=list(STAGE))
def test_in_the_network_of_1998_too_they_add_up(digits, stage):
    model, x = untrained(3, LeNet5Of1998), digits[:1]
    for unit in some_units(stage):
        told = unit_sum(model, x, unit)
        assert sum(term.partial for term in told.terms) + told.rest + told.bias == pytest.approx(told.total)
        assert all(term.adds.sum() == pytest.approx(term.partial) for term in told.terms)
        squashed = model.activate(stage.name, torch.tensor(told.total))
        assert float(squashed) == pytest.approx(told.value, rel=1e-4, abs=1e-4)


def test_a_map_of_c3_of_1998_has_the_maps_that_it_sees_as_terms(digits):
    told = unit_sum(untrained(3, LeNet5Of1998), digits[:1], Unit("C3", 13, 4, 4))
    assert [term.index for term in told.terms] == [1, 2, 4, 5]


@pytest.mark.parametrize("name", ["C1", "C3", "C5", "F6", "output"])
def test_every_partial_sum_is_its_patch_times_its_kernel(shipped, digits, name):
    for term in unit_sum(shipped, digits[:1], Unit(name, 3)).terms:
        assert term.partial == pytest.approx(float(np.sum(term.patch * term.kernel)))


@pytest.mark.parametrize(("name", "terms"), [("C1", 1), ("C3", 6), ("C5", 16), ("F6", TERMS), ("output", TERMS)])
def test_each_map_below_is_a_term_but_only_the_largest_of_a_full_connection(shipped, digits, name, terms):
    told = unit_sum(shipped, digits[:1], Unit(name, 0))
    assert len(told.terms) == terms
    assert len(told.terms) + told.rest_count == (1 if name == "C1" else STAGE[BELOW[name]].maps)


@pytest.mark.parametrize("name", ["S2", "S4"])
def test_a_pool_shows_its_window_and_the_winner(shipped, digits, name):
    unit = Unit(name, 2, 3, 2)
    told = unit_sum(shipped, digits[:1], unit)
    below = shipped.activations(digits[:1])[BELOW[name]][0, unit.index]
    assert np.array_equal(told.terms[0].patch, below[6:8, 4:6].detach().numpy())
    assert told.terms[0].patch[told.winner] == pytest.approx(told.value)


@pytest.mark.parametrize("stage", STAGES[:5], ids=list(STAGE)[:5])
def test_the_receptive_field_is_all_that_the_unit_depends_on(shipped, digits, stage):
    """Noise outside the field changes nothing; the field itself is 5, 6, 14, 16 and 32 pixels wide."""
    unit = some_units(stage)[-1]
    square = fields(unit)["input"]
    assert square.side == {"C1": 5, "S2": 6, "C3": 14, "S4": 16, "C5": 32}[stage.name]
    noisy = torch.randn(1, 1, 32, 32, generator=torch.Generator().manual_seed(0))
    inside = (..., slice(square.top, square.top + square.side), slice(square.left, square.left + square.side))
    noisy[inside] = digits[:1][inside]
    assert unit_sum(shipped, noisy, unit).value == pytest.approx(unit_sum(shipped, digits[:1], unit).value, abs=1e-5)


def test_the_field_is_told_for_every_stage_between():
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
def test_a_unit_that_is_not_there_is_refused_in_one_sentence(values, sentence):
    with pytest.raises(UnitError) as refusal:
        Unit(*values)
    assert str(refusal.value) == sentence


def test_c5_reads_its_full_connection_as_kernels_over_s4(shipped, digits):
    """The slow, obvious way: the 5 x 5 convolution that the paper means."""
    s4 = shipped.activations(digits[:1])["S4"]
    convolved = F.conv2d(s4, shipped.fc1.weight.view(120, 16, 5, 5), shipped.fc1.bias)
    assert unit_sum(shipped, digits[:1], Unit("C5", 17)).total == pytest.approx(
        float(convolved[0, 17].detach()), abs=1e-5
    )
