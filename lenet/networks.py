"""The networks by the names that commands, weights files and the page call them."""

from lenet.model import LeNet, LeNet5
from lenet.original import LeNet5Of1998

NETWORKS: dict[str, type[LeNet]] = {network.name: network for network in (LeNet5, LeNet5Of1998)}
