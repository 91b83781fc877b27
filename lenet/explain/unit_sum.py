"""The sum behind one value of the network: the values it reads, their weights, and the products."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lenet.errors import InputError
from lenet.network.lenet5 import BELOW, STAGE, STAGES, LeNet, Stage

KERNEL = 5
POOLS = ("S2", "S4")
FULL = ("F6", "output")
# Of a full connection only the largest terms are listed; the others are added up.
LISTED = 8


@dataclass(frozen=True)
class Unit:
    """The address of one value of the network: a pixel of a map, or a unit (row and column 0)."""

    stage: str
    index: int  # of the map or unit, from 0
    row: int = 0
    column: int = 0

    def __post_init__(self):
        stage = STAGE.get(self.stage) if isinstance(self.stage, str) else None
        if stage is None:
            raise InputError(f"The stage must be one of {', '.join(STAGE)}.")
        _check("map or unit", self.index, stage.maps, self.stage)
        _check("row", self.row, stage.side, self.stage)
        _check("column", self.column, stage.side, self.stage)


def _check(what: str, number: object, count: int, stage: str) -> None:
    if type(number) is not int or not 0 <= number < count:
        raise InputError(f"{stage}'s {what} must be a whole number from 0 to {count - 1}.")


@dataclass(frozen=True)
class Square:
    """A square of pixels on the maps of a stage or on the input; meaningless for a stage of units."""

    top: int
    left: int
    side: int


@dataclass(frozen=True)
class Term:
    """The contribution of one map or unit of the stage below to a sum. Lists hold the pixels row by row."""

    index: int
    patch: list[float]  # the values read: 25, 4 or 1
    kernel: list[float] | None  # their weights, or the code's pixels; None in max pooling
    adds: list[float]  # the products or, with a code, minus the squared differences
    partial: float  # the sum of `adds`; in max pooling the largest value


@dataclass(frozen=True)
class UnitSum:
    """total = sum of the terms' partials + rest + bias; value = activation(total)."""

    unit: Unit
    fields: dict[str, Square]  # the receptive field in every stage below, from the nearest to the input
    terms: list[Term]
    rest: float  # the sum of the terms that are not listed
    rest_count: int
    bias: float
    total: float
    value: float  # from the network's own pass
    winner: tuple[int, int] | None  # row and column of the largest value in a max-pool's window


def fields(unit: Unit) -> dict[str, Square]:
    """Return the receptive field of a unit in every stage below, from the nearest to the input."""
    squares, square = {}, Square(unit.row, unit.column, 1)
    for stage in reversed(STAGES[: STAGES.index(STAGE[unit.stage]) + 1]):
        square = _below(stage, square)
        squares[BELOW[stage.name]] = square
    return squares


def _below(stage: Stage, square: Square) -> Square:
    """Return the square of the stage below that a square of this stage reads."""
    if stage.name in POOLS:
        return Square(2 * square.top, 2 * square.left, 2 * square.side)
    if stage.name in FULL:
        return square
    return Square(square.top, square.left, square.side + KERNEL - 1)


@torch.no_grad()
def unit_sum(model: LeNet, values: Mapping[str, Tensor], unit: Unit) -> UnitSum:
    """Return the sum behind a unit in double precision; `values` are one digit's input and stages, (1, ...)."""
    squares = fields(unit)
    below = values[BELOW[unit.stage]][0].double()
    if unit.stage not in FULL:
        square = squares[BELOW[unit.stage]]
        below = below[:, square.top : square.top + square.side, square.left : square.left + square.side]
    value = values[unit.stage][0, unit.index]
    value = float(value[unit.row, unit.column] if STAGE[unit.stage].side > 1 else value)
    maps, patches, kernels, adds, bias = model.layer(unit.stage).terms(unit.index, below)
    adds = adds.numpy().reshape(len(adds), -1)
    partials = adds.max(1) if kernels is None else adds.sum(1)
    order = np.argsort(-abs(partials))[:LISTED] if patches.ndim == 1 else np.arange(len(partials))
    rest = np.delete(partials, order)
    return UnitSum(
        unit,
        squares,
        [
            Term(
                int(maps[i]),
                patches[i].flatten().tolist(),
                None if kernels is None else kernels[i].flatten().tolist(),
                adds[i].tolist(),
                float(partials[i]),
            )
            for i in order
        ],
        rest=float(rest.sum()),
        rest_count=len(rest),
        bias=bias,
        total=float(partials.sum()) + bias,
        value=value,
        winner=divmod(int(adds[0].argmax()), 2) if kernels is None else None,
    )
