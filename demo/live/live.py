"""The server's part in live answers: it answers until the browser has the weights, and confirms answers afterwards."""

from typing import Any

import numpy as np

from demo.language.phrases import a_digit, sure
from demo.visitors import Visitors
from lenet.explain.ablation import parse_off, switches
from lenet.network.decision import confidence
from lenet.network.lenet5 import INPUT_SIDE, LeNet
from lenet.reading.answer import NOTHING_DRAWN, Answer, answer, prepare_drawing
from lenet.reading.preparation import BOX_SIDE, Prepared

REFUSED = "doesn't look like a digit"  # what the page says for "not a digit"


def live_answer(visitors: Visitors, request: Any) -> dict:
    """Answer {"drawing": ..., "weights": id or ""} with all values that the page shows.

    The page calls this until it has the weights. The request's "off" may list maps and units to switch off; "intact" is
    then the probabilities with all on. Its "beside" may be the id of other weights; the answer's "beside" is then their
    answer to the same drawing. Raises InputError if the request is invalid.
    """
    request = request if isinstance(request, dict) else {}
    model, known = visitors.model(request.get("weights"))
    result = answer_to(visitors, request)
    other = _beside(visitors, request, result)
    return _brief(model, result) | {
        **_values(model, result),
        "unknown": not known,
        "intact": answer(model, [_prepared(result)])[0].probabilities if request.get("off") else None,
        "steps": result.seen and _steps(result.seen.prepared),
        "beside": other and _brief(*other) | _values(*other),
    }


def confirmation(visitors: Visitors, request: Any) -> dict:
    """Answer a drawing that the browser has already answered, so that the page can compare. Raises InputError."""
    request = request if isinstance(request, dict) else {}
    result = answer_to(visitors, request)
    other = _beside(visitors, request, result)
    model, known = visitors.model(request.get("weights"))
    return _brief(model, result) | {"unknown": not known, "beside": other and _brief(*other)}


def _beside(visitors: Visitors, request: dict, result: Answer) -> tuple[LeNet, Answer] | None:
    """Return the network in the request's "beside", and its answer to the same drawing."""
    if request.get("beside") is None:
        return None
    other, _ = visitors.model(request["beside"])
    return other, answer(other, [_prepared(result)])[0]


def _prepared(result: Answer) -> Prepared | None:
    return result.seen and result.seen.prepared


def _brief(model: LeNet, result: Answer) -> dict:
    return {
        "network": model.name,
        "digit": result.digit,
        "reason": result.reason,
        "probabilities": result.probabilities,
        "confidence": result.seen and float(confidence(result.seen.values["output"][None])),
    }


def _values(model: LeNet, result: Answer) -> dict:
    """Return the values that the figure shows, as arrays."""
    return {
        "filters": model.layer("C1").weight.detach().numpy().ravel(),
        "stages": result.seen and {name: values.numpy().ravel() for name, values in result.seen.values.items()},
    }


def _steps(prepared: Prepared) -> list[dict]:
    """Return the preparation's pictures, each with the side of the square in which it is shown."""
    frames = (
        (prepared.cropped, max(prepared.cropped.shape)),
        (prepared.fitted, BOX_SIDE),
        (prepared.centred, INPUT_SIDE),
    )
    return [
        {"frame": frame, "width": pixels.shape[1], "height": pixels.shape[0], "pixels": pixels.ravel()}
        for pixels, frame in frames
    ]


def answer_to(visitors: Visitors, request: dict) -> Answer:
    """Answer the request's drawing with its weights and switches. Raises InputError."""
    prepared = prepare_drawing(request.get("drawing"), visitors.picture)
    off = parse_off(request.get("off"))
    return answer(visitors.model(request.get("weights"))[0], [prepared], switches(off))[0]


def words(result: Answer) -> str:
    """Return an answer as a sentence."""
    if result.reason == NOTHING_DRAWN:
        return "Draw a digit."
    if result.reason:
        return f"{result.reason.replace('not a digit', REFUSED).capitalize()}."
    return f"I read {a_digit(result.digit)}, {sure(max(result.probabilities))}."


def scale(values: np.ndarray) -> tuple[float, float]:
    """Return the values shown as dark and as bright. Dark is 0 after a ReLU, so that inactive pixels are dark."""
    return float(min(values.min(), 0)), float(values.max())
