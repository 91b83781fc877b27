"""What would change the network's mind: the ink to add and to erase, drawn over the drawing."""

from typing import Any

import numpy as np

from demo.explain.explanation import Explanation, Reading, chosen
from demo.language.phrases import a_digit, percent
from demo.panels.panel import encode
from demo.visitors import Visitors
from lenet.explain.counterfactual import Change, change_mind
from lenet.network.lenet5 import INPUT_SIDE
from lenet.reading.drawing import INK_SIDE


class CounterfactualPanel(Explanation):
    def __init__(self, visitors: Visitors):
        super().__init__("counterfactual", visitors, explain_mind)


def wanted(reading: Reading, digit: Any) -> int:
    """The digit that was asked for, or else the one that came second."""
    second = reading.ranked[1]
    digit = chosen(digit, second)
    # What is read already was asked for before the drawing changed.
    return second if digit == reading.answered else digit


def changed_mind(reading: Reading, digit: Any) -> Change | None:
    """The change that makes the network read the wanted digit, if one is found in time."""
    return change_mind(reading.model, reading.prepared, wanted(reading, digit), INK_SIDE)


def explain_mind(reading: Reading, request: dict) -> dict:
    """The change that makes the network read request["digit"], or else the digit that came second."""
    digit = wanted(reading, request.get("digit"))
    change = changed_mind(reading, digit)
    told = {"digit": digit, "read": reading.answered, "before": encode(reading.prepared.centred)}
    if change is None:
        return told | {"words": f"Within a second no change was found that makes this {a_digit(digit)}."}
    pixels = encode(_pixels(change))
    return told | {
        "words": _words(change),
        "checked": f"Checked: the changed ink, prepared again from the start, is read as {a_digit(digit)}, "
        f"{percent(change.probability)} sure.",
        "pixels": pixels,
        "after": encode(change.after.centred),
        "overlay": {"grid": reading.grid, "side": INPUT_SIDE, "pixels": pixels, "palette": "change"},
    }


def _words(change: Change) -> str:
    counts = {"add": len(change.added), "erase": len(change.erased)}
    parts = [f"{verb} {count} {'pixel' if count == 1 else 'pixels'}" for verb, count in counts.items() if count]
    amount = f"{100 * change.share:.1f} % of your ink"
    return f"To make it read {a_digit(change.digit)}, {' and '.join(parts)} of the 32×32: {amount}."


def _pixels(change: Change) -> np.ndarray:
    """32 x 32 signed bytes: 128 where nothing changes, 255 to add and 1 to erase."""
    pixels = np.full((INPUT_SIDE, INPUT_SIDE), 128, np.uint8)
    for places, shade in ((change.added, 255), (change.erased, 1)):
        for place in places:
            pixels[place] = shade
    return pixels
