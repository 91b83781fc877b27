"""One live answer: what every panel draws, in one message small enough to be sent with every frame."""

import math
from typing import Any

import numpy as np

from demo.language.phrases import a_digit, percent
from demo.panels.panel import encode
from demo.panels.pixels import levels, signed
from demo.visitors import Visitors
from lenet.explain.ablation import parse_off, switches
from lenet.network.layers import RadialBasis
from lenet.network.lenet5 import INPUT, INPUT_SIDE, LeNet
from lenet.reading.answer import NOTHING_DRAWN, Answer, answer, prepare_drawing
from lenet.reading.preparation import BOX_SIDE

GONE = "Your own weights are gone from this server; these are the shipped ones. "


def live_answer(visitors: Visitors, request: Any) -> dict:
    """The answer to {"drawing": ..., "weights": id or ""}, with every picture on the way as base64 bytes.

    The request's "off" may list maps and units to switch off; "intact" then has the probabilities with all on. Its
    "beside" may be the id of other weights; the answer's "beside" is then what they make of the same drawing.
    Raises InputError where the request can't be read.
    """
    request = request if isinstance(request, dict) else {}
    model, known = visitors.model(request.get("weights"))
    result = answer_to(visitors, request)
    prepared, beside = result.prepared, request.get("beside")
    other = None if beside is None else visitors.model(beside)[0]
    return _seen(model, result) | {
        "intact": _rounded(answer(model, [prepared])[0]) if request.get("off") else None,
        "words": ("" if known else GONE) + words(result),
        "weights_known": known,
        "steps": prepared and _steps(result),
        "beside": other and _seen(other, answer(other, [prepared])[0]),
    }


def _seen(model: LeNet, result: Answer) -> dict:
    """One network's answer, and all that its figure shows."""
    return {
        "network": model.name,
        "digit": result.digit,
        "probabilities": _rounded(result),
        "words": words(result),
        "stages": result.prepared and _stages(result),
        "filters": encode(signed(model.layer("C1").weight.detach().numpy())),
        "distances": result.prepared and distances(model, result),
        "furthest": furthest(model),
    }


def distances(model: LeNet, result: Answer) -> list[float] | None:
    """The squared distances of F6 from the ten codes, where the network's output is made of them."""
    far = model.layer("output").distances(result.activations["output"])
    return None if far is None else [round(distance, 2) for distance in far.tolist()]


def furthest(model: LeNet) -> float | None:
    """The distance from the nearest code, alone in being near, beyond which a drawing is refused."""
    output, threshold = model.layer("output"), model.threshold
    if output.kind != RadialBasis.kind or not 0 < threshold < 1:
        return None
    return round(output.rubbish - math.log(threshold / (1 - threshold)), 1)


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
        return f"{result.reason.capitalize()}."
    return f"I read {a_digit(result.digit)}, {percent(max(result.probabilities))} sure."


def _rounded(result: Answer) -> list[float] | None:
    return result.probabilities and [round(p, 4) for p in result.probabilities]


def _steps(result: Answer) -> list[dict]:
    """The preparation's pictures, each with the side of the square that it is shown in."""
    prepared = result.prepared
    return [
        _picture(prepared.cropped, max(prepared.cropped.shape)),
        _picture(prepared.fitted, BOX_SIDE),
        _picture(prepared.centred, INPUT_SIDE),
        _picture(signed(result.x[0].numpy()), INPUT_SIDE) | {"signed": True},
    ]


def _picture(pixels: np.ndarray, frame: int) -> dict:
    height, width = pixels.shape
    return {"frame": frame, "width": width, "height": height, "pixels": encode(pixels)}


def values_of(result: Answer) -> dict[str, np.ndarray]:
    """All values that are shown, by stage, the input's first."""
    return {INPUT: result.x.numpy(), **{name: values.numpy() for name, values in result.activations.items()}}


def _stages(result: Answer) -> dict[str, dict]:
    """Each stage's values as bytes between its own lowest and highest, so that its maps are comparable."""
    return {name: _scaled(values) for name, values in values_of(result).items()}


def scale(values: np.ndarray) -> tuple[float, float]:
    """What a stage shows as dark and as bright: after a ReLU a dark pixel is a silent one."""
    return float(min(values.min(), 0)), float(values.max())


def _scaled(values: np.ndarray) -> dict:
    low, high = scale(values)
    return {"low": round(low, 3), "high": round(high, 3), "pixels": encode(levels(values, low, high))}
