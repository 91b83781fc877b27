"""How to train: what can be wished for, in which bounds, and as the command that does it."""

import shlex
from dataclasses import dataclass, fields

from lenet.errors import InputError

# The lowest and the highest that a recipe may ask for.
BOUNDS = {
    "epochs": (1, 1_000),
    "batch_size": (8, 4_096),
    "learning_rate": (1e-6, 1.0),
    "seed": (0, 2**31 - 1),
    "augmentation": (0.0, 2.0),
    "fraction": (0.001, 1.0),
    "hardest": (0.01, 1.0),
}
OPTIMISERS = ("adamw", "sgd")


class RecipeError(InputError):
    """A recipe out of bounds; the message is one sentence for people."""


@dataclass(frozen=True)
class Recipe:
    """How to train. The defaults read 99 % of MNIST's test digits after some seconds on two cores."""

    epochs: int = 5
    batch_size: int = 128
    learning_rate: float = 0.005
    seed: int = 1
    augmentation: float = 0.0  # strength of distortions, styles and pictures of no digit; 0 for none of them
    optimiser: str = "adamw"  # or "sgd": stochastic gradient descent as in 1998, with momentum
    fraction: float = 1.0  # of the training digits that are used
    hardest: float = 0.2  # of these, what the epochs after the first show: those with the largest loss

    def __post_init__(self):
        if self.optimiser not in OPTIMISERS:
            raise RecipeError(f"optimiser must be {' or '.join(OPTIMISERS)}, not {self.optimiser!r}.")
        for name, (low, high) in BOUNDS.items():
            value = getattr(self, name)
            whole = isinstance(low, int)
            if type(value) not in ((int,) if whole else (int, float)) or not low <= value <= high:
                kind = "a whole number" if whole else "a number"
                raise RecipeError(f"{name.replace('_', ' ')} must be {kind} from {low} to {high}, not {value!r}.")

    def command(self, start: str = "", network: str = "modern") -> str:
        """What trains by this recipe in a shell: the network of this name from scratch, or the weights file `start`."""
        wishes = [
            f"--{field.name.replace('_', '-')} {getattr(self, field.name)}"
            for field in fields(self)
            if getattr(self, field.name) != field.default
        ]
        origin = [f"--start {shlex.quote(start)}"] if start else [f"--network {network}"] * (network != "modern")
        return " ".join(["python -m lenet.train", *wishes, *origin])
