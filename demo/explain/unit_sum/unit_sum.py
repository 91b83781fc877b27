"""One unit's sum: what it sees, what it multiplies, and how that adds up, in numbers and pictures."""

from typing import Any

import numpy as np

from demo.explain.explanation import Explanation, Reading
from demo.language.phrases import number, place
from demo.live.live import scale
from demo.panels.panel import encode
from demo.panels.pixels import levels, signed
from demo.visitors import Visitors
from lenet.explain.unit_sum import FULL, POOLS, Term, Unit, UnitError, UnitSum, fields, unit_sum
from lenet.network.layers import RadialBasis
from lenet.network.lenet5 import BELOW, INPUT, STAGE, LeNet
from lenet.network.original import SCALED_TANH

# What is written over the numbers of a term.
TIMES = ("values", "× weights", "= products")
COMPARED = ("values", "the code", "− squared differences")


class UnitSumPanel(Explanation):
    def __init__(self, visitors: Visitors):
        super().__init__("unit_sum", visitors, explain_unit)


def explain_unit(reading: Reading, request: dict) -> dict:
    """The sum behind request["unit"], or behind the answer itself where none is named, ready to be shown."""
    unit = parse_unit(request.get("unit")) or Unit("output", reading.ranked[0])
    told = unit_sum(reading.model, reading.x, unit)
    stage, compares = STAGE[unit.stage], _compares(told, reading.model)
    return {
        "unit": {"stage": unit.stage, "index": unit.index, "row": unit.row, "column": unit.column},
        "name": place(unit),
        "operation": reading.model.operations[unit.stage].words,
        "how": _how(told, reading.model),
        "map": _map(reading, unit) if stage.side > 1 else None,
        "terms": _terms(told, COMPARED if compares else TIMES),
        "sum": _sum(told, "constant" if compares else "bias"),
        "outcome": _outcome(told, reading.model),
        "squares": _squares(told),
    }


def parse_unit(value: Any) -> Unit | None:
    """The unit in {"stage", "index", "row", "column"} as it comes from JSON. Raises UnitError."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise UnitError('A unit must be an object such as {"stage": "C3", "index": 4, "row": 2, "column": 7}.')
    return Unit(value.get("stage"), value.get("index"), value.get("row", 0), value.get("column", 0))


def _maps_of(name: str) -> int:
    return 1 if name == INPUT else STAGE[name].maps


def _compares(told: UnitSum, model: LeNet) -> bool:
    """Whether the unit tells how far F6 is from a digit's code."""
    return model.layer(told.unit.stage).kind == RadialBasis.kind


def _how(told: UnitSum, model: LeNet) -> str:
    stage = STAGE[told.unit.stage]
    below = BELOW[stage.name]
    if told.winner:
        return f"Four pixels of {below} go in, the largest comes out: half the width, half the height (max-pooling)."
    if stage.name in POOLS:
        return f"Four pixels of {below}, added up, times one coefficient for the whole map (a trained average)."
    if _compares(told, model):
        return (
            f"Each of F6’s {STAGE[below].maps} values is compared with a pixel of the digit’s picture, +1 or −1; the "
            "squares of the differences are taken off (radial basis function)."
        )
    if stage.name in FULL:
        count = STAGE[below].maps
        return f"Each of the {count} values of {below} times a weight of its own, all added up (full connection)."
    seen, there = len(told.terms), _maps_of(below)
    which = f"{seen}" if seen < there else "each"
    maps = "the input" if below == INPUT else f"{which} of the {there} maps of {below}"
    return f"A window of 5×5 pixels on {maps}, each pixel times the weight in its place, all added up (convolution)."


def _map(reading: Reading, unit: Unit) -> dict:
    """The unit's whole map, to point at."""
    values = reading.model.activations(reading.x)[unit.stage][0].detach().numpy()
    pixels = levels(values[unit.index], *scale(values))
    return {"side": STAGE[unit.stage].side, "pixels": encode(pixels)}


def _terms(told: UnitSum, captions: tuple[str, ...]) -> list[dict]:
    patches = np.stack([term.patch for term in told.terms])
    low, high = min(0.0, float(patches.min())), float(patches.max())
    kernels = [term.kernel for term in told.terms if term.kernel is not None]
    strongest = max((float(abs(kernel).max()) for kernel in kernels), default=1.0)
    return [_term(told, term, captions, low, high, strongest) for term in told.terms]


def _term(told: UnitSum, term: Term, captions: tuple[str, ...], low: float, high: float, strongest: float) -> dict:
    below = BELOW[told.unit.stage]
    kernel = term.kernel
    shown = {
        "name": INPUT if below == INPUT else place(Unit(below, term.index), whole=True),
        "partial": number(term.partial, sign=kernel is not None),
        "side": len(np.atleast_1d(term.patch)),
        "patch": encode(levels(term.patch, low, high)),
    }
    grids = [term.patch]
    if kernel is not None:
        shown["kernel"] = encode(signed(kernel, strongest))
        grids += [kernel, term.adds]
    shown["grids"] = {
        caption: [number(value) for value in values.flat] for caption, values in zip(captions, grids, strict=False)
    }
    if told.winner:
        shown["winner"] = 2 * told.winner[0] + told.winner[1]
    return shown


def _sum(told: UnitSum, bias: str) -> list[list[str]]:
    """What is added up, in rows of a name and a number."""
    if told.winner:
        return [["largest of the four", number(told.total)]]
    count = len(told.terms)
    rows = [
        [
            f"{count} terms shown" if count > 1 else "one term",
            number(sum(term.partial for term in told.terms), sign=True),
        ]
    ]
    if told.rest_count:
        rows.append([f"{told.rest_count} smaller terms", number(told.rest, sign=True)])
    return [*rows, [bias, number(told.bias, sign=True)], ["sum", number(told.total)]]


def _outcome(told: UnitSum, model: LeNet) -> str:
    digit, value = told.unit.index, number(told.value)
    if told.winner:
        return f"The value is {value}."
    if _compares(told, model):
        return (
            f"F6 is {number(told.bias - told.value)} from the code of {digit}, which leaves {value}. The nearest wins."
        )
    if told.unit.stage == "output":
        return (
            f"The score (logit) of {digit} is {value}. The highest score wins; softmax turns scores into percentages."
        )
    if model.operations[told.unit.stage].activation is SCALED_TANH:
        return f"Squashed between −1.716 and +1.716 (tanh), the value is {value}."
    if told.total <= 0:
        return "The sum is not above zero, so the unit stays silent: its value is 0 (ReLU)."
    return f"Above zero a sum stays as it is (ReLU): the value is {value}."


def _squares(told: UnitSum) -> list[dict]:
    """The unit itself and what it sees of every stage below, for the network's figure."""
    unit = told.unit
    own = {"stage": unit.stage, "index": unit.index, "kind": "own"}
    own["square"] = {"top": unit.row, "left": unit.column, "side": 1}
    squares = [own]
    for name, square in fields(unit).items():
        seen = {"stage": name, "square": {"top": square.top, "left": square.left, "side": square.side}, "kind": "seen"}
        one_by_one = name == BELOW[unit.stage] and len(told.terms) + told.rest_count < _maps_of(name)
        squares += [seen | {"index": term.index} for term in told.terms] if one_by_one else [seen]
    return squares
