"""The switch that chooses the network and weights that answer, or both networks to compare."""

from demo.panels.panel import Panel
from lenet.network.lenet5 import LeNet, LeNet5
from lenet.network.original import LeNet5Of1998

LABELS = {LeNet5.name: "Modern", LeNet5Of1998.name: "Original 1998"}


class NetworkSwitchPanel(Panel):
    """`networks` are the shipped ones with their metadata; the first answers until another is chosen."""

    def __init__(self, networks: list[tuple[LeNet, dict[str, str]]]):
        super().__init__("network_switch", shipped=shipped(networks))


def shipped(networks: list[tuple[LeNet, dict[str, str]]]) -> list[dict]:
    """Return the shipped networks as the page lists them; the first has the id ""."""
    return [
        {
            "network": model.name,
            "label": LABELS[model.name],
            "id": model.name if i else "",
            "accuracy": float(metadata["test_accuracy"]) if "test_accuracy" in metadata else None,
        }
        for i, (model, metadata) in enumerate(networks)
    ]
