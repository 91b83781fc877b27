"""Parts of the network switched off: which of them matter most for this digit, and what is left of the answer."""

import math

from demo.explain.explanation import Explanation, Reading
from demo.language.phrases import percent, place
from demo.visitors import Visitors
from lenet.explain.ablation import Effect, parse_off, rank, switches
from lenet.explain.unit_sum import Unit
from lenet.network.lenet5 import CLASSES, STAGE
from lenet.reading.answer import answer

# So many are listed of the maps, and of the units.
LISTED = 8


class AblationPanel(Explanation):
    def __init__(self, visitors: Visitors):
        super().__init__("ablation", visitors, explain_switches, digits=list(range(CLASSES)))


def explain_switches(reading: Reading, request: dict) -> dict:
    """What request["off"] does to the answer, and the maps and units that the answer needs most."""
    off = parse_off(request.get("off"))
    digit = reading.ranked[0]
    effects = rank(reading.model, reading.x, digit)
    maps = [effect for effect in effects if STAGE[effect.unit.stage].side > 1]
    units = [effect for effect in effects if STAGE[effect.unit.stage].side == 1]
    return {
        "words": _words(reading, digit, off),
        "off": [[unit.stage, unit.index] for unit in off],
        "rankings": [
            {"title": f"Maps that {digit} needs most", "effects": _effects(maps, off)},
            {"title": f"Units that {digit} needs most", "effects": _effects(units, off)},
        ],
    }


def _words(reading: Reading, digit: int, off: list[Unit]) -> str:
    intact, left = (
        answer(reading.model, [reading.prepared], factors)[0].probabilities for factors in (None, switches(off))
    )
    if not off:
        return "Everything is on. Click maps and units in the figure, or in the lists, to switch them off and on."
    now = max(range(len(left)), key=left.__getitem__)
    count = "1 part" if len(off) == 1 else f"{len(off)} parts"
    change = f"{digit} goes from {percent(intact[digit])} to {percent(left[digit])}"
    reads = f"it still reads {digit}" if now == digit else f"it reads {now} instead"
    return f"With {count} off {reads}: {change}."


def _effects(effects: list[Effect], off: list[Unit]) -> list[dict]:
    strongest = max((abs(effect.change) for effect in effects), default=1.0)
    return [
        {
            "unit": [effect.unit.stage, effect.unit.index],
            "name": place(effect.unit, whole=True),
            "odds": _factor(effect.change),
            "probability": percent(effect.probability),
            "share": round(abs(effect.change) / max(strongest, 1e-9), 3),
            "off": effect.unit in off,
        }
        for effect in effects[:LISTED]
    ]


def _factor(change: float) -> str:
    """A change of the log odds as what it multiplies or divides the odds by."""
    factor = math.exp(min(abs(change), 20))
    return f"{'÷' if change < 0 else '×'} {factor:,.{0 if factor >= 10 else 1}f}"
