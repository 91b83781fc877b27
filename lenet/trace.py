"""The few strongest paths of a decision, from the class back through F6, C5, S4, C3, S2 and C1."""

from dataclasses import dataclass

import torch
from torch import Tensor

from lenet.attribution import Comparison, pass_down
from lenet.model import BELOW, STAGES

KEPT = 4  # units or maps of each stage


@dataclass(frozen=True)
class Link:
    """What a map or unit contributed to the class by way of one in the stage above."""

    stage: str
    index: int
    above: str
    above_index: int
    contribution: float  # in logits


@torch.no_grad()
def strongest_paths(comparison: Comparison, weights: Tensor, kept: int = KEPT) -> list[Link]:
    """The links between the strongest maps and units of one digit, from the output down to C1.

    `weights` is (1, 10), as for attribution.attribute. At every stage the `kept` maps or units are followed that
    contribute most, by amount, through those followed above; what flows into one of them is what it hands up.
    """
    links, multipliers = [], weights
    followed = weights[0].nonzero().flatten()
    for stage in reversed(STAGES[1:]):
        below = BELOW[stage.name]
        through = pass_down(comparison, stage, _apart(multipliers, followed))  # a row for each that is followed
        flows = through * comparison.difference(below)
        flows = flows.flatten(2).sum(2) if flows.dim() > 2 else flows
        strongest = flows.sum(0).abs().topk(min(kept, flows.shape[1])).indices
        links += [
            Link(below, source, stage.name, target, float(flows[row, source]))
            for row, target in enumerate(followed.tolist())
            for source in strongest.tolist()
            if flows[row, source] != 0  # a max-pool links each map to its own only
        ]
        multipliers, followed = through.sum(0, keepdim=True), strongest
    return links


def _apart(multipliers: Tensor, units: Tensor) -> Tensor:
    """(1, maps, ...) multipliers as one row for each of `units`, in which only that one's are left."""
    rows = multipliers.new_zeros(len(units), *multipliers.shape[1:])
    rows[range(len(units)), units] = multipliers[0, units]
    return rows
