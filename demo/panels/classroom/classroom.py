"""For a class before a projector or a stand: the last drawings as small pictures, and a sheet that clears itself."""

from demo.panels.panel import Panel


class ClassroomPanel(Panel):
    def __init__(self):
        super().__init__("classroom")
