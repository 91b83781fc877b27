"""LeNet-5 as the stages that its paper names: C1 S2 C3 S4 C5 F6 output.

LeCun, Bottou, Bengio, Haffner: "Gradient-Based Learning Applied to Document Recognition",
Proceedings of the IEEE 86(11), 1998. The stages, maps and sizes are the paper's; a network is defined by its operation
at each stage. LeNet5 is the usual modern version: ReLU instead of scaled tanh, max pooling instead of a trained
average, a C3 that reads all six maps of S2 instead of some, and ten logits instead of radial basis functions.
lenet/network/original.py is the paper's own network.
"""

from collections.abc import Callable, Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import Any, NamedTuple

from torch import Tensor, nn
from torch.nn import functional as F

from lenet.network.layers import Convolution, FullConnection, Layer, MaxPooling

INPUT_SIDE = 32
CLASSES = 10
# Mean and standard deviation of the 60,000 training images' pixels, from 0 paper to 1 ink.
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
# The stage that each stage reads.
BELOW = {name: below for below, name in pairwise([INPUT, *STAGE])}


class Activation(NamedTuple):
    """The function that turns a layer's sums into the stage's values; `kind` is its name in other programs."""

    kind: str
    function: Callable[[Tensor], Tensor]
    settings: Mapping[str, float] = MappingProxyType({})

    def __call__(self, sums: Tensor) -> Tensor:
        return self.function(sums)


RELU = Activation("relu", F.relu)


class Operation(NamedTuple):
    """A network's operation at one stage."""

    words: str
    layer: str  # the network's attribute that holds the layer
    activation: Activation | None = None


class LeNet(nn.Module):
    """The base class of both networks: one operation per stage, from normalised input, (N, 1, 32, 32), to logits."""

    name: str  # in commands and checkpoints
    title: str
    operations: Mapping[str, Operation]  # by stage
    # A good peak learning rate for each optimiser.
    learning_rates: Mapping[str, float] = MappingProxyType({"adamw": 0.005, "sgd": 0.1})

    # The lowest confidence that is answered with a digit (lenet.network.decision), chosen for the weights and stored
    # with them. With 0 the network never refuses.
    threshold = 0.0

    @staticmethod
    def normalise(pixels):
        """Return the network's input for pixels, array or tensor, from 0 paper to 255 ink."""
        raise NotImplementedError

    def read(self, pixels: Tensor, switches: Mapping[str, Tensor] | None = None) -> Tensor:
        """Return the logits, (N, 10), for pixels, (N, 1, 32, 32), from 0 paper to 255 ink."""
        return self.activations(self.normalise(pixels), switches)["output"]

    def layer(self, stage: str) -> Layer:
        return getattr(self, self.operations[stage].layer)

    def activations(self, x: Tensor, switches: Mapping[str, Tensor] | None = None) -> dict[str, Tensor]:
        """Return every stage's values by name, in order: maps (N, maps, side, side), units (N, maps). `switches` may
        hold factors for a stage's values, applied before the next stage reads them: 0 switches off."""
        values = {}
        for stage in self.operations:
            x = self.activate(stage, self.sums(stage, x))
            if switches and stage in switches:
                x = x * switches[stage]
            values[stage] = x
        return values

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits, (N, 10), for normalised inputs, (N, 1, 32, 32)."""
        return self.activations(x)["output"]

    def sums(self, stage: str, below: Tensor) -> Tensor:
        """Return the sums that a stage's layer computes from the values of the stage below."""
        return self.layer(stage)(below.flatten(1) if STAGE[stage].side == 1 else below)

    def activate(self, stage: str, sums: Tensor) -> Tensor:
        """Return a stage's values from its layer's sums."""
        activation = self.operations[stage].activation
        return activation(sums) if activation else sums

    def description(self) -> list[dict[str, Any]]:
        """Return the operations for programs in other languages, each {"stage", "maps", "side", "kind", "tensors":
        {"weight": name in `tensors`, ...}, "activation": {"kind", ...} or None} and the settings of its layer."""
        return [
            {
                **{"stage": stage.name, "maps": stage.maps, "side": stage.side, "kind": self.layer(stage.name).kind},
                "tensors": {name: f"{each.layer}.{name}" for name in self.layer(stage.name).tensors},
                "activation": each.activation and {"kind": each.activation.kind, **each.activation.settings},
                **self.layer(stage.name).settings,
            }
            for stage in STAGES
            for each in [self.operations[stage.name]]
        ]

    def tensors(self) -> dict[str, Tensor]:
        """Return all tensors that `description` names."""
        return {
            f"{each.layer}.{name}": getattr(self.layer(stage), name).detach()
            for stage, each in self.operations.items()
            for name in self.layer(stage).tensors
        }

    def parameter_count(self, stage: str | None = None) -> int:
        """Return the number of trained parameters in one stage, or in the whole network."""
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
    """The modern LeNet-5, 61,706 parameters."""

    name = "modern"
    title = "LeNet-5"
    operations = MappingProxyType(
        {
            "C1": Operation("5×5 convolution, ReLU", "conv1", RELU),
            "S2": Operation("2×2 max-pool", "pool"),
            "C3": Operation("5×5 convolution, ReLU", "conv2", RELU),
            "S4": Operation("2×2 max-pool", "pool"),
            "C5": Operation("5×5 convolution, ReLU", "fc1", RELU),
            "F6": Operation("full connection, ReLU", "fc2", RELU),
            "output": Operation("full connection", "fc3"),
        }
    )

    def __init__(self):
        super().__init__()
        self.conv1 = Convolution(1, 6, 5)
        self.pool = MaxPooling()
        self.conv2 = Convolution(6, 16, 5)
        # C5's 5x5 filters cover all of S4, so C5 is a full connection.
        self.fc1 = FullConnection(16 * 5 * 5, 120)
        self.fc2 = FullConnection(120, 84)
        self.fc3 = FullConnection(84, CLASSES)

    @staticmethod
    def normalise(pixels):
        """Return pixels from 0 paper to 255 ink, array or tensor, scaled to mean 0 and deviation 1 on the training
        set."""
        return (pixels / 255 - MEAN) / DEVIATION
