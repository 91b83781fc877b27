"""Attribution: the contribution of every pixel and unit to a class, compared with a blank sheet.

DeepLIFT with the rescale rule (Shrikumar, Greenside, Kundaje: "Learning Important Features Through Propagating
Activation Differences", 2017). The values for the digit are compared with those for a blank sheet, and the differences
are distributed from the output down to the input. So at every stage, and in the ink, the contributions add up to the
change of the class's score. A layer's sums, and the squared distances of the 1998 network, distribute a difference by
their slope halfway between the two passes. A max-pool gives its difference to the one pixel that caused it, as SHAP's
deep explainer does (Lundberg, Lee: "A Unified Approach to Interpreting Model Predictions", 2017).
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from lenet.network.layers import MaxPooling
from lenet.network.lenet5 import BELOW, CLASSES, INPUT, STAGES, LeNet, Stage

# Smaller differences count as zero: the slope is used instead of the quotient of two differences.
NOTHING = 1e-9


@dataclass(frozen=True)
class Contrast:
    """The values of the input and of every stage, for digits and for a blank sheet, in double precision."""

    model: LeNet
    digits: dict[str, Tensor]  # (N, maps, side, side) or (N, maps)
    blank: dict[str, Tensor]  # the same with N = 1

    def difference(self, name: str) -> Tensor:
        return self.digits[name] - self.blank[name]


@torch.no_grad()
def contrast_with_blank(model: LeNet, x: Tensor) -> Contrast:
    """Compute the contrast of normalised inputs, (N, 1, 32, 32), with a blank sheet."""
    model, blank = copy.deepcopy(model).double(), model.normalise(torch.zeros_like(x[:1]))
    digits, nothing = ({INPUT: values, **model.activations(values)} for values in (x.double(), blank.double()))
    return Contrast(model, digits, nothing)


def class_weights(classes: Tensor, against: Tensor | None = None) -> Tensor:
    """Return weights of the logits, (N, 10), whose weighted sum is the score of `classes`, (N,).

    The score is the lead of a class's logit over that of `against`, (N,), or else over the mean of all others. A logit
    alone says nothing: adding the same number to all ten changes no probability.
    """
    chosen = F.one_hot(classes, CLASSES).double()
    others = (1 - chosen) / (CLASSES - 1) if against is None else F.one_hot(against, CLASSES)
    return chosen - others


@torch.no_grad()
def attribute(contrast: Contrast, weights: Tensor) -> dict[str, Tensor]:
    """Return the contribution of every value to the logits weighted by `weights`, (N, 10); as `contrast.digits`.

    For each digit the contributions of a stage add up to weights @ (its logits - the blank sheet's logits).
    """
    multipliers = {"output": weights}
    for stage in reversed(STAGES):
        multipliers[BELOW[stage.name]] = pass_down(contrast, stage, multipliers[stage.name])
    return {name: contrast.difference(name) * multipliers[name] for name in contrast.digits}


@torch.no_grad()
def pass_down(contrast: Contrast, stage: Stage, multipliers: Tensor) -> Tensor:
    """Return the multipliers of the stage below, from this stage's; contribution = multiplier x difference."""
    model, below = contrast.model, BELOW[stage.name]
    digits, blank = contrast.digits[below], contrast.blank[below]
    if model.layer(stage.name).kind == MaxPooling.kind:
        return _pool_multipliers(multipliers, digits, blank)
    if model.operations[stage.name].activation:
        multipliers = multipliers * _slopes(contrast, stage)
    halfway = ((digits + blank) / 2).expand(len(multipliers), *digits.shape[1:])
    return _gradient(lambda values: model.sums(stage.name, values), halfway, multipliers)


def _slopes(contrast: Contrast, stage: Stage) -> Tensor:
    """Return the slopes of the activation: the difference of its values over the difference of its sums."""
    model, below = contrast.model, BELOW[stage.name]
    sums = model.sums(stage.name, contrast.digits[below])
    difference = sums - model.sums(stage.name, contrast.blank[below])
    there = difference.abs() > NOTHING
    quotient = contrast.difference(stage.name) / torch.where(there, difference, 1)
    return torch.where(there, quotient, _gradient(model.operations[stage.name].activation, sums, torch.ones_like(sums)))


def _gradient(function: Callable[[Tensor], Tensor], at: Tensor, weights: Tensor) -> Tensor:
    """Return the gradient of the weighted sum of a function's values."""
    at = at.detach().clone().requires_grad_()
    with torch.enable_grad():
        return torch.autograd.grad(function(at), at, weights)[0]


def _pool_multipliers(multipliers: Tensor, digits: Tensor, blank: Tensor) -> Tensor:
    """Return the multipliers of the values below a max-pool.

    If the digit's maximum is larger than the blank sheet's, the digit's largest pixel caused the difference; otherwise
    the blank sheet's largest pixel did. That pixel's difference is at least as large as that of the maxima.
    """
    highest, winner = F.max_pool2d(digits, 2, return_indices=True)
    blank_highest, blank_winner = F.max_pool2d(blank.expand_as(digits), 2, return_indices=True)
    responsible = torch.where(highest >= blank_highest, winner, blank_winner).flatten(2)
    own = (digits - blank).flatten(2).gather(2, responsible)
    share = (highest - blank_highest).flatten(2) / torch.where(own.abs() > NOTHING, own, 1)
    shares = multipliers.flatten(2) * share
    result = multipliers.new_zeros(*multipliers.shape[:2], digits[0, 0].numel())
    return result.scatter(2, responsible.expand_as(shares), shares).view(-1, *digits.shape[1:])
