"""The one control that says which network and weights answer, and whether both networks do."""

from demo.panels.panel import Panel
from lenet.network.lenet5 import LeNet, LeNet5
from lenet.network.original import LeNet5Of1998

LABELS = {LeNet5.name: "Modern", LeNet5Of1998.name: "Original 1998"}


class NetworkSwitchPanel(Panel):
    """The shipped networks with their checkpoints' metadata; the first one answers until another is chosen."""

    def __init__(self, networks: list[tuple[LeNet, dict[str, str]]]):
        super().__init__("network_switch", shipped=shipped(networks))


def shipped(networks: list[tuple[LeNet, dict[str, str]]]) -> list[dict]:
    """The shipped networks as the page lists them; the first one answers where no id is given."""
    return [
        {
            "network": model.name,
            "label": LABELS[model.name],
            "id": model.name if i else "",
            "accuracy": float(facts["test_accuracy"]) if "test_accuracy" in facts else None,
        }
        for i, (model, facts) in enumerate(networks)
    ]
