"""The panel "Which ink decided?": the contributions of the ink and of every map and unit to a class."""

import numpy as np

from demo.explain.explanation import Explanation, Reading, chosen
from demo.language.phrases import number, percent, place
from demo.panels.panel import encode
from demo.panels.pixels import signed
from lenet.explain.trace import Link, Trace
from lenet.explain.trace import trace as trace_of
from lenet.explain.unit_sum import Unit
from lenet.network.lenet5 import INPUT_SIDE, STAGES

# The number of maps or units named for each stage.
NAMED = 3


def trace(reading: Reading, request: dict) -> Trace:
    """Trace request["digit"], by default the digit that is read; with request["against"] compared with that one."""
    digit = chosen(request.get("digit"), reading.ranked[0])
    against = request.get("against")
    against = None if against in (None, digit) else chosen(against, digit)
    return trace_of(reading.model, reading.x, digit, against)


def show(reading: Reading, request: dict) -> dict:
    traced = trace(reading, request)
    heat = _heat(traced.heat)
    return {
        "digit": traced.digit,
        "against": traced.against,
        "words": _words(traced),
        "heat": heat,
        "overlay": {"grid": reading.grid, "side": INPUT_SIDE, "pixels": heat, "palette": "heat"},
        "ink": encode(reading.prepared.centred),
        "spot": {"top": traced.spot.top, "left": traced.spot.left, "side": traced.spot.side},
        "covered": _covered(traced, reading.probabilities[traced.digit]),
        "stages": _stages(traced.contributions),
        "links": _links(traced.links),
    }


def _words(traced: Trace) -> str:
    digit, against = traced.digit, traced.against
    total = number(traced.score - traced.blank_score, sign=True, places=1)
    rival = "the other digits’ average" if against is None else str(against)
    lead = f"On your drawing {digit} is {_lead(traced.score)} {rival}, on a blank sheet {_lead(traced.blank_score)} it."
    if against is None:
        return f"{lead} Your ink made the difference of {total}; the picture shows where it comes from."
    return f"{lead} Orange ink speaks for {digit}, blue ink for {against}; together they make {total}."


def _lead(score: float) -> str:
    return f"{number(abs(score), places=1)} points {'ahead of' if score > 0 else 'behind'}"


def _heat(contributions: list[list[float]]) -> str:
    """Return 32 x 32 signed bytes; the square root keeps weak contributions visible."""
    heat = np.array(contributions)
    return encode(signed(np.sign(heat) * np.sqrt(abs(heat))))


def _covered(traced: Trace, before: float) -> str:
    after = percent(traced.spot.probability)
    return f"Cover the marked spot with paper, and {traced.digit} goes from {percent(before)} to {after}."


def _stages(contributions: dict[str, list[float]]) -> list[dict]:
    """Return the strongest maps and units of each stage, from F6 down."""
    rows = []
    for stage in reversed(STAGES[:-1]):
        values = contributions[stage.name]
        strongest = sorted(range(len(values)), key=lambda i: -abs(values[i]))[:NAMED]
        names = [(place(Unit(stage.name, i), whole=True).split(", ")[1], values[i]) for i in strongest]
        listed = [f"{name} {number(value, sign=True, places=1)}" for name, value in names]
        rows.append({"stage": stage.name, "strongest": listed, "total": number(sum(values), sign=True, places=1)})
    return rows


def _links(links: list[Link]) -> list[dict]:
    """Return the links for the figure, with widths relative to the strongest link of their stage."""
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


EXPLANATION = Explanation(
    "trace",
    "Which ink decided?",
    "how much each bit of ink, map and unit adds to a digit’s score (attribution by DeepLIFT)",
    show,
    (trace,),
)
