"""What would change the answer? The ink to add and to erase until the network reads another digit."""

import numpy as np
from typing_extensions import TypedDict

from demo.explain.explanation import Explanation, Reading, chosen
from demo.language.phrases import a_digit, percent
from demo.panels.panel import encode
from lenet.explain.counterfactual import Counterfactual, find_counterfactual
from lenet.network.lenet5 import INPUT_SIDE
from lenet.reading.drawing import INK_SIDE


class Change(TypedDict):
    change: Counterfactual | None


def explain(reading: Reading, request: dict) -> Change:
    """The change that makes the network read the wanted digit, if one is found in time."""
    digit = wanted(reading, request)
    return {"change": find_counterfactual(reading.model, reading.prepared, digit, INK_SIDE)}


def wanted(reading: Reading, request: dict) -> int:
    """The digit in request["change_to"], or else the second most probable one."""
    second = reading.ranked[1]
    digit = chosen(request.get("change_to"), second)
    # The request for a digit that is read already comes from before the drawing changed.
    return second if digit == reading.answered else digit


def show(reading: Reading, request: dict) -> dict:
    digit, change = wanted(reading, request), explain(reading, request)["change"]
    shown = {"digit": digit, "read": reading.answered, "before": encode(reading.prepared.centred)}
    if change is None:
        return shown | {"words": f"No change that makes this {a_digit(digit)} was found within a second."}
    pixels = encode(_pixels(change))
    return shown | {
        "words": _words(change),
        "checked": f"Checked: prepared again from the start, the changed ink is read as {a_digit(digit)}, "
        f"{percent(change.probability)} sure.",
        "pixels": pixels,
        "after": encode(np.array(change.after, np.uint8)),
        "overlay": {"grid": reading.grid, "side": INPUT_SIDE, "pixels": pixels, "palette": "change"},
    }


def _words(change: Counterfactual) -> str:
    counts = {"add": len(change.added), "erase": len(change.erased)}
    parts = [f"{verb} {count} {'pixel' if count == 1 else 'pixels'}" for verb, count in counts.items() if count]
    amount = f"{100 * change.share:.1f} % of your ink"
    return f"To make it {a_digit(change.digit)}, {' and '.join(parts)} of the 32×32: {amount}."


def _pixels(change: Counterfactual) -> np.ndarray:
    """32 x 32 signed bytes: 128 where nothing changes, 255 to add and 1 to erase."""
    pixels = np.full((INPUT_SIDE, INPUT_SIDE), 128, np.uint8)
    for places, shade in ((change.added, 255), (change.erased, 1)):
        for place in places:
            pixels[place] = shade
    return pixels


EXPLANATION = Explanation(
    "counterfactual",
    "What would change the answer?",
    "the least ink to add or to erase (counterfactual explanation)",
    show,
    explain,
)
