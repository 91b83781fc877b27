"""Batch norm during training, folded into the weights afterwards.

Ioffe, Szegedy: "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift", 2015.
Without it up to a quarter of the units of C5 and F6 end up with the value 0 for every drawing (benchmarks/ACCURACY.md).
"""

import copy
import math

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_linear_bn_eval

from lenet.network.layers import FullConnection, Layer
from lenet.network.lenet5 import RELU, LeNet


def add_batch_norm(model: LeNet) -> LeNet:
    """Return a copy, to be trained from scratch, with batch norm between each full connection and its ReLU."""
    copied = copy.deepcopy(model)
    for stage, operation in copied.operations.items():
        layer = copied.layer(stage)
        if layer.kind == FullConnection.kind and operation.activation is RELU:
            setattr(copied, operation.layer, nn.Sequential(layer, nn.BatchNorm1d(layer.out_features)))
    return copied


def fold_batch_norm(model: nn.Module) -> nn.Module:
    """Return a copy in evaluation mode with the same answers, with batch norm folded into the weights."""
    copied = copy.deepcopy(model).eval()
    stacks = [(name, child) for name, child in copied.named_children() if isinstance(child, nn.Sequential)]
    for name, stack in stacks:
        setattr(copied, name, fuse_linear_bn_eval(*stack))
    if stacks:
        _balance(copied)
    return copied


@torch.no_grad()
def _balance(model: LeNet) -> None:
    """Scale the weights of all layers to the same size, by He's rule, without changing an answer.

    Batch norm cancels the scale of C1 and C3, so they grow during training, and the folded C5 becomes so small that one
    step of later training would destroy it. Factors pass through ReLU and max pooling, so they can be moved to another
    layer. (He, Zhang, Ren, Sun: "Delving Deep into Rectifiers", 2015.)
    """
    layers = [layer for layer in model.children() if isinstance(layer, Layer) and list(layer.parameters())]
    sizes = [layer.weight.square().mean().sqrt() * math.sqrt(layer.weight[0].numel() / 2) for layer in layers]
    even = torch.stack(sizes).log().mean().exp()
    grown = 1.0  # the factor by which the layer's input has grown
    for layer, size in zip(layers, sizes, strict=True):
        layer.weight.mul_(even / size)
        grown = grown * even / size
        layer.bias.mul_(grown)
