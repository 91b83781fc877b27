"""What a network reads: the digit in large, and the probability of each of the ten."""

from demo.panels.network_switch.network_switch import LABELS
from demo.panels.panel import Panel
from lenet.network.lenet5 import LeNet


class AnswerPanel(Panel):
    def __init__(self, model: LeNet):
        super().__init__("answer", network=model.name, title=LABELS[model.name])
