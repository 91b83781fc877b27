"""Ablation: switch maps and units off, and rank them by their effect on a class."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from lenet.errors import InputError
from lenet.explain.unit_sum import Unit
from lenet.network.lenet5 import STAGE, LeNet, Stage

# Without S2 and S4: each of their maps reads one map of C1 or C3, so switching off either has the same effect.
RANKED = ("C1", "C3", "C5", "F6")


@dataclass(frozen=True)
class Effect:
    """The effect of switching off one map or unit on a class."""

    stage: str
    index: int
    probability: float  # of the class, without this part
    change: float  # of the class's log odds; negative if the class becomes less likely

    @property
    def unit(self) -> Unit:
        return Unit(self.stage, self.index)


def parse_off(value: Any) -> list[Unit]:
    """Parse a list of [stage, number] pairs from JSON; None means an empty list. Raises InputError."""
    pairs = value if value is not None else []
    if not isinstance(pairs, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        raise InputError('What is switched off must be a list of pairs such as ["C3", 4].')
    return [Unit(stage, index) for stage, index in pairs]


def switches(off: Iterable[Unit]) -> dict[str, Tensor]:
    """Return the factors for LeNet.activations that switch off these maps and units."""
    factors = {}
    for unit in off:
        stage = STAGE[unit.stage]
        factors.setdefault(stage.name, torch.ones(_factor_shape(stage)))[unit.index] = 0
    return factors


@torch.no_grad()
def rank(model: LeNet, x: Tensor, digit: int, stages: Iterable[str] = RANKED) -> list[Effect]:
    """Return the effect on the class `digit` of switching off each map and unit of `stages`, the most harmful first;
    `x` is one normalised input, (1, 1, 32, 32)."""
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
    """Return the log odds, (N,), of `digit` against all other classes together, from logits, (N, classes)."""
    others = torch.cat([logits[:, :digit], logits[:, digit + 1 :]], 1)
    return logits[:, digit] - others.logsumexp(1)


def _factor_shape(stage: Stage) -> tuple[int, ...]:
    return (stage.maps, 1, 1) if stage.side > 1 else (stage.maps,)
