"""The visitor's examples: drawings with their labels, and how the current weights read them."""

from functools import partial
from typing import Any

from demo.panels.panel import Panel, encode
from demo.visitors import Visitors
from lenet.mnist import Digits
from lenet.network.decision import decide
from lenet.network.lenet5 import LeNet
from lenet.reading.preparation import frame
from lenet.training.teaching import examples


class ExamplesPanel(Panel):
    def __init__(self, visitors: Visitors):
        super().__init__("examples", functions={"read_examples": partial(_read, visitors)})


def _read(visitors: Visitors, request: Any) -> dict:
    """Read the request's examples with its weights; return their pixels and answers. Raises InputError."""
    request = request if isinstance(request, dict) else {}
    digits = examples(request.get("examples"), visitors.picture)
    read = answers(visitors.model(request.get("weights"))[0], digits)
    right = sum(each == label for each, label in zip(read, digits.labels.tolist(), strict=True))
    return {
        "examples": [
            {"pixels": encode(image), "side": image.shape[-1], "read": digit, "right": digit == label}
            for image, digit, label in zip(digits.images.numpy(), read, digits.labels.tolist(), strict=True)
        ],
        "words": f"{right} of {len(read)} read right." if read else "",
    }


def answers(model: LeNet, digits: Digits) -> list[int | None]:
    """Return a network's answer to each digit; None if it refuses."""
    if not len(digits.labels):
        return []
    logits = model.read(frame(digits.images)).detach()
    return [digit for digit, _ in decide(logits, model.threshold)]
