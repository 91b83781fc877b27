"""Weights for the browser's evaluator: one safetensors file that also describes the network."""

import json

from safetensors.torch import save

from lenet.network.lenet5 import INPUT_SIDE, LeNet


def weights_file(model: LeNet) -> bytes:
    """Everything that demo/live/evaluator.js needs: the tensors in single precision and, as metadata, the operations,
    the values of paper and ink, and the threshold."""
    description = {
        "network": model.name,
        "side": INPUT_SIDE,
        "paper": model.normalise(0),
        "ink": model.normalise(255),
        "threshold": model.threshold,
        "operations": model.description(),
    }
    tensors = {name: tensor.float().cpu().contiguous() for name, tensor in model.tensors().items()}
    return save(tensors, metadata={"description": json.dumps(description)})
