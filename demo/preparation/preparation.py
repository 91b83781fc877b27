"""The preparation's steps: how the drawing becomes what MNIST's digits look like."""

from demo.panel import Panel
from lenet.model import DEVIATION, INPUT_SIDE, MEAN
from lenet.prepare import BOX_SIDE

STEPS = (
    ("Find the ink", "Redrawn with a pen for its size."),
    (f"Fit into {BOX_SIDE}×{BOX_SIDE}", "Proportions kept, edges grey."),
    (f"Centre in {INPUT_SIDE}×{INPUT_SIDE}", "By its centre of mass."),
    ("Normalise", f"(pixel − {MEAN}) ÷ {DEVIATION}"),
)


class Preparation(Panel):
    def __init__(self):
        super().__init__("preparation", steps=[{"title": title, "why": why} for title, why in STEPS])
