"""The two networks, listed in NETWORKS, their checkpoints and their decision rule."""

from lenet.network.lenet5 import LeNet, LeNet5
from lenet.network.original import LeNet5Of1998

NETWORKS: dict[str, type[LeNet]] = {network.name: network for network in (LeNet5, LeNet5Of1998)}
