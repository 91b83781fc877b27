"""The networks that LeNet-5 learns from: LeNet's stages some times wider, used in training and nowhere else."""

from torch import nn

from lenet.model import CLASSES, LeNet5
from lenet.recipe import Recipe

# The maps of its two convolutions and the units of its full connection.
MAPS, UNITS = (32, 64), 256
DROPOUT = 0.3
# Of its own training, chosen with the widths on the validation split.
LEARNING_RATE = 0.003
# Of each teacher; what they say is averaged.
SEEDS = (1, 2, 3)


class Teacher(nn.Sequential):
    """From a (N, 1, 32, 32) batch of normalised digits to (N, 10) logits, as LeNet5; 465,226 parameters."""

    normalise = staticmethod(LeNet5.normalise)

    def __init__(self):
        super().__init__(
            *_convolution(1, MAPS[0]),
            *_convolution(MAPS[0], MAPS[1]),
            nn.Flatten(),
            nn.Linear(MAPS[1] * 5 * 5, UNITS),
            nn.BatchNorm1d(UNITS),
            nn.ReLU(),
            nn.Dropout(DROPOUT),
            nn.Linear(UNITS, CLASSES),
        )


def _convolution(below: int, maps: int) -> list[nn.Module]:
    return [nn.Conv2d(below, maps, 5), nn.BatchNorm2d(maps), nn.MaxPool2d(2), nn.ReLU()]


def studies(recipe: Recipe, epochs: int) -> list[Recipe]:
    """How each teacher itself learns for a network that learns by `recipe`: from every digit, every epoch."""
    shown = {"augmentation": recipe.augmentation, "fraction": recipe.fraction}
    return [Recipe(epochs=epochs, learning_rate=LEARNING_RATE, seed=seed, hardest=1.0, **shown) for seed in SEEDS]
