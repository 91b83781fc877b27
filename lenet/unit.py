"""The sum behind one unit: what it sees, what it multiplies, and how that adds up to its value."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lenet.model import BELOW, INPUT, STAGE, STAGES, LeNet5, Stage

KERNEL = 5
# Of a full connection so many terms are told one by one; the rest is one term.
TERMS = 8


class UnitError(ValueError):
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
    kernel: np.ndarray | None  # what they are multiplied by, of the patch's shape; None in a pool
    partial: float  # the sum of the products; in a pool the largest of the values


@dataclass(frozen=True)
class UnitSum:
    """total = sum of the terms' partials + rest + bias; value = total, cut at zero where the stage has a ReLU."""

    unit: Unit
    fields: dict[str, Square]  # what the unit sees of every stage below, from the nearest one to the input
    terms: list[Term]
    rest: float  # the sum of the terms that are not told one by one
    rest_count: int
    bias: float
    total: float
    value: float  # as in the network's own pass
    winner: tuple[int, int] | None  # row and column of the largest value in a pool's window


def fields(unit: Unit) -> dict[str, Square]:
    """The receptive field of a unit in every stage below, from the nearest one to the input."""
    seen, square = {}, Square(unit.row, unit.column, 1)
    for stage in reversed(STAGES[: STAGES.index(STAGE[unit.stage]) + 1]):
        square = _below(stage, square)
        seen[BELOW[stage.name]] = square
    return seen


def _below(stage: Stage, square: Square) -> Square:
    if stage.layer is None:
        return Square(2 * square.top, 2 * square.left, 2 * square.side)
    if stage.name in ("F6", "output"):
        return square
    return Square(square.top, square.left, square.side + KERNEL - 1)


@torch.no_grad()
def unit_sum(model: LeNet5, x: Tensor, unit: Unit) -> UnitSum:
    """The sum behind a unit, for one input (1, 1, 32, 32), told in double precision."""
    stage = STAGE[unit.stage]
    activations = {INPUT: x, **model.activations(x)}
    seen = fields(unit)
    below = activations[BELOW[stage.name]][0]
    value = activations[stage.name][0, unit.index]
    value = float(value[unit.row, unit.column] if stage.side > 1 else value)
    if stage.layer is None:
        return _pool(unit, seen, _cut(below, seen[BELOW[stage.name]]), value)
    layer = getattr(model, stage.layer)
    kernels = layer.weight[unit.index].double().numpy()
    if stage.name in ("F6", "output"):
        patches = below.double().numpy()
    else:
        patches = _cut(below, seen[BELOW[stage.name]])
        kernels = kernels.reshape(patches.shape)  # C5's are stored as a full connection
    return _weighted(unit, seen, patches, kernels, float(layer.bias[unit.index]), value)


def _cut(maps: Tensor, square: Square) -> np.ndarray:
    rows, columns = (slice(start, start + square.side) for start in (square.top, square.left))
    return maps[:, rows, columns].double().numpy()


def _pool(unit: Unit, seen: dict[str, Square], windows: np.ndarray, value: float) -> UnitSum:
    window = windows[unit.index]
    row, column = divmod(int(window.argmax()), 2)
    term = Term(unit.index, window, None, float(window.max()))
    return UnitSum(
        unit, seen, [term], rest=0.0, rest_count=0, bias=0.0, total=term.partial, value=value, winner=(row, column)
    )


def _weighted(
    unit: Unit, seen: dict[str, Square], patches: np.ndarray, kernels: np.ndarray, bias: float, value: float
) -> UnitSum:
    partials = (patches * kernels).reshape(len(patches), -1).sum(1)
    told = np.argsort(-abs(partials))[:TERMS] if patches.ndim == 1 else np.arange(len(partials))
    rest = np.delete(partials, told)
    return UnitSum(
        unit,
        seen,
        terms=[Term(int(i), patches[i], kernels[i], float(partials[i])) for i in told],
        rest=float(rest.sum()),
        rest_count=len(rest),
        bias=bias,
        total=float(partials.sum()) + bias,
        value=value,
        winner=None,
    )
