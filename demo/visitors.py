"""The visitors' own weights: a bounded store, each under an id that can't be guessed."""

import secrets
import threading
from collections import OrderedDict

from lenet.model import LeNet5

# A LeNet-5 is 250 kB, so this is 50 MB.
CAPACITY = 200


class Visitors:
    """The shipped network for everybody, and trained ones for those who hold their id."""

    def __init__(self, shipped: LeNet5, capacity: int = CAPACITY):
        self.shipped = shipped
        self._capacity = capacity
        self._models: OrderedDict[str, LeNet5] = OrderedDict()
        self._lock = threading.Lock()

    def model(self, weights: object = "") -> tuple[LeNet5, bool]:
        """The network with this id and True; the shipped one and False where the id is not (or no more) known.

        No id, "" or None, means the shipped network and is always known.
        """
        if not weights:
            return self.shipped, True
        with self._lock:
            if not isinstance(weights, str) or weights not in self._models:
                return self.shipped, False
            self._models.move_to_end(weights)
            return self._models[weights], True

    def keep(self, model: LeNet5) -> str:
        """Store a visitor's network and return its id; the one unused for longest goes where there is no room."""
        weights = secrets.token_urlsafe(16)
        with self._lock:
            self._models[weights] = model
            while len(self._models) > self._capacity:
                self._models.popitem(last=False)
        return weights
