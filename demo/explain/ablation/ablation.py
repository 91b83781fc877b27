"""The panel "What if a part is missing?": maps and units switched off, and the parts that the answer needs most."""

import math

import numpy as np
import torch

from demo.explain.explanation import Explanation, Reading, chosen
from demo.language.phrases import percent, place
from lenet.explain.ablation import Effect, parse_off, rank, switches
from lenet.explain.unit_sum import Unit
from lenet.network.lenet5 import STAGE

# The number of maps, and of units, that are listed.
LISTED = 8


def ranking(reading: Reading, request: dict) -> list[Effect]:
    """Return the effect of every map and unit on request["digit"], by default on the digit that is read."""
    return rank(reading.model, reading.x, chosen(request.get("digit"), reading.ranked[0]))


@torch.no_grad()
def without(reading: Reading, request: dict) -> list[float] | None:
    """Return the probabilities without the parts in request["off"]; None if nothing is off."""
    off = parse_off(request.get("off"))
    return reading.model.activations(reading.x, switches(off))["output"].softmax(1)[0].tolist() if off else None


def show(reading: Reading, request: dict) -> dict:
    off, digit = parse_off(request.get("off")), reading.ranked[0]
    effects = ranking(reading, {"digit": digit})
    maps, units = ([each for each in effects if (STAGE[each.stage].side > 1) == is_map] for is_map in (True, False))
    return {
        "words": _words(reading, digit, off, without(reading, request)),
        "off": [[unit.stage, unit.index] for unit in off],
        "rankings": [
            {"title": f"Maps that {digit} needs most", "effects": _effects(maps, off)},
            {"title": f"Units that {digit} needs most", "effects": _effects(units, off)},
        ],
    }


def _words(reading: Reading, digit: int, off: list[Unit], probabilities: list[float] | None) -> str:
    if probabilities is None:
        return "Everything is on. Click maps and units in the figure or in the lists to switch them off and on."
    now = int(np.argmax(probabilities))
    count = "1 part" if len(off) == 1 else f"{len(off)} parts"
    change = f"{digit} goes from {percent(reading.probabilities[digit])} to {percent(probabilities[digit])}"
    reads = f"it still reads {digit}" if now == digit else f"it reads {now} instead"
    return f"With {count} switched off, {reads}: {change}."


def _effects(effects: list[Effect], off: list[Unit]) -> list[dict]:
    strongest = max((abs(effect.change) for effect in effects), default=1.0)
    return [
        {
            "unit": [effect.stage, effect.index],
            "name": place(effect.unit, whole=True),
            "odds": _factor(effect.change),
            "probability": percent(effect.probability),
            "share": round(abs(effect.change) / max(strongest, 1e-9), 3),
            "off": effect.unit in off,
        }
        for effect in effects[:LISTED]
    ]


def _factor(change: float) -> str:
    """Format a change of the log odds as the factor that multiplies or divides the odds."""
    factor = math.exp(min(abs(change), 20))
    return f"{'÷' if change < 0 else '×'} {factor:,.{0 if factor >= 10 else 1}f}"


EXPLANATION = Explanation(
    "ablation",
    "What if a part is missing?",
    "the answer with parts of the network switched off (ablation)",
    show,
    (ranking, without),
)
