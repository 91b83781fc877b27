"""The visitors' objects on the server: their weights, films of their runs, and pictures."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from demo.retrain.film import Film
from demo.serving.limits import LIMITS, Limits
from demo.store import Store
from lenet.errors import InputError
from lenet.network.lenet5 import LeNet
from lenet.reading import picture

UPLOAD = "upload/"
# The number of visitors' networks that a worker keeps, with the values cached for each.
LENT = 8
# The most texts in a request that are looked up as names of stored objects.
MOST_NAMES = 1_000


@dataclass
class Lent:
    """The visitors' objects that a worker needs for one request: networks and pictures by their ids."""

    models: dict[str, LeNet] = field(default_factory=dict)
    pictures: dict[str, np.ndarray] = field(default_factory=dict)


class Visitors:
    """The shipped networks, and the networks, films and pictures of visitors, who know their ids."""

    def __init__(self, shipped: LeNet, limits: Limits = LIMITS, other: LeNet | None = None):
        self.shipped, self.other = shipped, other
        self._models: Store[LeNet] = Store(limits.weights, limits.unused_seconds)
        self._pictures: Store[np.ndarray] = Store(limits.pictures, limits.unused_seconds)
        self._films: Store[Film] = Store(limits.films, limits.unused_seconds)
        self._lent = Lent()
        self._borrowed: dict[str, LeNet] = {}  # the latest, with what is computed once for each

    def model(self, weights: object = "") -> tuple[LeNet, bool]:
        """Return the network with this id and True; the shipped one and False if the id is unknown or evicted.

        "" and None mean the shipped network, "1998" the other one, and a film's id, a slash and a step the network at
        that step of a run.
        """
        if not weights:
            return self.shipped, True
        if self.other and weights == self.other.name:
            return self.other, True
        model = self._own(weights) if isinstance(weights, str) else None
        return (model, True) if model else (self.shipped, False)

    def known(self, weights: object) -> LeNet:
        """Return the network with this id. Raises InputError if it is unknown or evicted."""
        model, known = self.model(weights)
        if not known:
            raise InputError("The server does not have these weights, or no longer: use others, or train again.")
        return model

    def _own(self, weights: str) -> LeNet | None:
        if weights in self._lent.models:
            return self._lent.models[weights]
        if "/" not in weights:
            return self._models.get(weights)
        film, step = weights.split("/", 1)
        found = self._films.get(film)
        return found.at(int(step)) if found and step.isdecimal() and len(step) < 10 else None

    def keep(self, model: LeNet, owner: str = "") -> str:
        """Store a visitor's network and return its id; `owner` is the visitor's address."""
        return self._models.keep(model, owner)

    def keep_film(self, film: Film, owner: str = "") -> str:
        """Store the film of a run, which may still grow, and return its id; `owner` is the visitor's address."""
        return self._films.keep(film, owner)

    def picture(self, name: str) -> np.ndarray:
        """Return the ink, (H, W) uint8, of an uploaded picture or of one of MNIST's. Raises InputError."""
        if not name.startswith(UPLOAD):
            return picture.named(name)
        ink = self._lent.pictures.get(name)
        ink = self._pictures.get(name.removeprefix(UPLOAD)) if ink is None else ink
        if ink is None:
            raise InputError("The picture under the strokes is gone from this server; put it there again.")
        return ink

    def keep_picture(self, ink: np.ndarray, owner: str = "") -> str:
        """Store an uploaded picture's ink and return its name for drawings; `owner` is the visitor's address."""
        return UPLOAD + self._pictures.keep(ink, owner)

    def lend(self, request: Any) -> Lent:
        """Return the visitors' networks and pictures that a request names, for the worker that answers it."""
        lent = Lent()
        for name in _texts(request):
            if name.startswith(UPLOAD):
                ink = self._pictures.get(name.removeprefix(UPLOAD))
                lent.pictures |= {} if ink is None else {name: ink}
            elif model := self._own(name):
                lent.models[name] = model
        return lent

    def borrow(self, lent: Lent) -> None:
        """In a worker: use these objects for the next request."""
        kept = self._borrowed
        new = {name: kept.pop(name, model) for name, model in lent.models.items()}
        self._borrowed = dict(list((kept | new).items())[-max(LENT, len(new)) :])
        self._lent = Lent(new, lent.pictures)

    def hand_over(self) -> Lent:
        """In a worker: return the networks and pictures stored during the request, which the server has to keep."""
        return Lent(self._models.take_all(), self._pictures.take_all())

    def take_over(self, kept: Lent, owner: str) -> None:
        """In the server: store a worker's new objects for the visitor with this address."""
        for key, model in kept.models.items():
            self._models.put(key, model, owner)
        for key, ink in kept.pictures.items():
            self._pictures.put(key, ink, owner)


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts in a JSON value that may name stored objects, which those in "strokes" and "off" can't."""
    left, seen = [value], 0
    while left and seen < MOST_NAMES:
        value = left.pop()
        seen += 1
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            left.extend(each for key, each in value.items() if key not in ("strokes", "off"))
        elif isinstance(value, list):
            left.extend(value[:MOST_NAMES])
