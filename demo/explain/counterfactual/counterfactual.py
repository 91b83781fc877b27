"""The panel "What would change the answer?": the ink to add and to erase until another digit is read."""

import numpy as np

from demo.explain.explanation import Explanation, Reading, chosen
from demo.language.phrases import a_digit, percent
from demo.panels.panel import encode
from lenet.explain.counterfactual import Counterfactual, find_counterfactual
from lenet.network.lenet5 import INPUT_SIDE
from lenet.reading.drawing import INK_SIDE


def change(reading: Reading, request: dict) -> Counterfactual | None:
    """Return the change with which the network reads the wanted digit, if one is found in time."""
    return find_counterfactual(reading.model, reading.prepared, wanted(reading, request), INK_SIDE)


def wanted(reading: Reading, request: dict) -> int:
    """Return the digit in request["change_to"], by default the second most probable one."""
    second = reading.ranked[1]
    digit = chosen(request.get("change_to"), second)
    # If the wanted digit is read already, the drawing has changed since the request.
    return second if digit == reading.answered else digit


def show(reading: Reading, request: dict) -> dict:
    digit, found = wanted(reading, request), change(reading, request)
    shown = {"digit": digit, "read": reading.answered, "before": encode(reading.prepared.centred)}
    if found is None:
        return shown | {"words": f"No change that makes this {a_digit(digit)} was found within a second."}
    pixels = encode(_pixels(found))
    return shown | {
        "words": _words(found),
        "checked": f"Checked: prepared again from the start, the changed ink is read as {a_digit(digit)}, "
        f"{percent(found.probability)} sure.",
        "pixels": pixels,
        "after": encode(np.array(found.after, np.uint8)),
        "overlay": {"grid": reading.grid, "side": INPUT_SIDE, "pixels": pixels, "palette": "change"},
    }


def _words(found: Counterfactual) -> str:
    counts = {"add": len(found.added), "erase": len(found.erased)}
    parts = [f"{verb} {count} {'pixel' if count == 1 else 'pixels'}" for verb, count in counts.items() if count]
    amount = f"{100 * found.share:.1f} % of your ink"
    return f"To make it {a_digit(found.digit)}, {' and '.join(parts)} of the 32×32: {amount}."


def _pixels(found: Counterfactual) -> np.ndarray:
    """Return 32 x 32 signed bytes: 128 for no change, 255 to add and 1 to erase."""
    pixels = np.full((INPUT_SIDE, INPUT_SIDE), 128, np.uint8)
    for places, shade in ((found.added, 255), (found.erased, 1)):
        for place in places:
            pixels[place] = shade
    return pixels


EXPLANATION = Explanation(
    "counterfactual",
    "What would change the answer?",
    "the least ink to add or to erase (counterfactual explanation)",
    show,
    (change,),
)
