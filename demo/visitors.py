"""What the server holds of its visitors: their own weights, films of their runs, and pictures."""

import numpy as np

from demo.retrain.film import Film
from demo.serving.limits import LIMITS, Limits
from demo.store import Store
from lenet.network.lenet5 import LeNet
from lenet.reading import picture

UPLOAD = "upload/"


class Visitors:
    """The shipped networks for everybody, and trained ones and pictures for those who hold their ids."""

    def __init__(self, shipped: LeNet, limits: Limits = LIMITS, other: LeNet | None = None):
        self.shipped, self.other = shipped, other
        self._models: Store[LeNet] = Store(limits.weights, limits.unused_seconds)
        self._pictures: Store[np.ndarray] = Store(limits.pictures, limits.unused_seconds)
        self._films: Store[Film] = Store(limits.films, limits.unused_seconds)

    def model(self, weights: object = "") -> tuple[LeNet, bool]:
        """The network with this id and True; the shipped one and False where the id is not (or no more) known.

        No id, "" or None, means the shipped network and is always known; so is the name of the other one that is
        shipped. A film's id, a slash and a step mean the network as it was at that step.
        """
        if not weights:
            return self.shipped, True
        if self.other and weights == self.other.name:
            return self.other, True
        framed = isinstance(weights, str) and "/" in weights
        model = self._frame(*weights.split("/", 1)) if framed else self._models.get(weights)
        return (model, True) if model else (self.shipped, False)

    def _frame(self, film: str, step: str) -> LeNet | None:
        found = self._films.get(film)
        return found.at(int(step)) if found and step.isdecimal() and len(step) < 10 else None

    def keep(self, model: LeNet) -> str:
        """Store a visitor's network and return its id."""
        return self._models.keep(model)

    def keep_film(self, film: Film) -> str:
        """Store the film of a run, which may go on, and return its id."""
        return self._films.keep(film)

    def picture(self, name: str) -> np.ndarray:
        """The ink of what lies under the strokes, (H, W) uint8: an upload, or what lenet knows by this name.

        Raises PictureError.
        """
        if not name.startswith(UPLOAD):
            return picture.named(name)
        ink = self._pictures.get(name.removeprefix(UPLOAD))
        if ink is None:
            raise picture.PictureError("The picture under the strokes is gone from this server; put it there again.")
        return ink

    def keep_picture(self, ink: np.ndarray) -> str:
        """Store an uploaded picture's ink and return its name for drawings."""
        return UPLOAD + self._pictures.keep(ink)
