"""Batch normalisation for a network while it is trained, of which nothing is left afterwards.

Ioffe, Szegedy: "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift", 2015.
Without it up to a third of the units of C5 and F6 ended as 0 whatever was drawn.
"""

import copy

from torch import nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_linear_bn_eval

from lenet.model import LeNet


def normalised(model: LeNet) -> LeNet:
    """A copy to be trained from scratch, with the sums of full connections normalised before their ReLU.

    A network without such stages, as that of 1998, comes out as it is.
    """
    copied = copy.deepcopy(model)
    for stage, operation in copied.operations.items():
        layer = copied.layer(stage)
        if isinstance(layer, nn.Linear) and operation.squash is F.relu:
            setattr(copied, operation.layer, nn.Sequential(layer, nn.BatchNorm1d(layer.out_features)))
    return copied


def folded(model: nn.Module) -> nn.Module:
    """A copy in evaluation mode that answers as `model` does there, the normalisation's factors in its weights."""
    copied = copy.deepcopy(model).eval()
    for name, child in copied.named_children():
        if isinstance(child, nn.Sequential):
            setattr(copied, name, fuse_linear_bn_eval(*child))
    return copied
