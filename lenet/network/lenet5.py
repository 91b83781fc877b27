"""LeNet-5 as the stages its paper names: C1 S2 C3 S4 C5 F6 output.

LeCun, Bottou, Bengio, Haffner: "Gradient-Based Learning Applied to Document Recognition",
Proceedings of the IEEE 86(11), 1998. The stages, maps and sizes are the paper's, and so a network here
is what happens at each of them. LeNet5 is today's usual reading: the activations are ReLU instead of
scaled tanh, the pooling is max instead of a trained average, C3 sees all six maps of S2 instead of
chosen subsets, and the output is ten logits instead of radial basis functions. lenet/network/original.py has
the paper's own.
"""

from collections.abc import Callable, Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

import torch.nn.functional as F
from torch import Tensor, nn

INPUT_SIDE = 32
CLASSES = 10
# Mean and standard deviation of the 60,000 training images' pixels, 0 paper to 1 ink.
MEAN, DEVIATION = 0.1307, 0.3081


class Stage(NamedTuple):
    """The size of one stage: `maps` maps of `side` x `side` values (1 for a unit)."""

    name: str
    maps: int
    side: int

    @property
    def shape(self) -> str:
        return f"{self.maps}@{self.side}×{self.side}" if self.side > 1 else f"{self.maps}"


STAGES = (
    Stage("C1", 6, 28),
    Stage("S2", 6, 14),
    Stage("C3", 16, 10),
    Stage("S4", 16, 5),
    Stage("C5", 120, 1),
    Stage("F6", 84, 1),
    Stage("output", CLASSES, 1),
)
STAGE = {stage.name: stage for stage in STAGES}
INPUT = "input"
# The stage that each one gets its values from.
BELOW = {name: below for below, name in pairwise([INPUT, *STAGE])}


class Operation(NamedTuple):
    """What a network does at one stage: its layer, and what makes the layer's sums the stage's values."""

    words: str
    layer: str  # the attribute that holds it
    squash: Callable[[Tensor], Tensor] | None = None


class LeNet(nn.Module):
    """Seven operations, one a stage, from a (N, 1, 32, 32) batch of normalised digits to (N, 10) logits."""

    name: str  # what commands and weights files call it
    title: str
    operations: Mapping[str, Operation]  # by stage
    # By optimiser, a learning rate that goes well as the highest of a cycle.
    learning_rates: Mapping[str, float] = MappingProxyType({"adamw": 0.005, "sgd": 0.1})

    # The least confidence that is answered with a digit (lenet.network.decision). It goes with the weights, and
    # networks for which none was chosen never decline.
    threshold = 0.0

    @staticmethod
    def normalise(pixels):
        """Pixels from 0 paper to 255 ink, array or tensor, as the network wants them."""
        raise NotImplementedError

    def layer(self, stage: str) -> nn.Module:
        return getattr(self, self.operations[stage].layer)

    def activations(self, x: Tensor, switches: Mapping[str, Tensor] | None = None) -> dict[str, Tensor]:
        """Every stage's values by its name, in order: maps (N, maps, side, side), units (N, maps).

        `switches` may hold factors for a stage's values, before the next stage sees them: 0 switches off.
        """
        values = {}
        for stage in self.operations:
            x = self.squash(stage, self.sums(stage, x))
            if switches and stage in switches:
                x = x * switches[stage]
            values[stage] = x
        return values

    def forward(self, x: Tensor) -> Tensor:
        """The ten logits, (N, 10), of a batch of inputs, (N, 1, 32, 32)."""
        return self.activations(x)["output"]

    def sums(self, stage: str, below: Tensor) -> Tensor:
        """What a stage's layer makes of the values of the stage below it."""
        return self.layer(stage)(below.flatten(1) if STAGE[stage].side == 1 else below)

    def squash(self, stage: str, sums: Tensor) -> Tensor:
        """A stage's values, from its layer's sums."""
        squash = self.operations[stage].squash
        return squash(sums) if squash else sums

    def parameter_count(self, stage: str | None = None) -> int:
        """How many numbers training can change in one stage, or in the whole network."""
        return sum(p.numel() for p in (self.layer(stage) if stage else self).parameters())

    def __repr__(self) -> str:
        rows = [f"{self.title}, {self.parameter_count():,} parameters"]
        rows += [f"  {'input':8}1@{INPUT_SIDE}×{INPUT_SIDE}"]
        for stage in STAGES:
            count = self.parameter_count(stage.name)
            row = f"  {stage.name:8}{stage.shape:10}{self.operations[stage.name].words:24}"
            rows.append(row + (f"{count:>7,}" if count else ""))
        return "\n".join(row.rstrip() for row in rows)


class LeNet5(LeNet):
    """Today's LeNet-5, 61,706 parameters."""

    name = "modern"
    title = "LeNet-5"
    operations = MappingProxyType(
        {
            "C1": Operation("5×5 convolution, ReLU", "conv1", F.relu),
            "S2": Operation("2×2 max-pool", "pool"),
            "C3": Operation("5×5 convolution, ReLU", "conv2", F.relu),
            "S4": Operation("2×2 max-pool", "pool"),
            "C5": Operation("5×5 convolution, ReLU", "fc1", F.relu),
            "F6": Operation("full connection, ReLU", "fc2", F.relu),
            "output": Operation("full connection", "fc3"),
        }
    )

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.pool = nn.MaxPool2d(2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        # C5's 120 filters of 5x5 cover the whole of S4, so they are a full connection.
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, CLASSES)

    @staticmethod
    def normalise(pixels):
        """Pixels from 0 paper to 255 ink, array or tensor, less the training set's mean, over its deviation."""
        return (pixels / 255 - MEAN) / DEVIATION
