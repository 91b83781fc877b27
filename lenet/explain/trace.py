"""The strongest paths of a decision, from the class back through F6, C5, S4, C3 and S2 to C1."""

from dataclasses import dataclass

import torch
from torch import Tensor

from lenet.explain.attribution import Comparison, pass_down
from lenet.network.lenet5 import BELOW, STAGES

KEPT = 4  # units or maps of each stage


@dataclass(frozen=True)
class Link:
    """What a map or unit contributed to the class by way of one in the stage above."""

    stage: str
    index: int
    above: str
    above_index: int
    contribution: float  # to the score


@torch.no_grad()
def strongest_paths(comparison: Comparison, weights: Tensor, kept: int = KEPT) -> list[Link]:
    """The links between the maps and units of one digit that contribute most, from the output down to C1.

    `weights` is (1, 10), as for attribution.attribute; `kept` maps or units of each stage are chosen by the amount of
    their contributions. Over all links from below, what flows into a map or unit adds up to its own contribution.
    All that the output adds to the score is drawn to the class with the largest weight.
    """
    links, multipliers = [], weights
    followed, rows = [int(weights.argmax())], weights
    for stage in reversed(STAGES[1:]):
        below = BELOW[stage.name]
        difference = comparison.difference(below)
        flows = _of_maps(pass_down(comparison, stage, rows) * difference)  # a row for each that is followed
        multipliers = pass_down(comparison, stage, multipliers)
        contributions = _of_maps(multipliers * difference)[0]
        strongest = contributions.abs().topk(min(kept, len(contributions))).indices.tolist()
        links += [
            Link(below, source, stage.name, target, float(flows[row, source]))
            for row, target in enumerate(followed)
            for source in strongest
            if flows[row, source] != 0  # a max-pool links each map to its own only
        ]
        followed, rows = strongest, _apart(multipliers, strongest)
    return links


def _of_maps(values: Tensor) -> Tensor:
    """(N, maps) sums over each map's pixels, from (N, maps, side, side) or (N, maps)."""
    return values.reshape(*values.shape[:2], -1).sum(2)


def _apart(multipliers: Tensor, units: list[int]) -> Tensor:
    """(1, maps, ...) multipliers as one row for each of `units`, in which only that one's are left."""
    rows = multipliers.new_zeros(len(units), *multipliers.shape[1:])
    rows[range(len(units)), units] = multipliers[0, units]
    return rows
