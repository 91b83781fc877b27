"""The panel "How one cell is computed": the sum behind one value, in numbers and pictures."""

import math
from typing import Any

import numpy as np

from demo.explain.explanation import Explanation, Reading
from demo.language.phrases import number, place
from demo.live.live import scale
from demo.panels.panel import encode
from demo.panels.pixels import levels, signed
from lenet.errors import InputError
from lenet.explain.unit_sum import FULL, POOLS, Term, Unit, UnitSum, unit_sum
from lenet.network.layers import RadialBasis
from lenet.network.lenet5 import BELOW, INPUT, STAGE, LeNet
from lenet.network.original import SCALED_TANH

# The captions of a term's numbers.
TIMES = ("values", "× weights", "= products")
COMPARED = ("values", "the code", "− squared differences")


def unit(reading: Reading, request: dict) -> UnitSum | None:
    """Return the sum behind request["unit"], if there is one."""
    named = parse_unit(request.get("unit"))
    return unit_sum(reading.model, reading.values, named) if named else None


def parse_unit(value: Any) -> Unit | None:
    """Parse a unit, {"stage", "index", "row", "column"}, from JSON. Raises InputError."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise InputError('A unit must be an object such as {"stage": "C3", "index": 4, "row": 2, "column": 7}.')
    return Unit(value.get("stage"), value.get("index"), value.get("row", 0), value.get("column", 0))


def show(reading: Reading, request: dict) -> dict:
    """Explain the sum behind request["unit"], by default behind the answer."""
    answer = Unit("output", reading.ranked[0])
    summed = unit(reading, request) or unit_sum(reading.model, reading.values, answer)
    own, compares = summed.unit, reading.model.layer(summed.unit.stage).kind == RadialBasis.kind
    slides = own.stage not in ("C5", *FULL)
    return {
        "unit": vars(own),
        "name": place(own),
        "how": _how(summed, compares),
        "map": _maps(reading, own.stage, [own.index]),
        "source": slides and _maps(reading, BELOW[own.stage], [term.index for term in summed.terms]),
        "terms": _terms(summed, COMPARED if compares else TIMES),
        "sum": _sum(summed, "constant" if compares else "bias"),
        "outcome": _outcome(summed, reading.model, compares),
        "squares": _squares(summed),
    }


def _maps_of(name: str) -> int:
    return 1 if name == INPUT else STAGE[name].maps


def _maps(reading: Reading, name: str, indices: list[int]) -> dict | None:
    """Return whole maps of a stage or of the input; None for a stage of units."""
    values = reading.values[name][0].numpy()
    if values.ndim == 1:
        return None
    pixels = [encode(levels(values[index], *scale(values))) for index in indices]
    return {"side": values.shape[-1], "pixels": pixels}


def _how(summed: UnitSum, compares: bool) -> str:
    stage = STAGE[summed.unit.stage]
    below = BELOW[stage.name]
    if summed.winner:
        return (
            f"Of four neighbouring pixels of {below} only the largest is kept: half the width and height (max-pooling)."
        )
    if stage.name in POOLS:
        return f"Four neighbouring pixels of {below} are added up and multiplied by one weight (trained average)."
    if compares:
        return (
            f"Each of F6’s {STAGE[below].maps} values is compared with a pixel of the digit’s picture, +1 or −1, and "
            "the squares of the differences are subtracted (radial basis function)."
        )
    if stage.name in FULL:
        count = STAGE[below].maps
        return f"All {count} values of {below} are multiplied by weights of their own and added up (full connection)."
    read, there = len(summed.terms), _maps_of(below)
    which = f"{read}" if read < there else "each"
    maps = "the input" if below == INPUT else f"{which} of the {there} maps of {below}"
    return (
        f"A window of 5×5 pixels slides over {maps}. Each pixel in it is multiplied by the weight in its place, and "
        "all are added up (convolution)."
    )


def _terms(summed: UnitSum, captions: tuple[str, ...]) -> list[dict]:
    values = [value for term in summed.terms for value in term.patch]
    low, high = min(0.0, *values), max(values)
    strongest = max((abs(weight) for term in summed.terms for weight in term.kernel or ()), default=1.0)
    return [_term(summed, term, captions, low, high, strongest) for term in summed.terms]


def _term(summed: UnitSum, term: Term, captions: tuple[str, ...], low: float, high: float, strongest: float) -> dict:
    below = BELOW[summed.unit.stage]
    grids = [term.patch] if term.kernel is None else [term.patch, term.kernel, term.adds]
    return {
        "name": INPUT if below == INPUT else place(Unit(below, term.index), whole=True),
        "partial": number(term.partial, sign=term.kernel is not None),
        "side": math.isqrt(len(term.patch)),
        "patch": encode(levels(np.array(term.patch), low, high)),
        "kernel": term.kernel and encode(signed(np.array(term.kernel), strongest)),
        "grids": {caption: list(map(number, values)) for caption, values in zip(captions, grids, strict=False)},
        "winner": summed.winner and 2 * summed.winner[0] + summed.winner[1],
    }


def _sum(summed: UnitSum, bias: str) -> list[list[str]]:
    """Return the rows of the addition, each a name and a number."""
    if summed.winner:
        return [["largest of the four", number(summed.total)]]
    count, partials = len(summed.terms), sum(term.partial for term in summed.terms)
    rows = [[f"{count} terms shown" if count > 1 else "one term", number(partials, sign=True)]]
    if summed.rest_count:
        rows.append([f"{summed.rest_count} smaller terms", number(summed.rest, sign=True)])
    return [*rows, [bias, number(summed.bias, sign=True)], ["sum", number(summed.total)]]


def _outcome(summed: UnitSum, model: LeNet, compares: bool) -> str:
    digit, value = summed.unit.index, number(summed.value)
    if summed.winner:
        return f"The value is {value}."
    if compares:
        away = number(summed.bias - summed.value)
        return f"F6 is {away} away from the code of {digit}, which leaves a score of {value}. The nearest code wins."
    if summed.unit.stage == "output":
        return (
            f"The score (logit) of {digit} is {value}. The highest score wins; softmax turns scores into percentages."
        )
    if model.operations[summed.unit.stage].activation is SCALED_TANH:
        return f"The sum is squeezed between −1.716 and +1.716 (tanh): the value is {value}."
    if summed.total <= 0:
        return "A sum below zero becomes 0 (ReLU): the value is 0."
    return f"A sum above zero stays as it is (ReLU): the value is {value}."


def _squares(summed: UnitSum) -> list[dict]:
    """Return the marks for the figure: the unit, and its receptive field in every stage below."""
    own = summed.unit
    square = {"top": own.row, "left": own.column, "side": 1}
    squares = [{"stage": own.stage, "index": own.index, "square": square, "kind": "own"}]
    for name, seen in summed.fields.items():
        field = {"stage": name, "square": vars(seen), "kind": "seen"}
        some = name == BELOW[own.stage] and len(summed.terms) + summed.rest_count < _maps_of(name)
        squares += [field | {"index": term.index} for term in summed.terms] if some else [field]
    return squares


EXPLANATION = Explanation("unit_sum", "How one cell is computed", "its weighted sum", show, (unit,))
