"""The row of buttons under the network's figure: each opens one explanation and closes the one before."""

from demo.explain.explanation import Explanation
from demo.panels.panel import Panel


class MenuPanel(Panel):
    def __init__(self, explanations: list[Explanation]):
        super().__init__("menu", explanations=[{"name": each.name, "title": each.title} for each in explanations])
