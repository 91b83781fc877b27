"""One unit's sum: what it sees, what it multiplies, and how that adds up, in numbers and pictures."""

from typing import Any

import numpy as np

from demo.explanation import Explanation, Reading
from demo.panel import encode
from demo.pixels import levels, signed
from demo.visitors import Visitors
from demo.words import number, place
from lenet.model import BELOW, INPUT, STAGE
from lenet.unit import Term, Unit, UnitError, UnitSum, fields, unit_sum

FULL = ("F6", "output")


class UnitPanel(Explanation):
    def __init__(self, visitors: Visitors):
        super().__init__("unit", visitors, explain_unit)


def explain_unit(reading: Reading, request: dict) -> dict:
    """The sum behind request["unit"], or behind the answer itself where none is named, ready to be shown."""
    unit = parse_unit(request.get("unit")) or Unit("output", reading.ranked[0])
    told = unit_sum(reading.model, reading.x, unit)
    stage = STAGE[unit.stage]
    return {
        "unit": {"stage": unit.stage, "index": unit.index, "row": unit.row, "column": unit.column},
        "name": place(unit),
        "operation": reading.model.operations[unit.stage].words,
        "how": _how(told),
        "map": _map(reading, unit) if stage.side > 1 else None,
        "terms": _terms(told),
        "sum": _sum(told),
        "outcome": _outcome(told),
        "squares": _squares(told),
    }


def parse_unit(value: Any) -> Unit | None:
    """The unit in {"stage", "index", "row", "column"} as it comes from JSON. Raises UnitError."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise UnitError('A unit must be an object such as {"stage": "C3", "index": 4, "row": 2, "column": 7}.')
    return Unit(value.get("stage"), value.get("index"), value.get("row", 0), value.get("column", 0))


def _how(told: UnitSum) -> str:
    stage = STAGE[told.unit.stage]
    below = BELOW[stage.name]
    if told.winner:
        return f"Four pixels of {below} go in, the largest comes out: half the width, half the height (max-pooling)."
    if stage.name in FULL:
        count = STAGE[below].maps
        return f"Each of the {count} values of {below} times a weight of its own, all added up (full connection)."
    maps = "the input" if below == INPUT else f"each of the {STAGE[below].maps} maps of {below}"
    return f"A window of 5×5 pixels on {maps}, each pixel times the weight in its place, all added up (convolution)."


def _map(reading: Reading, unit: Unit) -> dict:
    """The unit's whole map, to point at."""
    values = reading.model.activations(reading.x)[unit.stage][0].detach().numpy()
    pixels = levels(values[unit.index], 0.0, float(values.max()))
    return {"side": STAGE[unit.stage].side, "pixels": encode(pixels)}


def _terms(told: UnitSum) -> list[dict]:
    patches = np.stack([term.patch for term in told.terms])
    low, high = min(0.0, float(patches.min())), float(patches.max())
    kernels = [term.kernel for term in told.terms if term.kernel is not None]
    strongest = max((float(abs(kernel).max()) for kernel in kernels), default=1.0)
    return [_term(told, term, low, high, strongest) for term in told.terms]


def _term(told: UnitSum, term: Term, low: float, high: float, strongest: float) -> dict:
    below = BELOW[told.unit.stage]
    kernel = term.kernel
    shown = {
        "name": INPUT if below == INPUT else place(Unit(below, term.index), whole=True),
        "partial": number(term.partial, sign=kernel is not None),
        "side": len(np.atleast_1d(term.patch)),
        "patch": encode(levels(term.patch, low, high)),
        "values": [number(value) for value in term.patch.flat],
    }
    if kernel is not None:
        shown |= {
            "kernel": encode(signed(kernel, strongest)),
            "weights": [number(weight) for weight in kernel.flat],
            "products": [number(product) for product in (term.patch * kernel).flat],
        }
    if told.winner:
        shown["winner"] = 2 * told.winner[0] + told.winner[1]
    return shown


def _sum(told: UnitSum) -> list[list[str]]:
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
    return [*rows, ["bias", number(told.bias, sign=True)], ["sum", number(told.total)]]


def _outcome(told: UnitSum) -> str:
    if told.winner:
        return f"The value is {number(told.value)}."
    if told.unit.stage == "output":
        digit, value = told.unit.index, number(told.value)
        return (
            f"The score (logit) of {digit} is {value}. The highest score wins; softmax turns scores into percentages."
        )
    if told.total <= 0:
        return "The sum is not above zero, so the unit stays silent: its value is 0 (ReLU)."
    return f"Above zero a sum stays as it is (ReLU): the value is {number(told.value)}."


def _squares(told: UnitSum) -> list[dict]:
    """The unit itself and what it sees of every stage below, for the network's figure."""
    unit = told.unit
    own = {"stage": unit.stage, "index": unit.index, "kind": "own"}
    own["square"] = {"top": unit.row, "left": unit.column, "side": 1}
    squares = [own]
    for name, square in fields(unit).items():
        seen = {"stage": name, "square": {"top": square.top, "left": square.left, "side": square.side}, "kind": "seen"}
        # A pool sees its own map only.
        squares.append(seen | ({"index": unit.index} if told.winner and name == BELOW[unit.stage] else {}))
    return squares
