"""Who made the decision: what every unit and every pixel contributed to a class, against a blank sheet.

DeepLIFT's rescale rule (Shrikumar, Greenside, Kundaje: "Learning Important Features Through Propagating
Activation Differences", 2017). The digit's pass through the network is compared with the blank sheet's, and
only differences are shared out, so that at every stage, and in the ink, the contributions add up to what the
digit changed in the class's score. What a layer adds up, or squares as the radial basis units of 1998 do, differs by
its slope halfway between the two. A max-pool gives its difference to the pixel that made it, as in the deep
explainer of SHAP (Lundberg, Lee: "A Unified Approach to Interpreting Model Predictions", 2017).
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from lenet.network.layers import MaxPooling
from lenet.network.lenet5 import BELOW, CLASSES, INPUT, STAGES, LeNet, Stage

# Differences smaller than this are none; the slope at the place itself stands in for their quotient.
NOTHING = 1e-9


@dataclass(frozen=True)
class Comparison:
    """Some digits' passes beside a blank sheet's, by stage and with the input, in double precision."""

    model: LeNet
    digits: dict[str, Tensor]  # (N, maps, side, side) or (N, maps)
    blank: dict[str, Tensor]  # the same with N = 1

    def difference(self, name: str) -> Tensor:
        return self.digits[name] - self.blank[name]


@torch.no_grad()
def compare(model: LeNet, x: Tensor) -> Comparison:
    """The network's values for inputs (N, 1, 32, 32) and for a sheet with nothing on it."""
    model, blank = copy.deepcopy(model).double(), model.normalise(torch.zeros_like(x[:1]))
    digits, nothing = ({INPUT: values, **model.activations(values)} for values in (x.double(), blank.double()))
    return Comparison(model, digits, nothing)


def class_weights(classes: Tensor, against: Tensor | None = None) -> Tensor:
    """(N, 10) weights of the logits that make the score of `classes`, (N,): their lead over `against`, (N,), or else
    over the mean of all the others. Added to all ten logits, a number changes no probability: only leads do."""
    chosen = F.one_hot(classes, CLASSES).double()
    others = (1 - chosen) / (CLASSES - 1) if against is None else F.one_hot(against, CLASSES)
    return chosen - others


@torch.no_grad()
def attribute(comparison: Comparison, weights: Tensor) -> dict[str, Tensor]:
    """Every value's contribution to the logits weighted by `weights`, (N, 10); shaped as `comparison.digits`.

    Per digit, the contributions of a stage add up to weights @ (its logits - the blank sheet's logits).
    """
    multipliers = {"output": weights}
    for stage in reversed(STAGES):
        multipliers[BELOW[stage.name]] = pass_down(comparison, stage, multipliers[stage.name])
    return {name: comparison.difference(name) * multipliers[name] for name in comparison.digits}


@torch.no_grad()
def pass_down(comparison: Comparison, stage: Stage, multipliers: Tensor) -> Tensor:
    """What a difference in the values below counts for, where one in this stage's values counts `multipliers`."""
    model, below = comparison.model, BELOW[stage.name]
    digits, blank = comparison.digits[below], comparison.blank[below]
    if model.layer(stage.name).kind == MaxPooling.kind:
        return _pool_multipliers(multipliers, digits, blank)
    if model.operations[stage.name].activation:
        multipliers = multipliers * _slopes(comparison, stage)
    halfway = ((digits + blank) / 2).expand(len(multipliers), *digits.shape[1:])
    return _gradient(lambda values: model.sums(stage.name, values), halfway, multipliers)


def _slopes(comparison: Comparison, stage: Stage) -> Tensor:
    """How much of a sum's difference its activation passes: difference of the values over difference of the sums."""
    model, below = comparison.model, BELOW[stage.name]
    sums = model.sums(stage.name, comparison.digits[below])
    difference = sums - model.sums(stage.name, comparison.blank[below])
    there = difference.abs() > NOTHING
    quotient = comparison.difference(stage.name) / torch.where(there, difference, 1)
    return torch.where(there, quotient, _gradient(model.operations[stage.name].activation, sums, torch.ones_like(sums)))


def _gradient(function: Callable[[Tensor], Tensor], at: Tensor, weights: Tensor) -> Tensor:
    """The slope of the weighted sum of a function's values."""
    at = at.detach().clone().requires_grad_()
    with torch.enable_grad():
        return torch.autograd.grad(function(at), at, weights)[0]


def _pool_multipliers(multipliers: Tensor, digits: Tensor, blank: Tensor) -> Tensor:
    """A max-pool's multipliers below it.

    Where the digit's largest value is the larger one, the difference is the work of the pixel that holds it;
    where the blank sheet's is, of the pixel that lost it. Either pixel's own difference is at least as large.
    """
    highest, winner = F.max_pool2d(digits, 2, return_indices=True)
    blank_highest, blank_winner = F.max_pool2d(blank.expand_as(digits), 2, return_indices=True)
    responsible = torch.where(highest >= blank_highest, winner, blank_winner).flatten(2)
    own = (digits - blank).flatten(2).gather(2, responsible)
    share = (highest - blank_highest).flatten(2) / torch.where(own.abs() > NOTHING, own, 1)
    shares = multipliers.flatten(2) * share
    result = multipliers.new_zeros(*multipliers.shape[:2], digits[0, 0].numel())
    return result.scatter(2, responsible.expand_as(shares), shares).view(-1, *digits.shape[1:])
