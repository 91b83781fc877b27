"""The preparation's steps: how the drawing becomes what MNIST's digits look like."""

from demo.language.phrases import number
from demo.panels.panel import Panel
from lenet.network.lenet5 import DEVIATION, INPUT_SIDE, MEAN, LeNet5
from lenet.network.original import BLACK, WHITE, LeNet5Of1998
from lenet.reading.preparation import BOX_SIDE

STEPS = (
    ("Find the ink", "Redrawn with a pen for its size."),
    (f"Fit into {BOX_SIDE}×{BOX_SIDE}", "Proportions kept, edges grey."),
    (f"Centre in {INPUT_SIDE}×{INPUT_SIDE}", "By its centre of mass."),
    ("Normalise", f"(pixel − {MEAN}) ÷ {DEVIATION}"),
)
# What the last step is for the network of that name.
NORMALISED = {LeNet5.name: STEPS[-1][1], LeNet5Of1998.name: f"White {number(WHITE, places=1)}, black {BLACK}"}


class PreparationPanel(Panel):
    def __init__(self):
        steps = [{"title": title, "why": why} for title, why in STEPS]
        super().__init__("preparation", steps=steps, normalised=NORMALISED)
