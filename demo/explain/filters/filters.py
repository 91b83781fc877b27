"""All kernels of C1 and C3 as pictures, linked to the maps that they read and make."""

from demo.explain.explanation import Explanation, Reading
from demo.panels.panel import encode
from demo.panels.pixels import signed
from demo.visitors import Visitors
from lenet.explain.unit_sum import KERNEL
from lenet.network.lenet5 import BELOW, LeNet

STAGES = ("C1", "C3")


class FiltersPanel(Explanation):
    def __init__(self, visitors: Visitors):
        super().__init__("filters", visitors, explain_filters)


def explain_filters(reading: Reading, _request: dict) -> dict:
    """Each kernel's 5 x 5 signed bytes on the scale of its stage, with the map it reads and the map it makes."""
    return {"side": KERNEL, "stages": [_stage(name, reading.model) for name in STAGES]}


def _stage(name: str, model: LeNet) -> dict:
    weights = model.layer(name).weight.detach().numpy()
    made, read = weights.shape[:2]
    there = abs(weights).sum((2, 3)) > 0  # in the network of 1998 C3's maps see some of S2's maps only
    return {
        "name": name,
        "below": BELOW[name],
        "made": made,
        "read": read,
        "there": there.ravel().tolist(),
        "count": int(there.sum()),
        "pixels": encode(signed(weights)),
        "scale": f"from −{abs(weights).max():.2f} (blue) to +{abs(weights).max():.2f} (orange)",
    }
