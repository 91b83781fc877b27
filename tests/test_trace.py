"""The strongest paths agree with the attribution, and contributions add up along them."""

import numpy as np
import pytest
import torch

from lenet import mnist
from lenet.explain.attribution import attribute, class_weights, contrast_with_blank
from lenet.explain.occlusion import find_spot
from lenet.explain.trace import strongest_paths, trace
from lenet.network.lenet5 import BELOW, INPUT, STAGES, LeNet5
from lenet.reading.preparation import frame

SEVEN = class_weights(torch.tensor([7]))


@pytest.fixture(scope="module")
def seven() -> torch.Tensor:
    return LeNet5.normalise(frame(mnist.final_test().images[:1]).float())


@pytest.fixture(scope="module")
def contrast(shipped, seven):
    return contrast_with_blank(shipped, seven)


def flows_into(links, name: str) -> dict[int, float]:
    """Return the sum of the links into each map or unit of a stage."""
    flows: dict[int, float] = {}
    for link in links:
        if link.above == name:
            flows[link.above_index] = flows.get(link.above_index, 0) + link.contribution
    return flows


def test_links_of_full_connections_are_weight_times_difference(contrast):
    """By hand, from the output to F6, from F6 to C5 and from C5 to S4."""
    difference = {name: contrast.difference(name)[0].numpy() for name in contrast.digits}
    weights = {name: contrast.model.layer(name).weight.detach().numpy() for name in ("C5", "F6", "output")}
    scale, score = {}, SEVEN[0].numpy()
    for name, above in (("F6", "output"), ("C5", "F6")):
        below = contrast.digits[BELOW[name]].flatten(1), contrast.blank[BELOW[name]].flatten(1)
        sums = [(each @ contrast.model.layer(name).weight.T + contrast.model.layer(name).bias)[0] for each in below]
        slope = difference[name] / (sums[0] - sums[1]).detach().numpy()
        scale[name] = (score if above == "output" else scale[above]) @ weights[above] * slope
    links = strongest_paths(contrast, SEVEN)
    checked = {"output": 0, "F6": 0, "C5": 0}
    for link in links:
        if link.above == "output":
            expected = float(score @ weights["output"][:, link.index]) * difference["F6"][link.index]
        elif link.above == "F6":
            weight = weights["F6"][link.above_index, link.index]
            expected = scale["F6"][link.above_index] * weight * difference["C5"][link.index]
        elif link.above == "C5":
            kernel = weights["C5"][link.above_index].reshape(16, 5, 5)[link.index]
            expected = scale["C5"][link.above_index] * float(np.sum(kernel * difference["S4"][link.index]))
        else:
            continue
        checked[link.above] += 1
        assert link.contribution == pytest.approx(expected), link
    assert all(checked.values())


def test_the_links_into_a_map_or_unit_add_up_to_its_contribution(contrast):
    contributions = attribute(contrast, SEVEN)
    links = strongest_paths(contrast, SEVEN, kept=120)
    for stage in STAGES[1:-1]:
        expected = contributions[stage.name][0].reshape(stage.maps, -1).sum(1)
        for index, flow in flows_into(links, stage.name).items():
            assert flow == pytest.approx(float(expected[index]), abs=1e-9), (stage.name, index)


def test_paths_follow_the_largest_contributions(contrast):
    contributions = attribute(contrast, SEVEN)
    links = strongest_paths(contrast, SEVEN, kept=3)
    for stage in STAGES[:-1]:
        strongest = contributions[stage.name][0].reshape(stage.maps, -1).sum(1).abs().topk(3).indices.tolist()
        assert {link.index for link in links if link.stage == stage.name} <= set(strongest)
    assert len([link for link in links if link.stage == "C5"]) == 9


def test_links_connect_neighbouring_stages_and_a_pool_only_its_own_map(contrast):
    links = strongest_paths(contrast, SEVEN)
    assert {(link.above, link.stage) for link in links} == {
        ("output", "F6"), ("F6", "C5"), ("C5", "S4"), ("S4", "C3"), ("C3", "S2"), ("S2", "C1"),
    }  # fmt: skip
    assert all(link.index == link.above_index for link in links if link.above in ("S2", "S4"))
    reached = {("output", 7)} | {(link.stage, link.index) for link in links}
    assert all((link.above, link.above_index) in reached for link in links)


def test_paths_of_why_not_9_start_from_the_7(contrast):
    links = strongest_paths(contrast, class_weights(torch.tensor([7]), torch.tensor([9])))
    assert {link.above_index for link in links if link.above == "output"} == {7}


@pytest.mark.parametrize("against", [None, 9])
def test_a_trace_has_scores_heat_spot_and_contributions(shipped, seven, contrast, against):
    result = trace(shipped, seven, 7, against)
    weights = class_weights(torch.tensor([7]), None if against is None else torch.tensor([against]))
    contributions = attribute(contrast, weights)
    logits = shipped(seven)[0].detach().double()
    rivals = logits[9] if against else (logits.sum() - logits[7]) / 9
    blank = shipped(LeNet5.normalise(torch.zeros(1, 1, 32, 32)))[0].detach().double()
    blank_rivals = blank[9] if against else (blank.sum() - blank[7]) / 9
    assert (result.digit, result.against) == (7, against)
    assert result.score == pytest.approx(float(logits[7] - rivals), abs=1e-4)
    assert result.blank_score == pytest.approx(float(blank[7] - blank_rivals), abs=1e-4)
    assert result.heat == contributions[INPUT][0, 0].tolist()
    assert result.spot == find_spot(shipped, seven, contributions[INPUT], 7)
    assert result.links == strongest_paths(contrast, weights)
    for stage in STAGES:
        expected = [float(each.sum()) for each in contributions[stage.name][0]]
        assert result.contributions[stage.name] == pytest.approx(expected)
