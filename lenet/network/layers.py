"""The layers that LeNet-5 is built from. Each has a kind, tensors, settings, and the terms of its units' sums.

`kind` is the layer's name in other programs: the browser's evaluator (demo/live/evaluator.js) has one function for
each kind. `tensors` names the attributes that hold its numbers; `settings` is everything else needed to compute it.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lenet.network.codes import CODES

# The squared distance at which the 1998 network finds a non-digit as likely as the digit: the paper's constant j.
RUBBISH = 5.0


class Terms(NamedTuple):
    """The terms of one unit's sum, one row for each map or unit of the stage below that it reads."""

    maps: Tensor  # (N,) the indices of these maps or units
    patches: Tensor  # (N, ...) the values that are read
    kernels: Tensor | None  # (N, ...) their weights; None for max pooling
    adds: Tensor  # (N, ...) the contribution of each value to the sum
    bias: float


class Layer(nn.Module):
    """The base class of all layers."""

    kind: str
    tensors: tuple[str, ...] = ("weight", "bias")
    weight: Tensor
    bias: Any  # a tensor, but torch also allows None

    @property
    def settings(self) -> Mapping[str, Any]:
        """The settings that a program needs, besides the tensors, to compute this layer."""
        return {}

    def terms(self, index: int, patches: Tensor) -> Terms:
        """Return the terms of one value of map or unit `index` that reads `patches`, (maps below, ...)."""
        return self._products(index, patches, torch.arange(len(patches)))

    def distances(self, outputs: Tensor) -> Tensor | None:
        """Return the squared distances from the codes that give these outputs; None for a layer without codes."""
        return None

    def _products(self, index: int, patches: Tensor, maps: Tensor) -> Terms:
        """Return the terms of a weighted sum of the chosen maps."""
        kernels = self.weight[index].to(patches).reshape(patches.shape)[maps]  # C5's weights are stored flat
        return Terms(maps, patches[maps], kernels, patches[maps] * kernels, float(self.bias[index]))


class Convolution(Layer, nn.Conv2d):
    """A convolution in which every map reads every map below."""

    kind = "convolution"


class TableConvolution(Layer):
    """A convolution in which each map reads only the maps below that `connections` lists; only their kernels exist."""

    kind = "convolution"
    tensors = ("kernels", "bias")
    pairs: Tensor

    def __init__(self, below: int, connections: tuple[tuple[int, ...], ...], side: int):
        super().__init__()
        pairs = [above * below + seen for above, maps in enumerate(connections) for seen in maps]
        self.connections = connections
        self.shape = (len(connections), below, side, side)
        self.register_buffer("pairs", torch.tensor(pairs), persistent=False)
        self.kernels = nn.Parameter(torch.empty(len(pairs), side, side))
        self.bias = nn.Parameter(torch.empty(len(connections)))

    @property
    def settings(self) -> dict[str, Any]:
        return {"connections": self.connections}

    @property
    def weight(self) -> Tensor:  # ty: ignore[incompatible-property-override]
        """The weights of the equivalent full convolution, (maps, maps below, side, side), 0 where not connected."""
        above, below, *window = self.shape
        return self.kernels.new_zeros(above * below, *window).index_copy(0, self.pairs, self.kernels).view(self.shape)

    def forward(self, maps: Tensor) -> Tensor:
        return F.conv2d(maps, self.weight, self.bias)

    def terms(self, index: int, patches: Tensor) -> Terms:
        return self._products(index, patches, torch.tensor(self.connections[index]))


class MaxPooling(Layer, nn.MaxPool2d):
    """The largest value of each 2x2 window."""

    kind = "max pooling"
    tensors = ()

    def __init__(self):
        super().__init__(2)

    def terms(self, index: int, patches: Tensor) -> Terms:
        """Return one term, the window; its largest value is the result."""
        return Terms(torch.tensor([index]), patches[[index]], None, patches[[index]], 0.0)


class Subsampling(Layer):
    """The sum of each 2x2 window, times a trained weight, plus a trained bias; one of each per map."""

    kind = "subsampling"

    def __init__(self, maps: int):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(maps))
        self.bias = nn.Parameter(torch.empty(maps))

    def forward(self, maps: Tensor) -> Tensor:
        return F.avg_pool2d(maps, 2) * (4 * self.weight[:, None, None]) + self.bias[:, None, None]

    def terms(self, index: int, patches: Tensor) -> Terms:
        own = patches[[index]]
        kernels = self.weight[index].to(own).expand_as(own)
        return Terms(torch.tensor([index]), own, kernels, own * kernels, float(self.bias[index]))


class FullConnection(Layer, nn.Linear):
    """Every unit reads every value below."""

    kind = "full connection"


class RadialBasis(Layer):
    """The output of 1998: `rubbish` minus the squared distance of F6 from each digit's code; the closest is highest.

    The paper's MAP criterion is the distance to the right code plus log(exp(-rubbish) + the sum of exp(-distance)
    over all codes). That equals the cross-entropy of these outputs with a 0 for the reject class, as everywhere here.
    """

    kind = "radial basis"
    tensors = ("codes",)
    codes: Tensor

    def __init__(self, rubbish: float = RUBBISH):
        super().__init__()
        self.rubbish = rubbish
        self.register_buffer("codes", CODES.clone(), persistent=False)

    @property
    def settings(self) -> dict[str, Any]:
        return {"rubbish": self.rubbish}

    def forward(self, f6: Tensor) -> Tensor:
        # The expanded square; the squared length of a code is its number of components.
        distances = f6.square().sum(1, keepdim=True) - 2 * f6 @ self.codes.T + self.codes.shape[1]
        return self.rubbish - distances

    def distances(self, outputs: Tensor) -> Tensor:
        return self.rubbish - outputs

    def terms(self, index: int, patches: Tensor) -> Terms:
        code = self.codes[index].to(patches)
        return Terms(torch.arange(len(patches)), patches, code, -((patches - code) ** 2), self.rubbish)
