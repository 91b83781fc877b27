"""The sum behind one unit: what it sees, what it multiplies, and how that adds up to its value."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lenet.errors import InputError
from lenet.network.layers import Terms
from lenet.network.lenet5 import BELOW, INPUT, STAGE, STAGES, LeNet, Stage

KERNEL = 5
POOLS = ("S2", "S4")
FULL = ("F6", "output")
# Of a full connection so many terms are told one by one; the rest is one term.
TERMS = 8


class UnitError(InputError):
    """A unit that the network does not have; the message is one sentence for people."""


@dataclass(frozen=True)
class Unit:
    """One value of the network: a pixel of a map, or a unit (then row and column are 0)."""

    stage: str
    index: int  # of the map or unit, from 0
    row: int = 0
    column: int = 0

    def __post_init__(self):
        stage = STAGE.get(self.stage) if isinstance(self.stage, str) else None
        if stage is None:
            raise UnitError(f"The stage must be one of {', '.join(STAGE)}.")
        _check("map or unit", self.index, stage.maps, self.stage)
        _check("row", self.row, stage.side, self.stage)
        _check("column", self.column, stage.side, self.stage)


def _check(what: str, number: object, count: int, stage: str) -> None:
    if type(number) is not int or not 0 <= number < count:
        raise UnitError(f"{stage}'s {what} must be a whole number from 0 to {count - 1}.")


@dataclass(frozen=True)
class Square:
    """A part of each map of a stage, or of the input; of a stage of units, all of them."""

    top: int
    left: int
    side: int


@dataclass(frozen=True)
class Term:
    """What one map or unit of the stage below adds to the sum."""

    index: int
    patch: np.ndarray  # its values that the unit sees, (5, 5), (2, 2) or ()
    kernel: np.ndarray | None  # what they are multiplied by or, in a code, compared with; None in a max-pool
    adds: np.ndarray  # what each of them adds: the product or, compared with a code, less the squared distance
    partial: float  # the sum of that; in a max-pool the largest of the values


@dataclass(frozen=True)
class UnitSum:
    """total = sum of the terms' partials + rest + bias; value = activation(total)."""

    unit: Unit
    fields: dict[str, Square]  # what the unit sees of every stage below, from the nearest one to the input
    terms: list[Term]
    rest: float  # the sum of the terms that are not told one by one
    rest_count: int
    bias: float
    total: float
    value: float  # as in the network's own pass
    winner: tuple[int, int] | None  # row and column of the largest value in a max-pool's window


def fields(unit: Unit) -> dict[str, Square]:
    """The receptive field of a unit in every stage below, from the nearest one to the input."""
    seen, square = {}, Square(unit.row, unit.column, 1)
    for stage in reversed(STAGES[: STAGES.index(STAGE[unit.stage]) + 1]):
        square = _below(stage, square)
        seen[BELOW[stage.name]] = square
    return seen


def _below(stage: Stage, square: Square) -> Square:
    if stage.name in POOLS:
        return Square(2 * square.top, 2 * square.left, 2 * square.side)
    if stage.name in FULL:
        return square
    return Square(square.top, square.left, square.side + KERNEL - 1)


@torch.no_grad()
def unit_sum(model: LeNet, x: Tensor, unit: Unit) -> UnitSum:
    """The sum behind a unit, for one input (1, 1, 32, 32), told in double precision."""
    activations = {INPUT: x, **model.activations(x)}
    seen = fields(unit)
    below = activations[BELOW[unit.stage]][0].double()
    if unit.stage not in FULL:
        below = _cut(below, seen[BELOW[unit.stage]])
    value = activations[unit.stage][0, unit.index]
    value = float(value[unit.row, unit.column] if STAGE[unit.stage].side > 1 else value)
    terms = model.layer(unit.stage).terms(unit.index, below)
    if terms.kernels is None:
        return _largest(unit, seen, terms.patches[0].numpy(), value)
    return _added_up(unit, seen, terms, value)


def _cut(maps: Tensor, square: Square) -> Tensor:
    rows, columns = (slice(start, start + square.side) for start in (square.top, square.left))
    return maps[:, rows, columns]


def _largest(unit: Unit, seen: dict[str, Square], window: np.ndarray, value: float) -> UnitSum:
    row, column = divmod(int(window.argmax()), 2)
    term = Term(unit.index, window, None, window, float(window.max()))
    return UnitSum(
        unit, seen, [term], rest=0.0, rest_count=0, bias=0.0, total=term.partial, value=value, winner=(row, column)
    )


def _added_up(unit: Unit, seen: dict[str, Square], terms: Terms, value: float) -> UnitSum:
    indices, patches, kernels, adds = (part.numpy() for part in terms[:4])
    partials = adds.reshape(len(adds), -1).sum(1)
    told = np.argsort(-abs(partials))[:TERMS] if patches.ndim == 1 else np.arange(len(partials))
    rest = np.delete(partials, told)
    return UnitSum(
        unit,
        seen,
        terms=[Term(int(indices[i]), patches[i], kernels[i], adds[i], float(partials[i])) for i in told],
        rest=float(rest.sum()),
        rest_count=len(rest),
        bias=terms.bias,
        total=float(partials.sum()) + terms.bias,
        value=value,
        winner=None,
    )
