"""LeNet-5 as it was in 1998, from section II.B and appendix A of its paper.

What was read as the paper says it, and where its training departs, is told in benchmarks/ORIGINAL.md.
"""

from types import MappingProxyType

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lenet.network.codes import CODES
from lenet.network.lenet5 import LeNet, Operation

# What the input's white and black are, so that a digit's mean is about 0 and its variance about 1.
WHITE, BLACK = -0.1, 1.175
# The maps of S2 that each map of C3 sees: the paper's table I.
CONNECTIONS = (
    *((0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (4, 5, 0), (5, 0, 1)),
    *((0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (3, 4, 5, 0), (4, 5, 0, 1), (5, 0, 1, 2)),
    *((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5)),
    (0, 1, 2, 3, 4, 5),
)
AMPLITUDE, SLOPE = 1.7159, 2 / 3
# The constant of the MAP criterion: the distance at which "none of the digits" is as likely as a digit.
RUBBISH = 5.0


def squash(sums: Tensor) -> Tensor:
    """The paper's f(a) = A tanh(S a), through (1, 1) and (-1, -1), where it bends most."""
    return AMPLITUDE * torch.tanh(SLOPE * sums)


class Subsampling(nn.Module):
    """The sum of each 2x2 window, times a trained coefficient, plus a trained bias, one of each a map."""

    def __init__(self, maps: int):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(maps))
        self.bias = nn.Parameter(torch.empty(maps))

    def forward(self, maps: Tensor) -> Tensor:
        return F.avg_pool2d(maps, 2) * (4 * self.weight[:, None, None]) + self.bias[:, None, None]


class ChosenConvolution(nn.Module):
    """A convolution each of whose maps sees some of the maps below; the rest of `weight` is 0 and no parameter."""

    def __init__(self, below: int, connections: tuple[tuple[int, ...], ...], side: int):
        super().__init__()
        pairs = [above * below + seen for above, maps in enumerate(connections) for seen in maps]
        self.connections = connections
        self.shape = (len(connections), below, side, side)
        self.register_buffer("pairs", torch.tensor(pairs), persistent=False)
        self.kernels = nn.Parameter(torch.empty(len(pairs), side, side))
        self.bias = nn.Parameter(torch.empty(len(connections)))

    @property
    def weight(self) -> Tensor:
        above, below, *window = self.shape
        return self.kernels.new_zeros(above * below, *window).index_copy(0, self.pairs, self.kernels).view(self.shape)

    def forward(self, maps: Tensor) -> Tensor:
        return F.conv2d(maps, self.weight, self.bias)


class RadialBasis(nn.Module):
    """How near F6 is to each digit's code: `rubbish` less the squared distance, so that the nearest is the highest.

    The paper's MAP criterion is the distance to the right code plus log(exp(-rubbish) + the sum of exp(-distance)
    over all codes), which is the cross-entropy of these and a 0 for "none" (lenet.network.decision.with_none).
    """

    def __init__(self, rubbish: float = RUBBISH):
        super().__init__()
        self.rubbish = rubbish
        self.register_buffer("codes", CODES.clone(), persistent=False)

    def forward(self, f6: Tensor) -> Tensor:
        # The square multiplied out; a code's own square is the number of its components.
        distances = f6.square().sum(1, keepdim=True) - 2 * f6 @ self.codes.T + self.codes.shape[1]
        return self.rubbish - distances


class LeNet5Of1998(LeNet):
    """The paper's LeNet-5, 60,000 parameters."""

    name = "1998"
    title = "LeNet-5 of 1998"
    learning_rates = MappingProxyType({"adamw": 0.003, "sgd": 0.003})
    operations = MappingProxyType(
        {
            "C1": Operation("5×5 convolution, tanh", "C1", squash),
            "S2": Operation("2×2 trained average, tanh", "S2", squash),
            "C3": Operation("5×5 convolution of some maps, tanh", "C3", squash),
            "S4": Operation("2×2 trained average, tanh", "S4", squash),
            "C5": Operation("5×5 convolution, tanh", "C5", squash),
            "F6": Operation("full connection, tanh", "F6", squash),
            "output": Operation("distances from ten codes", "output"),
        }
    )

    def __init__(self):
        super().__init__()
        self.C1 = nn.Conv2d(1, 6, 5)
        self.S2 = Subsampling(6)
        self.C3 = ChosenConvolution(6, CONNECTIONS, 5)
        self.S4 = Subsampling(16)
        self.C5 = nn.Linear(16 * 5 * 5, 120)
        self.F6 = nn.Linear(120, 84)
        self.output = RadialBasis()
        self._initialise()

    @torch.no_grad()
    def _initialise(self) -> None:
        """Evenly between -2.4 / F and 2.4 / F, where F is how many inputs a unit has."""
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
        """Pixels from 0 paper to 255 ink, array or tensor, from WHITE to BLACK."""
        return WHITE + pixels / 255 * (BLACK - WHITE)
