"""The networks, their weights files and their decision rule; NETWORKS has them by name."""

from lenet.network.lenet5 import LeNet, LeNet5
from lenet.network.original import LeNet5Of1998

NETWORKS: dict[str, type[LeNet]] = {network.name: network for network in (LeNet5, LeNet5Of1998)}
