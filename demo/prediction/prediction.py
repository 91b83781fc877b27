"""What the network reads: the digit in large, and the probability of each of the ten."""

from demo.panel import Panel
from lenet.model import CLASSES


class Prediction(Panel):
    def __init__(self):
        super().__init__("prediction", digits=list(range(CLASSES)))
