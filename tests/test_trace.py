"""The strongest paths carry what the attribution says, and nothing gets lost or made on the way."""

import pytest
import torch

from lenet import mnist
from lenet.explain.attribution import attribute, class_weights, compare
from lenet.explain.trace import strongest_paths
from lenet.network.lenet5 import LeNet5
from lenet.reading.preparation import frame


@pytest.fixture(scope="module")
def seven() -> torch.Tensor:
    return LeNet5.normalise(frame(mnist.final_test().images[:1]).float())


def sums(links, name: str) -> dict[int, float]:
    """What flows out of each map or unit of a stage."""
    flows: dict[int, float] = {}
    for link in links:
        if link.stage == name:
            flows[link.index] = flows.get(link.index, 0) + link.contribution
    return flows


def test_the_first_links_are_the_contributions_of_f6(shipped, seven):
    comparison, weights = compare(shipped, seven), class_weights(torch.tensor([7]))
    f6 = attribute(comparison, weights)["F6"][0]
    flows = sums(strongest_paths(comparison, weights, kept=4), "F6")
    assert set(flows) == set(f6.abs().topk(4).indices.tolist())
    assert all(flow == pytest.approx(float(f6[index])) for index, flow in flows.items())


def test_paths_through_everything_carry_everything(shipped, seven):
    comparison, weights = compare(shipped, seven), class_weights(torch.tensor([7]))
    links = strongest_paths(comparison, weights, kept=120)
    for name, contributions in attribute(comparison, weights).items():
        if name not in ("input", "output"):
            assert sum(sums(links, name).values()) == pytest.approx(float(contributions.sum()))


def test_what_flows_into_a_unit_is_what_it_contributes(shipped, seven):
    comparison, weights = compare(shipped, seven), class_weights(torch.tensor([7]))
    contributions = attribute(comparison, weights)["F6"][0]
    links = [link for link in strongest_paths(comparison, weights, kept=120) if link.above == "F6"]
    for index in contributions.abs().topk(5).indices.tolist():
        flow = sum(link.contribution for link in links if link.above_index == index)
        assert flow == pytest.approx(float(contributions[index]))


def test_links_lead_from_stage_to_stage_and_a_pool_keeps_to_its_map(shipped, seven):
    links = strongest_paths(compare(shipped, seven), class_weights(torch.tensor([7])))
    assert {(link.above, link.stage) for link in links} == {
        ("output", "F6"), ("F6", "C5"), ("C5", "S4"), ("S4", "C3"), ("C3", "S2"), ("S2", "C1"),
    }  # fmt: skip
    assert all(link.index == link.above_index for link in links if link.above in ("S2", "S4"))
    reached = {("output", 7)} | {(link.stage, link.index) for link in links}
    assert all((link.above, link.above_index) in reached for link in links)


def test_why_not_9_starts_from_the_7(shipped, seven):
    links = strongest_paths(compare(shipped, seven), class_weights(torch.tensor([7]), torch.tensor([9])))
    assert {link.above_index for link in links if link.above == "output"} == {7}
