"""The panel "All filters": the kernels of C1 and C3 as pictures, linked to the maps that they read and make."""

import numpy as np

from demo.explain.explanation import Explanation, Reading
from demo.panels.panel import encode
from demo.panels.pixels import signed
from lenet.explain.unit_sum import KERNEL
from lenet.network.lenet5 import BELOW, LeNet

STAGES = ("C1", "C3")


def show(reading: Reading, _request: dict) -> dict:
    """Return the kernels of each stage, 5 x 5 signed bytes on the scale of the stage, and which of them exist."""
    return {"side": KERNEL, "stages": [_stage(name, reading.model) for name in STAGES]}


def _stage(name: str, model: LeNet) -> dict:
    weights = model.layer(name).weight.detach().numpy()
    made, read = weights.shape[:2]
    there = abs(weights).sum((2, 3)) > 0  # in the 1998 network, C3's maps read only some maps of S2
    strongest = abs(weights).max()
    pixels = signed(np.sign(weights) * np.sqrt(abs(weights)))  # the square root keeps weak weights visible
    return {
        "name": name,
        "below": BELOW[name],
        "made": made,
        "read": read,
        "there": there.ravel().tolist(),
        "count": int(there.sum()),
        "pixels": [encode(kernel) for kernel in pixels.reshape(-1, KERNEL**2)],
        "scale": f"from −{strongest:.2f} (blue) to +{strongest:.2f} (orange)",
    }


EXPLANATION = Explanation("filters", "All filters", "the small patterns that C1 and C3 look for (kernels)", show)
