"""The row under an answer that says whether it is right, and what it should have been."""

from demo.panel import Panel
from lenet.model import CLASSES


class Teach(Panel):
    def __init__(self):
        super().__init__("teach", digits=list(range(CLASSES)))
