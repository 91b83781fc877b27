"""LeNet-5 as the stages its paper names: C1 S2 C3 S4 C5 F6 output.

LeCun, Bottou, Bengio, Haffner: "Gradient-Based Learning Applied to Document Recognition",
Proceedings of the IEEE 86(11), 1998. The stages, maps and sizes are the paper's. As in today's
usual reading of it, the activations are ReLU instead of scaled tanh, the pooling is max instead
of a trained average, C3 sees all six maps of S2 instead of chosen subsets, and the output is ten
logits instead of radial basis functions.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple

import torch.nn.functional as F
from torch import Tensor, nn

INPUT_SIDE = 32
CLASSES = 10


class Stage(NamedTuple):
    """What one stage of the network is: `maps` maps of `side` x `side` values (1 for a unit)."""

    name: str
    maps: int
    side: int
    operation: str
    layer: str | None  # the layer of LeNet5 that holds its parameters

    @property
    def shape(self) -> str:
        return f"{self.maps}@{self.side}×{self.side}" if self.side > 1 else f"{self.maps}"


STAGES = (
    Stage("C1", 6, 28, "5×5 convolution, ReLU", "conv1"),
    Stage("S2", 6, 14, "2×2 max-pool", None),
    Stage("C3", 16, 10, "5×5 convolution, ReLU", "conv2"),
    Stage("S4", 16, 5, "2×2 max-pool", None),
    Stage("C5", 120, 1, "5×5 convolution, ReLU", "fc1"),
    Stage("F6", 84, 1, "full connection, ReLU", "fc2"),
    Stage("output", CLASSES, 1, "full connection", "fc3"),
)
STAGE = {stage.name: stage for stage in STAGES}
INPUT = "input"
# The stage that each one gets its values from.
BELOW = {name: below for below, name in pairwise([INPUT, *STAGE])}


class LeNet5(nn.Module):
    """61,706 parameters from a (N, 1, 32, 32) batch of normalised digits to (N, 10) logits."""

    # The least confidence that is answered with a digit (lenet.decide). It goes with the weights, and
    # networks for which none was chosen never decline.
    threshold = 0.0

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        # C5's 120 filters of 5x5 cover the whole of S4, so they are a full connection.
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, CLASSES)

    def activations(self, x: Tensor, switches: Mapping[str, Tensor] | None = None) -> dict[str, Tensor]:
        """Every stage's values by its name, in order: maps (N, maps, side, side), units (N, maps).

        `switches` may hold factors for a stage's values, before the next stage sees them: 0 switches off.
        """

        def switched(name: str, values: Tensor) -> Tensor:
            return values * switches[name] if switches and name in switches else values

        c1 = switched("C1", F.relu(self.conv1(x)))
        s2 = switched("S2", F.max_pool2d(c1, 2))
        c3 = switched("C3", F.relu(self.conv2(s2)))
        s4 = switched("S4", F.max_pool2d(c3, 2))
        c5 = switched("C5", F.relu(self.fc1(s4.flatten(1))))
        f6 = switched("F6", F.relu(self.fc2(c5)))
        output = switched("output", self.fc3(f6))
        return {"C1": c1, "S2": s2, "C3": c3, "S4": s4, "C5": c5, "F6": f6, "output": output}

    def forward(self, x: Tensor) -> Tensor:
        """The ten logits, (N, 10), of a batch of inputs, (N, 1, 32, 32)."""
        return self.activations(x)["output"]

    def sums(self, stage: Stage, below: Tensor) -> Tensor:
        """A stage's sums before its ReLU, from the values of the stage below it; of a stage with a layer."""
        layer = getattr(self, stage.layer)
        return layer(below.flatten(1) if isinstance(layer, nn.Linear) else below)

    def parameter_count(self, stage: Stage | None = None) -> int:
        """How many numbers training can change in one stage, or in the whole network."""
        if stage is None:
            return sum(p.numel() for p in self.parameters())
        layer = getattr(self, stage.layer) if stage.layer else None
        return sum(p.numel() for p in layer.parameters()) if layer else 0

    def __repr__(self) -> str:
        rows = [f"LeNet-5, {self.parameter_count():,} parameters"]
        rows += [f"  {'input':8}1@{INPUT_SIDE}×{INPUT_SIDE}"]
        for stage in STAGES:
            count = self.parameter_count(stage)
            row = f"  {stage.name:8}{stage.shape:10}{stage.operation:24}"
            rows.append(row + (f"{count:>7,}" if count else ""))
        return "\n".join(row.rstrip() for row in rows)
