"""The networks that can answer: the shipped ones, and the visitor's own, which can be saved and loaded as files."""

import base64
from pathlib import Path
from typing import Any

from demo.panels.network_switch.network_switch import shipped
from demo.panels.panel import Panel
from demo.serving.limits import LIMITS
from demo.visitors import Visitors
from lenet import mnist
from lenet.errors import InputError
from lenet.network import checkpoint
from lenet.network.lenet5 import LeNet
from lenet.network.onnx_export import onnx_file
from lenet.training.evaluation import evaluate

# A file is sent in base64, which needs four letters for three bytes.
LARGEST_FILE = LIMITS.body_bytes // 2


class NetworksPanel(Panel):
    def __init__(self, visitors: Visitors, networks: list[tuple[LeNet, dict[str, str]]]):
        listed = shipped(networks)
        by_id = {each["id"]: network for each, network in zip(listed, networks, strict=True)}

        def restore(network: Any) -> dict:
            """Store a visitor's network, {"id", "label", "content"}, again if it was evicted; return its id."""
            known = visitors.model(network["id"])[1]
            return {"id": network["id"] if known else visitors.keep(_read(network["label"], network["content"])[0])}

        def load(file: Any) -> dict:
            """Load a network from a visitor's file, {"name", "content"}."""
            model, _ = _read(file["name"], file["content"])
            accuracy = evaluate(model, mnist.final_test()).accuracy
            label = Path(file["name"]).stem[:24]
            return {"id": visitors.keep(model), "label": label, "accuracy": accuracy, "network": model.name}

        def file(options: Any) -> dict:
            """Return a file to save, from {"id", or "content" of a visitor's own network; "kind": "safetensors" or
            "onnx"}."""
            own = options.get("content")
            if not own and options["id"] not in by_id:
                raise InputError("There are no shipped weights with this id; send the content of your own.")
            model, metadata = _read("It", own) if own else by_id[options["id"]]
            content = onnx_file(model, metadata) if options["kind"] == "onnx" else checkpoint.as_bytes(model, metadata)
            name = f"{checkpoint.SHIPPED_OF[model.name].stem}.{options['kind']}"
            return {"name": name, "content": base64.b64encode(content).decode()}

        functions = {"restore": restore, "load": load, "file": file}
        super().__init__("networks", functions=functions, largest_file=LARGEST_FILE, networks=listed)


def _read(name: Any, content: Any) -> tuple[LeNet, dict[str, str]]:
    """Return the network in a file's base64 content; None means that the file is too large. Raises InputError."""
    if content is None:
        raise InputError(f"{name} has more than {LARGEST_FILE:,} bytes, too many for LeNet-5.")
    try:
        whole = base64.b64decode(content, validate=True)
    except (TypeError, ValueError) as fault:
        raise InputError("A file must come as its name and its content in base64.") from fault
    return checkpoint.from_bytes(whole, str(name))
