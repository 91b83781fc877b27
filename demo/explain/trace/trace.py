"""The trace of a decision: what the ink, and every unit on the way, contributed to a class."""

import torch

from demo.explain.explanation import Explanation, Reading, chosen
from demo.language.phrases import number, percent, place
from demo.panels.panel import encode
from demo.panels.pixels import signed
from demo.visitors import Visitors
from lenet.explain.attribution import attribute, class_weights, compare
from lenet.explain.occlusion import SIDE, Spot, find_spot
from lenet.explain.trace import Link, strongest_paths
from lenet.explain.unit_sum import Unit
from lenet.network.lenet5 import INPUT, INPUT_SIDE, STAGES

# So many of a stage's maps or units are named.
NAMED = 3


class TracePanel(Explanation):
    def __init__(self, visitors: Visitors):
        super().__init__("trace", visitors, explain_trace)


def explain_trace(reading: Reading, request: dict) -> dict:
    """Why request["digit"], or else the digit that is read; with request["against"], why not that one."""
    digit = chosen(request.get("digit"), reading.ranked[0])
    against = request.get("against")
    against = None if against in (None, digit) else chosen(against, digit)
    comparison = compare(reading.model, reading.x)
    classes = [None if one is None else torch.tensor([one]) for one in (digit, against)]
    weights = class_weights(*classes)
    contributions = attribute(comparison, weights)
    heat = contributions[INPUT]
    spot = find_spot(reading.model, reading.x, heat, digit)
    scores = [float((weights * values["output"]).sum()) for values in (comparison.digits, comparison.blank)]
    links = strongest_paths(comparison, weights)
    return {
        "digit": digit,
        "against": against,
        "words": _words(digit, against, *scores),
        "heat": _heat(heat),
        "overlay": {
            "grid": reading.grid,
            "side": INPUT_SIDE,
            "pixels": _heat(heat),
            "palette": "heat",
        },
        "ink": encode(reading.prepared.centred),
        "spot": {"top": spot.top, "left": spot.left, "side": SIDE},
        "covered": _covered(reading, digit, spot),
        "stages": _stages(contributions),
        "links": _links(links),
    }


def _words(digit: int, against: int | None, score: float, blank: float) -> str:
    total = number(score - blank, sign=True, places=1)
    rival = "the other digits’ average" if against is None else str(against)
    lead = f"On your drawing {digit} is {_lead(score)} {rival}, on a blank sheet {_lead(blank)} it."
    if against is None:
        return f"{lead} Your ink made the difference of {total}; here is where it came from."
    return f"{lead} Orange ink speaks for {digit}, blue for {against}; together {total}."


def _lead(score: float) -> str:
    return f"{number(abs(score), places=1)} {'ahead of' if score > 0 else 'behind'}"


def _heat(contributions: torch.Tensor) -> str:
    """32 x 32 signed bytes; the root makes the weak visible beside the strong."""
    return encode(signed((contributions.sign() * contributions.abs().sqrt())[0, 0].numpy()))


def _covered(reading: Reading, digit: int, spot: Spot) -> str:
    with torch.no_grad():
        before = float(reading.model(reading.x).softmax(1)[0, digit])
    return f"Cover the marked spot with paper, and {digit} goes from {percent(before)} to {percent(spot.probability)}."


def _stages(contributions: dict[str, torch.Tensor]) -> list[dict]:
    """The strongest maps and units of each stage, from the output's side on."""
    rows = []
    for stage in reversed(STAGES[:-1]):
        values = contributions[stage.name][0].reshape(stage.maps, -1).sum(1)
        strongest = values.abs().topk(NAMED).indices.tolist()
        names = [(place(Unit(stage.name, i), whole=True).split(", ")[1], float(values[i])) for i in strongest]
        rows.append(
            {
                "stage": stage.name,
                "strongest": [f"{name} {number(value, sign=True, places=1)}" for name, value in names],
                "total": number(float(values.sum()), sign=True, places=1),
            }
        )
    return rows


def _links(links: list[Link]) -> list[dict]:
    """The links for the figure; between two stages the widest is the one that carries most."""
    most: dict[str, float] = {}
    for link in links:
        most[link.stage] = max(most.get(link.stage, 0.0), abs(link.contribution))
    return [
        {
            "from": [link.stage, link.index],
            "to": [link.above, link.above_index],
            "width": round(abs(link.contribution) / most[link.stage], 3),
            "kind": "for" if link.contribution > 0 else "against",
        }
        for link in links
    ]
