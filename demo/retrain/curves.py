"""The curves of a run, and the slider that replays it; drawn in the browser as the records arrive."""

from demo.panels.panel import Panel


class CurvesPanel(Panel):
    def __init__(self):
        super().__init__("curves")
