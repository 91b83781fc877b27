"""The network with some of its maps and units switched off, and which of them matter most for a digit."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from lenet.explain.unit_sum import Unit, UnitError
from lenet.network.lenet5 import STAGE, LeNet, Stage

# S2's maps are made of C1's and S4's of C3's alone: to switch off the one is as good as the other.
RANKED = ("C1", "C3", "C5", "F6")


@dataclass(frozen=True)
class Effect:
    """What happens to a class when one map or unit is switched off."""

    unit: Unit
    probability: float  # of the class, without it
    change: float  # of the class's log odds; below zero where the class loses


def parse_off(value: Any) -> list[Unit]:
    """The maps and units in a list of [stage, number] pairs as it comes from JSON; None is an empty one.

    Raises UnitError.
    """
    pairs = value if value is not None else []
    if not isinstance(pairs, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        raise UnitError('What is switched off must be a list of pairs such as ["C3", 4].')
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
    """Every map and unit of `stages`, the one that the class `digit` needs most first, for one input (1, 1, 32, 32)."""
    units = [Unit(name, index) for name in stages for index in range(STAGE[name].maps)]
    factors = {name: torch.ones(len(units), *_factor_shape(STAGE[name])) for name in stages}
    for row, unit in enumerate(units):
        factors[unit.stage][row, unit.index] = 0
    logits = model.activations(x.expand(len(units), -1, -1, -1), factors)["output"]
    changes = log_odds(logits, digit) - log_odds(model(x), digit)
    probabilities = logits.softmax(1)[:, digit]
    effects = map(Effect, units, probabilities.tolist(), changes.tolist())
    return sorted(effects, key=lambda effect: effect.change)


def log_odds(logits: Tensor, digit: int) -> Tensor:
    """(N,) how much likelier `digit` is than all other classes together, as a logarithm, from (N, 10) logits."""
    others = torch.cat([logits[:, :digit], logits[:, digit + 1 :]], 1)
    return logits[:, digit] - others.logsumexp(1)


def _factor_shape(stage: Stage) -> tuple[int, ...]:
    return (stage.maps, 1, 1) if stage.side > 1 else (stage.maps,)
