"""Weights for the browser's evaluator: one safetensors file that also describes the network, and its address."""

import functools
import hashlib
import json

from safetensors.torch import save
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from demo.visitors import Visitors
from lenet.network.decision import LEADS
from lenet.network.lenet5 import INPUT_SIDE, LeNet

SHIPPED = "shipped"  # the address of the weights whose id is ""


def weights_route(visitors: Visitors) -> Route:
    """GET /weights/ID: the file of the weights with this id; 404 where it is unknown.

    An id that was given to a visitor stands for the same weights for good, so browsers need not ask again.
    """

    def answer(request: Request) -> Response:
        name = request.path_params["id"]
        model, known = visitors.model("" if name == SHIPPED else name)
        if not known:
            return Response("unknown weights", 404)
        content, tag = _tagged(model)
        headers = {
            "etag": tag,
            "cache-control": "private, max-age=31536000, immutable"
            if model not in (visitors.shipped, visitors.other) and "/" not in name
            else "no-cache",
        }
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(content, headers=headers, media_type="application/octet-stream")

    return Route("/weights/{id:path}", answer)


@functools.lru_cache(maxsize=4)
def _tagged(model: LeNet) -> tuple[bytes, str]:
    content = weights_file(model)
    return content, f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def weights_file(model: LeNet) -> bytes:
    """Everything that demo/live/evaluator.js needs: the tensors in single precision and, as metadata, the operations,
    the values of paper and ink, and the constants of the decision rule."""
    description = {
        "network": model.name,
        "side": INPUT_SIDE,
        "paper": model.normalise(0),
        "ink": model.normalise(255),
        "threshold": model.threshold,
        "leads": LEADS,
        "operations": model.description(),
    }
    tensors = {name: tensor.float().cpu().contiguous() for name, tensor in model.tensors().items()}
    return save(tensors, metadata={"description": json.dumps(description)})
