"""The row under an answer that says whether it is right, and what it should have been."""

from demo.panels.panel import Panel


class TeachPanel(Panel):
    def __init__(self):
        super().__init__("teach")
