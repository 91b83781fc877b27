"""A whole number, live: its digits, one of which is shown in all other panels, and the answers along the line."""

from typing import Any

import numpy as np

from demo.language.phrases import sure
from demo.panels.panel import encode
from demo.panels.pixels import levels
from demo.visitors import Visitors
from lenet.explain.ablation import parse_off, switches
from lenet.network.decision import NOT_A_DIGIT
from lenet.reading.answer import NOTHING_DRAWN
from lenet.reading.drawing import Drawing, as_value, parse, without_erasers
from lenet.reading.number import Number, read_number
from lenet.reading.space_displacement import Band, read_band


def live_number(visitors: Visitors, request: Any) -> dict:
    """Read the number in the request's drawing; also return, as "drawing", one digit's strokes: those of the request's
    "digit", counted from the left, by default the last. Raises InputError."""
    request = request if isinstance(request, dict) else {}
    model, _ = visitors.model(request.get("weights"))
    number = read_number(model, request.get("drawing"), switches(parse_off(request.get("off"))), visitors.picture)
    drawing = parse(request.get("drawing"))
    chosen = _chosen(number, request.get("digit"))
    alone = Drawing(drawing.width, drawing.height, ()) if chosen is None else number.digits[chosen].drawing
    own = as_value(alone, alone.strokes)
    band = None if drawing.picture else read_band(model, without_erasers(drawing))
    shown = {
        "words": words(number),
        "chosen": chosen,
        "digits": [{"digit": one.digit, "doubt": bool(one.reason), "box": one.box} for one in number.digits],
        "band": band and _pixels(band),
    }
    return {"drawing": own, "number": shown}


def words(number: Number) -> str:
    """Return a number as a sentence."""
    if number.reason == NOTHING_DRAWN:
        return "Write a number."
    if number.reason:
        return f"{number.reason.capitalize()}."
    return f"I read {number.text}, {sure(number.confidence)}."


def _chosen(number: Number, digit: Any) -> int | None:
    """Return the index of the digit whose maps are shown; None if there is none."""
    if type(digit) is int and 0 <= digit < len(number.digits):
        return digit
    return len(number.digits) - 1 if number.digits else None


def _pixels(band: Band) -> dict:
    """Return the band as pixels, one row for each digit, 0 on top, and its position on the sheet."""
    shares = band.shares[:, :NOT_A_DIGIT].T
    return {
        "left": round(band.left - band.step / 2, 1),
        "step": round(band.step, 2),
        "places": shares.shape[1],
        "text": band.text,
        "pixels": encode(levels(np.ascontiguousarray(shares), 0, 1)),
    }
