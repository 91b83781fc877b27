"""One live answer: what every panel draws, in one message small enough to be sent with every frame."""

from typing import Any

import numpy as np
import torch

from demo.panel import encode
from demo.pixels import levels, signed
from demo.visitors import Visitors
from demo.words import a_digit, percent
from lenet.ablation import parse_off, switches
from lenet.answer import NOTHING_DRAWN, Answer, answer, prepare_drawing
from lenet.drawing import DrawingError
from lenet.mnist import MnistError
from lenet.model import INPUT_SIDE
from lenet.picture import PictureError
from lenet.prepare import BOX_SIDE, Prepared
from lenet.unit import UnitError

# What a wrong request can raise; each message is one sentence for the visitor.
INPUT_ERRORS = (DrawingError, PictureError, MnistError, UnitError)


def live_answer(visitors: Visitors, request: Any) -> dict:
    """The answer to {"drawing": ..., "weights": id or ""}, with every picture on the way as base64 bytes.

    The request's "off" may list maps and units to switch off; "intact" then has the probabilities with all on.
    A request that can't be read gives {"error": sentence}.
    """
    request = request if isinstance(request, dict) else {}
    model, known = visitors.model(request.get("weights"))
    try:
        prepared = prepare_drawing(request.get("drawing"), visitors.picture)
        off = parse_off(request.get("off"))
    except INPUT_ERRORS as fault:
        return {"error": str(fault)}
    result = answer(model, [prepared], switches(off))[0]
    return {
        "digit": result.digit,
        "probabilities": _rounded(result),
        "intact": _rounded(answer(model, [prepared])[0]) if off else None,
        "words": _words(result, known),
        "weights_known": known,
        "steps": prepared and _steps(prepared),
        "stages": prepared and _stages(prepared, result.activations),
        "filters": encode(signed(model.conv1.weight.detach().numpy())),
    }


def _rounded(result: Answer) -> list[float] | None:
    return result.probabilities and [round(p, 4) for p in result.probabilities]


def _steps(prepared: Prepared) -> list[dict]:
    """The preparation's pictures, each with the side of the square that it is shown in."""
    return [
        _picture(prepared.cropped, max(prepared.cropped.shape)),
        _picture(prepared.fitted, BOX_SIDE),
        _picture(prepared.centred, INPUT_SIDE),
        _picture(signed(prepared.normalised), INPUT_SIDE) | {"signed": True},
    ]


def _picture(pixels: np.ndarray, frame: int) -> dict:
    height, width = pixels.shape
    return {"frame": frame, "width": width, "height": height, "pixels": encode(pixels)}


def _stages(prepared: Prepared, activations: dict[str, torch.Tensor]) -> dict[str, dict]:
    """Each stage's values as bytes between its own lowest and highest, so that its maps are comparable."""
    stages = {"input": torch.from_numpy(prepared.normalised), **activations}
    return {name: _scaled(values.numpy()) for name, values in stages.items()}


def _scaled(values: np.ndarray) -> dict:
    # After a ReLU the scale begins at zero, so that a dark pixel is a silent one.
    low, high = float(min(values.min(), 0)), float(values.max())
    return {"low": round(low, 3), "high": round(high, 3), "pixels": encode(levels(values, low, high))}


def _words(result: Answer, known: bool) -> str:
    """What the page says about an answer."""
    lost = "" if known else "Your own weights are gone from this server; these are the shipped ones. "
    if result.reason == NOTHING_DRAWN:
        return lost + "Draw a digit."
    if result.digit is None:
        return f"{lost}{result.reason.capitalize()}."
    return lost + f"I read {a_digit(result.digit)}, {percent(max(result.probabilities))} sure."
