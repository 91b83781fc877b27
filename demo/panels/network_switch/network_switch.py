"""The one control that says which network and weights answer, and whether both networks do."""

from demo.panels.panel import Panel
from lenet.network.lenet5 import LeNet, LeNet5
from lenet.network.original import LeNet5Of1998

LABELS = {LeNet5.name: "Modern", LeNet5Of1998.name: "Original 1998"}


class NetworkSwitchPanel(Panel):
    """The shipped networks with their checkpoints' metadata; the first one answers until another is chosen."""

    def __init__(self, networks: list[tuple[LeNet, dict[str, str]]]):
        (first, _), (other, _) = networks
        ids = {first: "", other: other.name}
        shipped = [
            {
                "network": model.name,
                "label": LABELS[model.name],
                "id": ids[model],
                "accuracy": float(facts["test_accuracy"]) if "test_accuracy" in facts else None,
            }
            for model, facts in networks
        ]
        super().__init__("network_switch", shipped=shipped)
