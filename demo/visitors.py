"""What the server holds of its visitors: their own weights and the pictures they put under their strokes."""

import numpy as np

from demo.store import Store
from lenet import picture
from lenet.model import LeNet5

# A LeNet-5 is 250 kB and a picture's ink at most 400 kB, so this is 130 MB at the most.
WEIGHTS, PICTURES = 200, 200
UPLOAD = "upload/"


class Visitors:
    """The shipped network for everybody, and trained ones and pictures for those who hold their ids."""

    def __init__(self, shipped: LeNet5, weights: int = WEIGHTS, pictures: int = PICTURES):
        self.shipped = shipped
        self._models: Store[LeNet5] = Store(weights)
        self._pictures: Store[np.ndarray] = Store(pictures)

    def model(self, weights: object = "") -> tuple[LeNet5, bool]:
        """The network with this id and True; the shipped one and False where the id is not (or no more) known.

        No id, "" or None, means the shipped network and is always known.
        """
        if not weights:
            return self.shipped, True
        model = self._models.get(weights)
        return (model, True) if model else (self.shipped, False)

    def keep(self, model: LeNet5) -> str:
        """Store a visitor's network and return its id."""
        return self._models.keep(model)

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
