"""Which network answers: today's, the one of 1998, or both side by side."""

from demo.panels.panel import Panel
from lenet.network.lenet5 import LeNet


class NetworkSwitchPanel(Panel):
    """The switch between the shipped networks, the first of which answers at first."""

    def __init__(self, networks: list[LeNet]):
        first, other = networks
        ids = {first: "", other: other.name}
        cards = [{"name": each.name, "title": each.title, "weights": weights} for each, weights in ids.items()]
        super().__init__("network_switch", cards=cards)
