"""Ablation: the network with some maps and units switched off, and which of them a digit needs most."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from lenet.errors import InputError
from lenet.explain.unit_sum import Unit
from lenet.network.lenet5 import STAGE, LeNet, Stage

# S2's maps come from C1's alone and S4's from C3's, so switching off either has the same effect.
RANKED = ("C1", "C3", "C5", "F6")


@dataclass(frozen=True)
class Effect:
    """What switching off one map or unit does to a class."""

    stage: str
    index: int
    probability: float  # of the class, without this part
    change: float  # of the class's log odds; below zero where the class loses

    @property
    def unit(self) -> Unit:
        return Unit(self.stage, self.index)


def parse_off(value: Any) -> list[Unit]:
    """The maps and units in a list of [stage, number] pairs from JSON, or none in None. Raises InputError."""
    pairs = value if value is not None else []
    if not isinstance(pairs, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        raise InputError('What is switched off must be a list of pairs such as ["C3", 4].')
    return [Unit(stage, index) for stage, index in pairs]


def switches(off: Iterable[Unit]) -> dict[str, Tensor]:
    """The factors for LeNet.activations that switch off whole maps and units."""
    factors = {}
    for unit in off:
        stage = STAGE[unit.stage]
        factors.setdefault(stage.name, torch.ones(_factor_shape(stage)))[unit.index] = 0
    return factors


@torch.no_grad()
def rank(model: LeNet, x: Tensor, digit: int, stages: Iterable[str] = RANKED) -> list[Effect]:
    """The effect on the class `digit` of switching off each map and unit of `stages`, the most harmful one first; `x`
    is one normalised input, (1, 1, 32, 32)."""
    units = [Unit(name, index) for name in stages for index in range(STAGE[name].maps)]
    factors = {name: torch.ones(len(units), *_factor_shape(STAGE[name])) for name in stages}
    for row, unit in enumerate(units):
        factors[unit.stage][row, unit.index] = 0
    logits = model.activations(x.expand(len(units), -1, -1, -1), factors)["output"]
    changes = log_odds(logits, digit) - log_odds(model(x), digit)
    probabilities = logits.softmax(1)[:, digit]
    rows = zip(units, probabilities.tolist(), changes.tolist(), strict=True)
    effects = [Effect(unit.stage, unit.index, probability, change) for unit, probability, change in rows]
    return sorted(effects, key=lambda effect: effect.change)


def log_odds(logits: Tensor, digit: int) -> Tensor:
    """(N,) the logarithm of the odds of `digit` against all other classes together, from (N, classes) logits."""
    others = torch.cat([logits[:, :digit], logits[:, digit + 1 :]], 1)
    return logits[:, digit] - others.logsumexp(1)


def _factor_shape(stage: Stage) -> tuple[int, ...]:
    return (stage.maps, 1, 1) if stage.side > 1 else (stage.maps,)
