"""The networks that can answer: the shipped ones, and the visitor's own with their files."""

import base64
from pathlib import Path
from typing import Any

from demo.panels.network_switch.network_switch import LABELS
from demo.panels.panel import Panel
from demo.serving.limits import LIMITS
from demo.visitors import Visitors
from lenet import mnist
from lenet.network import checkpoint
from lenet.network.checkpoint import CheckpointError
from lenet.network.lenet5 import LeNet
from lenet.network.onnx_export import onnx_file
from lenet.training.evaluation import evaluate

# A file comes inside a request, where each three bytes are four letters.
LARGEST_FILE = LIMITS.body_bytes // 2


class NetworksPanel(Panel):
    def __init__(self, visitors: Visitors, networks: list[tuple[LeNet, dict[str, str]]]):
        # The first network answers when no id is given.
        shipped = {model.name if i else "": (model, facts) for i, (model, facts) in enumerate(networks)}

        def restore(network: Any) -> dict:
            """The id under which the server knows this network of the visitor's, {"id", "label", "content"}."""
            known = visitors.model(network["id"])[1]
            return {"id": network["id"] if known else visitors.keep(_read(network["label"], network["content"])[0])}

        def load(file: Any) -> dict:
            """A network from a visitor's file, {"name", "content"}."""
            model, _ = _read(file["name"], file["content"])
            accuracy = evaluate(model, mnist.final_test()).accuracy
            return {
                "id": visitors.keep(model),
                "label": Path(file["name"]).stem[:24],
                "accuracy": accuracy,
                "network": model.name,
            }

        def file(wish: Any) -> dict:
            """A file of {"id", or of a visitor's own its "content"; "kind": "safetensors" or "onnx"}, for saving."""
            own = wish.get("content")
            model, facts = _read("It", own) if own else shipped[wish["id"]]
            whole = onnx_file(model, facts) if wish["kind"] == "onnx" else checkpoint.as_bytes(model, facts)
            name = f"{checkpoint.SHIPPED_OF[model.name].stem}.{wish['kind']}"
            return {"name": name, "content": base64.b64encode(whole).decode()}

        super().__init__(
            "networks",
            functions={"restore": restore, "load": load, "file": file},
            largest_file=LARGEST_FILE,
            networks=[
                {
                    "id": name,
                    "label": LABELS[model.name],
                    "accuracy": float(facts["test_accuracy"]) if "test_accuracy" in facts else None,
                    "network": model.name,
                }
                for name, (model, facts) in shipped.items()
            ],
        )


def _read(name: Any, content: Any) -> tuple[LeNet, dict[str, str]]:
    """The network in a file's base64, which is None where the file is too large. Raises CheckpointError."""
    if content is None:
        raise CheckpointError(f"{name} has more than {LARGEST_FILE:,} bytes, too many for LeNet-5.")
    try:
        return checkpoint.from_bytes(base64.b64decode(content, validate=True), str(name))
    except (TypeError, ValueError) as fault:
        if isinstance(fault, CheckpointError):
            raise
        raise CheckpointError("A file must come as its name and its content in base64.") from fault
