"""Weights for the browser: a safetensors file that also describes the network, and the route that serves it."""

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

SHIPPED = "shipped"  # the name of the weights with the id "" in addresses


def weights_route(visitors: Visitors) -> Route:
    """Return the route GET /weights/ID, which serves the weights with this id; 404 if it is unknown.

    A visitor's id always stands for the same weights, so browsers may cache them forever.
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
    """Return the file that demo/live/evaluator.js reads: the tensors in single precision and, as metadata, the
    operations, the input's values for paper and ink, and the constants of the decision rule."""
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
