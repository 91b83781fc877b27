"""The trace of a decision: how much each pixel, map and unit contributed to a class, and the strongest paths."""

from dataclasses import dataclass

import torch
from torch import Tensor

from lenet.explain.attribution import Contrast, attribute, class_weights, contrast_with_blank, pass_down
from lenet.explain.occlusion import Spot, find_spot
from lenet.network.lenet5 import BELOW, INPUT, STAGES, LeNet

KEPT = 4  # maps or units per stage on the strongest paths


@dataclass(frozen=True)
class Link:
    """The contribution of a map or unit to the class through one map or unit of the stage above."""

    stage: str
    index: int
    above: str
    above_index: int
    contribution: float  # to the score


@dataclass(frozen=True)
class Trace:
    """Why this digit, or why this digit and not another. The heat, and the contributions of each stage, add up to
    score - blank_score."""

    digit: int
    against: int | None  # the digit it is compared with; None for the mean of all others
    score: float  # the lead of the digit's logit, on the drawing
    blank_score: float  # and on a blank sheet
    heat: list[list[float]]  # the contribution of each of the 32 x 32 pixels
    spot: Spot
    contributions: dict[str, list[float]]  # by stage, of each map or unit
    links: list[Link]


@torch.no_grad()
def trace(model: LeNet, x: Tensor, digit: int, against: int | None = None) -> Trace:
    """Compute the trace of one normalised input, (1, 1, 32, 32)."""
    contrast = contrast_with_blank(model, x)
    weights = class_weights(*(None if one is None else torch.tensor([one]) for one in (digit, against)))
    contributions = attribute(contrast, weights)
    heat = contributions[INPUT]
    score, blank_score = (float((weights * values["output"]).sum()) for values in (contrast.digits, contrast.blank))
    return Trace(
        digit,
        against,
        score,
        blank_score,
        heat[0, 0].tolist(),
        find_spot(model, x, heat, digit),
        {stage.name: _of_maps(contributions[stage.name])[0].tolist() for stage in STAGES},
        strongest_paths(contrast, weights),
    )


@torch.no_grad()
def strongest_paths(contrast: Contrast, weights: Tensor, kept: int = KEPT) -> list[Link]:
    """Return the links between the maps and units of one digit that contribute most, from the output down to C1.

    `weights` is (1, 10), as for attribution.attribute. In each stage the `kept` maps or units with the largest absolute
    contributions are followed. The contributions of all links into a map or unit add up to its own. The links into the
    output lead to the class with the largest weight.
    """
    links, multipliers = [], weights
    followed, rows = [int(weights.argmax())], weights
    for stage in reversed(STAGES[1:]):
        below = BELOW[stage.name]
        difference = contrast.difference(below)
        flows = _of_maps(pass_down(contrast, stage, rows) * difference)  # a row for each followed unit
        multipliers = pass_down(contrast, stage, multipliers)
        contributions = _of_maps(multipliers * difference)[0]
        strongest = contributions.abs().topk(min(kept, len(contributions))).indices.tolist()
        links += [
            Link(below, source, stage.name, target, float(flows[row, source]))
            for row, target in enumerate(followed)
            for source in strongest
            if flows[row, source] != 0  # a pooled map reads one map only
        ]
        followed, rows = strongest, _separate(multipliers, strongest)
    return links


def _of_maps(values: Tensor) -> Tensor:
    """Return the sums over each map's pixels, (N, maps), from (N, maps, side, side) or (N, maps)."""
    return values.reshape(*values.shape[:2], -1).sum(2)


def _separate(multipliers: Tensor, units: list[int]) -> Tensor:
    """Return one row of multipliers, (1, maps, ...), for each of `units`, with all others at zero."""
    rows = multipliers.new_zeros(len(units), *multipliers.shape[1:])
    rows[range(len(units)), units] = multipliers[0, units]
    return rows
