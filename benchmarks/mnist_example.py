"""PyTorch's MNIST example, rewritten from its description, to compare the training time with.

Two 3x3 convolutions of 32 and 64 maps, a 2x2 max-pool, dropout of a quarter, 128 units, dropout of a half, ten
logits: 1.2 million parameters. Adadelta with a rate of 1 that is multiplied by 0.7 after each epoch, batches of 64,
images normalised one by one by a DataLoader.
"""

import time
from collections.abc import Callable, Iterator

import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from lenet import mnist
from lenet.mnist import Digits
from lenet.network.lenet5 import DEVIATION, MEAN

EPOCHS = 14
BATCH, TEST_BATCH = 64, 1_000
GAMMA = 0.7


class Pictures(Dataset):
    """MNIST's digits as PIL images, each transformed when it is needed, as torchvision's data set does."""

    def __init__(self, digits: Digits, transform: Callable):
        self._digits, self._transform = digits, transform

    def __len__(self) -> int:
        return len(self._digits.labels)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        picture = Image.fromarray(self._digits.images[index].numpy())
        return self._transform(picture), int(self._digits.labels[index])


def network() -> nn.Module:
    """Return the example's network, from (N, 1, 28, 28) to (N, 10) logits."""
    return nn.Sequential(
        nn.Conv2d(1, 32, 3),
        nn.ReLU(),
        nn.Conv2d(32, 64, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Dropout(0.25),
        nn.Flatten(),
        nn.Linear(64 * 12 * 12, 128),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(128, 10),
    )


def run(seed: int, device: torch.device) -> Iterator[tuple[float, float]]:
    """Train, and yield after each epoch the seconds of training so far, and the accuracy on the test set."""
    torch.manual_seed(seed)
    prepared = transforms.Compose([transforms.ToTensor(), transforms.Normalize((MEAN,), (DEVIATION,))])
    both_parts = Digits(*map(torch.cat, zip(*mnist.training_and_validation(), strict=True)))
    training = DataLoader(Pictures(both_parts, prepared), BATCH, shuffle=True)
    test = DataLoader(Pictures(mnist.final_test(), prepared), TEST_BATCH)
    model = network().to(device)
    optimiser = torch.optim.Adadelta(model.parameters(), lr=1.0)
    schedule = torch.optim.lr_scheduler.StepLR(optimiser, 1, GAMMA)
    seconds = 0.0
    for _ in range(EPOCHS):
        started = time.perf_counter()
        _epoch(model.train(), training, optimiser, device)
        seconds += time.perf_counter() - started
        schedule.step()
        yield seconds, _accuracy(model.eval(), test, device)


def _epoch(model: nn.Module, batches: DataLoader, optimiser: torch.optim.Optimizer, device: torch.device) -> None:
    for pictures, labels in batches:
        optimiser.zero_grad()
        loss = F.cross_entropy(model(pictures.to(device)), labels.to(device))
        loss.backward()
        optimiser.step()
    loss.item()  # waits for the GPU


@torch.inference_mode()
def _accuracy(model: nn.Module, batches: DataLoader, device: torch.device) -> float:
    right = sum(int((model(pictures.to(device)).argmax(1) == labels.to(device)).sum()) for pictures, labels in batches)
    return right / len(batches.dataset)
