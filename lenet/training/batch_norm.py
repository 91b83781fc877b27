"""Batch normalisation for a network while it is trained, of which nothing is left afterwards.

Ioffe, Szegedy: "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift", 2015.
Without it up to a quarter of the units of C5 and of F6 ended as 0 whatever was drawn (benchmarks/ACCURACY.md).
"""

import copy
import math

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_linear_bn_eval

from lenet.network.layers import FullConnection
from lenet.network.lenet5 import RELU, LeNet


def normalised(model: LeNet) -> LeNet:
    """A copy to be trained from scratch, with the sums of full connections normalised before their ReLU.

    A network without such stages, as that of 1998, comes out as it is.
    """
    copied = copy.deepcopy(model)
    for stage, operation in copied.operations.items():
        layer = copied.layer(stage)
        if layer.kind == FullConnection.kind and operation.activation is RELU:
            setattr(copied, operation.layer, nn.Sequential(layer, nn.BatchNorm1d(layer.out_features)))
    return copied


def folded(model: nn.Module) -> nn.Module:
    """A copy in evaluation mode that answers as `model` does there, the normalisation's factors in its weights."""
    copied = copy.deepcopy(model).eval()
    stacks = [(name, child) for name, child in copied.named_children() if isinstance(child, nn.Sequential)]
    for name, stack in stacks:
        setattr(copied, name, fuse_linear_bn_eval(*stack))
    if stacks:
        _balance(copied)
    return copied


@torch.no_grad()
def _balance(model: LeNet) -> None:
    """Make all layers' weights evenly large, measured by He's rule, without changing an answer.

    How large C1 and C3 are is nothing to a network that is normalised afterwards, so they grow, and what is folded into
    C5 gets so small that a step of later learning would overthrow it. A ReLU and a maximum pass on a factor as it is.
    (He, Zhang, Ren, Sun: "Delving Deep into Rectifiers", 2015.)
    """
    layers = [layer for layer in model.children() if list(layer.parameters())]
    sizes = [layer.weight.square().mean().sqrt() * math.sqrt(layer.weight[0].numel() / 2) for layer in layers]
    even = torch.stack(sizes).log().mean().exp()
    grown = 1.0  # the layer's input, by its factor
    for layer, size in zip(layers, sizes, strict=True):
        layer.weight *= even / size
        grown = grown * even / size
        layer.bias *= grown
