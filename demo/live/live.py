"""The server's side of the live answers, which the page computes by itself: confirmations, and answers until then."""

from pathlib import Path
from typing import Any

import numpy as np

from demo.language.phrases import a_digit, sure
from demo.visitors import Visitors
from lenet.explain.ablation import parse_off, switches
from lenet.network.decision import confidence
from lenet.network.lenet5 import INPUT, INPUT_SIDE, LeNet
from lenet.reading.answer import NOTHING_DRAWN, Answer, answer, prepare_drawing
from lenet.reading.preparation import BOX_SIDE

SCRIPTS = ("preparation", "evaluator", "answerer")
# The scripts that answer in the browser, for the page's head.
HEAD = "".join(f"<script>{Path(__file__).with_name(name + '.js').read_text('utf-8')}</script>" for name in SCRIPTS)

REFUSED = "doesn't look like a digit"  # what the page says for "not a digit"


def live_answer(visitors: Visitors, request: Any) -> dict:
    """The answer to {"drawing": ..., "weights": id or ""} with everything that the page shows, as numbers.

    The page asks for it until it has the weights. The request's "off" may list maps and units to switch off; "intact"
    then has the probabilities with all on. Its "beside" may be the id of other weights; the answer's "beside" is then
    how they read the same drawing. Raises InputError where the request can't be read.
    """
    request = request if isinstance(request, dict) else {}
    model, known = visitors.model(request.get("weights"))
    result = answer_to(visitors, request)
    other = _beside(visitors, request, result)
    return _brief(model, result) | {
        **_values(model, result),
        "unknown": not known,
        "intact": answer(model, [result.prepared])[0].probabilities if request.get("off") else None,
        "steps": result.prepared and _steps(result),
        "beside": other and _brief(*other) | _values(*other),
    }


def confirmation(visitors: Visitors, request: Any) -> dict:
    """How the server's own networks read what the page has answered already. Raises InputError."""
    request = request if isinstance(request, dict) else {}
    result = answer_to(visitors, request)
    other = _beside(visitors, request, result)
    return _brief(visitors.model(request.get("weights"))[0], result) | {"beside": other and _brief(*other)}


def _beside(visitors: Visitors, request: dict, result: Answer) -> tuple[LeNet, Answer] | None:
    """The network that the request wants beside the other, and its answer to the same drawing."""
    if request.get("beside") is None:
        return None
    other, _ = visitors.model(request["beside"])
    return other, answer(other, [result.prepared])[0]


def _brief(model: LeNet, result: Answer) -> dict:
    output = result.activations and result.activations["output"][None]
    return {
        "network": model.name,
        "digit": result.digit,
        "reason": result.reason,
        "probabilities": result.probabilities,
        "confidence": None if output is None else float(confidence(output)),
    }


def _values(model: LeNet, result: Answer) -> dict:
    """What the figure shows of a network, as arrays."""
    return {
        "filters": model.layer("C1").weight.detach().numpy().ravel(),
        "stages": result.prepared and {name: values.ravel() for name, values in values_of(result).items()},
    }


def _steps(result: Answer) -> list[dict]:
    """The preparation's pictures, each with the side of the square that it is shown in."""
    prepared = result.prepared
    frames = (
        (prepared.cropped, max(prepared.cropped.shape)),
        (prepared.fitted, BOX_SIDE),
        (prepared.centred, INPUT_SIDE),
    )
    return [
        {"frame": frame, "width": pixels.shape[1], "height": pixels.shape[0], "pixels": pixels.ravel()}
        for pixels, frame in frames
    ]


def distances(model: LeNet, result: Answer) -> list[float] | None:
    """The squared distances of F6 from the ten codes, where the network's output is made of them."""
    far = model.layer("output").distances(result.activations["output"])
    return None if far is None else [round(distance, 2) for distance in far.tolist()]


def answer_to(visitors: Visitors, request: dict) -> Answer:
    """What the request's weights read in its drawing, without what is off. Raises InputError."""
    prepared = prepare_drawing(request.get("drawing"), visitors.picture)
    off = parse_off(request.get("off"))
    return answer(visitors.model(request.get("weights"))[0], [prepared], switches(off))[0]


def words(result: Answer) -> str:
    """An answer as a sentence."""
    if result.reason == NOTHING_DRAWN:
        return "Draw a digit."
    if result.digit is None:
        return f"{result.reason.replace('not a digit', REFUSED).capitalize()}."
    return f"I read {a_digit(result.digit)}, {sure(max(result.probabilities))}."


def values_of(result: Answer) -> dict[str, np.ndarray]:
    """All values that are shown, by stage, the input's first."""
    return {INPUT: result.x.numpy(), **{name: values.numpy() for name, values in result.activations.items()}}


def scale(values: np.ndarray) -> tuple[float, float]:
    """What a stage shows as dark and as bright: after a ReLU a dark pixel is a silent one."""
    return float(min(values.min(), 0)), float(values.max())
