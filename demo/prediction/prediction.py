"""What a network reads: the digit in large, and the probability of each of the ten."""

from demo.panel import Panel
from lenet.model import CLASSES, LeNet


class Prediction(Panel):
    def __init__(self, model: LeNet):
        super().__init__("prediction", network=model.name, title=model.title, digits=list(range(CLASSES)))
