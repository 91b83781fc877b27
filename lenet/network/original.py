"""The original LeNet-5 of 1998, after section II.B and appendix A of its paper.

benchmarks/ORIGINAL.md says how the paper was interpreted, and where the training here differs.
"""

from types import MappingProxyType

import torch
from torch import Tensor, nn

from lenet.network.layers import Convolution, FullConnection, RadialBasis, Subsampling, TableConvolution
from lenet.network.lenet5 import Activation, LeNet, Operation

# The input's values for white and black: they give a digit a mean of about 0 and a variance of about 1.
WHITE, BLACK = -0.1, 1.175
# The maps of S2 that each map of C3 reads: the paper's table I.
CONNECTIONS = (
    *((0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (4, 5, 0), (5, 0, 1)),
    *((0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (3, 4, 5, 0), (4, 5, 0, 1), (5, 0, 1, 2)),
    *((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5)),
    (0, 1, 2, 3, 4, 5),
)
AMPLITUDE, SLOPE = 1.7159, 2 / 3


def scaled_tanh(sums: Tensor) -> Tensor:
    """Return the paper's f(a) = A tanh(S a), which maps 1 to 1 and -1 to -1."""
    return AMPLITUDE * torch.tanh(SLOPE * sums)


SCALED_TANH = Activation("scaled tanh", scaled_tanh, MappingProxyType({"amplitude": AMPLITUDE, "slope": SLOPE}))


class LeNet5Of1998(LeNet):
    """The paper's LeNet-5, 60,000 parameters."""

    name = "1998"
    title = "LeNet-5 of 1998"
    learning_rates = MappingProxyType({"adamw": 0.003, "sgd": 0.003})
    operations = MappingProxyType(
        {
            "C1": Operation("5×5 convolution, tanh", "C1", SCALED_TANH),
            "S2": Operation("2×2 trained average, tanh", "S2", SCALED_TANH),
            "C3": Operation("5×5 convolution of some maps, tanh", "C3", SCALED_TANH),
            "S4": Operation("2×2 trained average, tanh", "S4", SCALED_TANH),
            "C5": Operation("5×5 convolution, tanh", "C5", SCALED_TANH),
            "F6": Operation("full connection, tanh", "F6", SCALED_TANH),
            "output": Operation("distances from ten codes", "output"),
        }
    )

    def __init__(self):
        super().__init__()
        self.C1 = Convolution(1, 6, 5)
        self.S2 = Subsampling(6)
        self.C3 = TableConvolution(6, CONNECTIONS, 5)
        self.S4 = Subsampling(16)
        self.C5 = FullConnection(16 * 5 * 5, 120)
        self.F6 = FullConnection(120, 84)
        self.output = RadialBasis()
        self._initialise()

    @torch.no_grad()
    def _initialise(self) -> None:
        """Draw each weight uniformly from -2.4 / F to 2.4 / F, where F is the number of a unit's inputs."""
        for layer, inputs in ((self.C1, 25), (self.S2, 4), (self.S4, 4), (self.C5, 400), (self.F6, 120)):
            for parameter in layer.parameters():
                nn.init.uniform_(parameter, -2.4 / inputs, 2.4 / inputs)
        for above, maps in enumerate(CONNECTIONS):
            inputs = 25 * len(maps)
            nn.init.uniform_(self.C3.bias[above], -2.4 / inputs, 2.4 / inputs)
            own = self.C3.pairs // self.C3.shape[1] == above
            self.C3.kernels[own] = nn.init.uniform_(self.C3.kernels[own], -2.4 / inputs, 2.4 / inputs)

    @staticmethod
    def normalise(pixels):
        """Return pixels from 0 paper to 255 ink, array or tensor, scaled to WHITE to BLACK."""
        return WHITE + pixels / 255 * (BLACK - WHITE)
