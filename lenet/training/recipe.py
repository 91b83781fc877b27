"""How to train: the settings, their bounds, and the command for them."""

import shlex
from dataclasses import dataclass, fields

import torch

from lenet.errors import InputError

# The lowest and the highest value of each setting.
BOUNDS = {
    "epochs": (1, 1_000),
    "batch_size": (8, 4_096),
    "learning_rate": (1e-6, 1.0),
    "seed": (0, 2**31 - 1),
    "augmentation": (0.0, 2.0),
    "fraction": (0.001, 1.0),
    "hardest": (0.01, 1.0),
    "teacher_epochs": (0, 100),
    "copies": (1, 100),
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
    augmentation: float = 0.0  # strength of distortions, styles and non-digits; 0 for none of them
    optimiser: str = "adamw"  # or "sgd": stochastic gradient descent as in 1998, with momentum
    fraction: float = 1.0  # of the training digits that are used
    hardest: float = 0.2  # the share of them in epochs after the first: those with the highest loss
    teacher_epochs: int = 0  # of each teacher network, whose soft labels are trained on; 0 for MNIST's own labels
    copies: int = 30  # distorted copies of each digit that get soft labels

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
        """The shell command that trains so: the network of this name from scratch, or on from the file `start`."""
        options = [
            f"--{field.name.replace('_', '-')} {getattr(self, field.name)}"
            for field in fields(self)
            if getattr(self, field.name) != field.default
        ]
        origin = [f"--start {shlex.quote(start)}"] if start else [f"--network {network}"] * (network != "modern")
        return " ".join(["python -m lenet.train", *options, *origin])


def default_recipe(device: torch.device) -> Recipe:
    """A good short run on this device: a GPU takes large batches and every digit in less time than a CPU few digits."""
    if device.type == "cuda":
        return Recipe(batch_size=512, learning_rate=0.01, hardest=1.0)
    return Recipe()


def thorough_recipe(device: torch.device) -> Recipe | None:
    """The best short distillation, where it takes less than two minutes: on CUDA. None elsewhere."""
    if device.type != "cuda":
        return None
    shared = {"batch_size": 512, "learning_rate": 0.012, "augmentation": 0.6, "hardest": 1.0}
    return Recipe(epochs=185, teacher_epochs=30, copies=30, **shared)
