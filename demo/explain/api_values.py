"""What /explain answers: every explanation of one drawing as plain numbers, with their types as the schema."""

from dataclasses import asdict
from typing import Any

import torch
from typing_extensions import Required, TypedDict

from demo.explain.counterfactual.counterfactual import changed_mind
from demo.explain.explanation import Reading, chosen
from demo.explain.unit_sum.unit_sum import parse_unit
from lenet.explain.ablation import Effect, parse_off, rank, switches
from lenet.explain.attribution import attribute, class_weights, compare
from lenet.explain.neighbours import neighbourhood
from lenet.explain.occlusion import SIDE, find_spot
from lenet.explain.trace import strongest_paths
from lenet.explain.unit_sum import UnitSum, unit_sum
from lenet.network.lenet5 import INPUT, STAGES

NEIGHBOURS = 12


class UnitValue(TypedDict, total=False):
    stage: Required[str]
    index: Required[int]
    row: int
    column: int


class SquareValue(TypedDict):
    top: int
    left: int
    side: int


class TermValue(TypedDict):
    index: int
    patch: list[float]
    kernel: list[float] | None
    partial: float


class UnitSumValue(TypedDict):
    unit: UnitValue
    fields: dict[str, SquareValue]
    terms: list[TermValue]
    rest: float
    rest_count: int
    bias: float
    total: float
    value: float
    winner: list[int] | None


class LinkValue(TypedDict):
    stage: str
    index: int
    above: str
    above_index: int
    contribution: float


class SpotValue(TypedDict):
    top: int
    left: int
    side: int
    probability: float


class TraceValue(TypedDict):
    digit: int
    against: int | None
    score: float
    blank_score: float
    heat: list[list[float]]
    spot: SpotValue
    contributions: dict[str, list[float]]
    links: list[LinkValue]


class EffectValue(TypedDict):
    stage: str
    index: int
    probability: float
    change: float


class ChangeValue(TypedDict):
    digit: int
    added: list[list[int]]
    erased: list[list[int]]
    share: float
    probability: float


class NeighbourValue(TypedDict):
    index: int
    label: int
    distance: float


class ExplanationValue(TypedDict):
    trace: TraceValue
    unit: UnitSumValue | None
    ranking: list[EffectValue]
    without: list[float] | None
    change: ChangeValue | None
    neighbours: list[NeighbourValue]


def explanation_of(reading: Reading, digit: Any, against: Any, unit: Any, off: Any, change_to: Any) -> ExplanationValue:
    """Every explanation of one reading; what is asked for as it came from JSON, None for what is not.

    Raises demo.explain.explanation.NothingToExplain, lenet.explain.unit_sum.UnitError or lenet.mnist.MnistError.
    """
    digit = chosen(digit, reading.ranked[0])
    against = None if against in (None, digit) else chosen(against, digit)
    unit, off = parse_unit(unit), parse_off(off)
    change = changed_mind(reading, change_to)
    return {
        "trace": _trace(reading, digit, against),
        "unit": unit and _unit(unit_sum(reading.model, reading.x, unit)),
        "ranking": [_effect(effect) for effect in rank(reading.model, reading.x, digit)],
        "without": _probabilities(reading, switches(off)) if off else None,
        "change": change and {name: getattr(change, name) for name in ChangeValue.__annotations__},
        "neighbours": _neighbours(reading),
    }


def _trace(reading: Reading, digit: int, against: int | None) -> TraceValue:
    comparison = compare(reading.model, reading.x)
    weights = class_weights(*(None if one is None else torch.tensor([one]) for one in (digit, against)))
    contributions = attribute(comparison, weights)
    spot = find_spot(reading.model, reading.x, contributions[INPUT], digit)
    return {
        "digit": digit,
        "against": against,
        "score": float((weights * comparison.digits["output"]).sum()),
        "blank_score": float((weights * comparison.blank["output"]).sum()),
        "heat": contributions[INPUT][0, 0].tolist(),
        "spot": asdict(spot) | {"side": SIDE},
        "contributions": {
            stage.name: contributions[stage.name][0].reshape(stage.maps, -1).sum(1).tolist() for stage in STAGES
        },
        "links": [asdict(link) for link in strongest_paths(comparison, weights)],
    }


def _unit(told: UnitSum) -> UnitSumValue:
    return asdict(told) | {
        "terms": [
            {
                "index": term.index,
                "patch": term.patch.ravel().tolist(),
                "kernel": None if term.kernel is None else term.kernel.ravel().tolist(),
                "partial": term.partial,
            }
            for term in told.terms
        ],
        "winner": told.winner and list(told.winner),
    }


def _effect(effect: Effect) -> EffectValue:
    unit = effect.unit
    return {"stage": unit.stage, "index": unit.index, "probability": effect.probability, "change": effect.change}


@torch.no_grad()
def _probabilities(reading: Reading, factors: dict[str, torch.Tensor]) -> list[float]:
    return reading.model.activations(reading.x, factors)["output"].softmax(1)[0].tolist()


@torch.no_grad()
def _neighbours(reading: Reading) -> list[NeighbourValue]:
    around = neighbourhood(reading.model)
    distances, indices = around.nearest(reading.model.activations(reading.x)["F6"][0], NEIGHBOURS)
    return [
        {"index": index, "label": int(around.digits.labels[index]), "distance": distance}
        for distance, index in zip(distances.tolist(), indices.tolist(), strict=True)
    ]
