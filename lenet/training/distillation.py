"""The networks that LeNet-5 learns from: wider and deeper ones, used in training and nowhere else."""

import torch
from torch import Tensor, nn

from lenet.network.lenet5 import CLASSES, LeNet5
from lenet.training.recipe import Recipe

DROPOUT = 0.3
# Of its own training, chosen on the validation split for teachers of two wider convolutions and kept for these.
LEARNING_RATE = 0.003
# Of each teacher; what they say is averaged.
SEEDS = (1, 2, 3, 4)


class Teacher(nn.Sequential):
    """From a (N, 1, 32, 32) batch of normalised digits to (N, 10) logits, as LeNet5; 319,130 parameters."""

    normalise = staticmethod(LeNet5.normalise)

    def read(self, pixels: Tensor) -> Tensor:
        """The ten logits of pictures as they are: (N, 1, 32, 32) pixels from 0 paper to 255 ink."""
        return self(self.normalise(pixels))

    def __init__(self):
        super().__init__(
            *_convolution(1, 24, 5, nn.MaxPool2d(2)),
            *_convolution(24, 48, 3),
            *_convolution(48, 64, 3, nn.MaxPool2d(2)),
            *_convolution(64, 96, 3),
            nn.Flatten(),
            nn.Linear(96 * 3 * 3, 256),
            nn.BatchNorm1d(256),
            nn.ReLU(),
            nn.Dropout(DROPOUT),
            nn.Linear(256, CLASSES),
        )

    def forward(self, x: Tensor) -> Tensor:
        """In bfloat16, which takes half the time on a GPU and on a CPU that knows it."""
        with torch.autocast(x.device.type, torch.bfloat16, enabled=x.device.type != "mps"):
            return super().forward(x).float()


def _convolution(below: int, maps: int, side: int, *pool: nn.Module) -> list[nn.Module]:
    return [nn.Conv2d(below, maps, side), nn.BatchNorm2d(maps), *pool, nn.ReLU()]


def studies(recipe: Recipe, epochs: int) -> list[Recipe]:
    """How each teacher itself learns for a network that learns by `recipe`: from every digit, every epoch."""
    shown = {"augmentation": recipe.augmentation, "fraction": recipe.fraction}
    return [Recipe(epochs=epochs, learning_rate=LEARNING_RATE, seed=seed, hardest=1.0, **shown) for seed in SEEDS]
