"""MNIST as tensors: 55,000 digits to train on, 5,000 to choose by, 10,000 to report on once."""

import functools
import hashlib
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

ROOT = Path(__file__).resolve().parent.parent / "data"
VALIDATION = 5_000
TEST_IMAGES = 10_000
SPLIT_SEED = 1998
# MD5 of the files as they are read; torchvision knows those of the packed files only.
UNPACKED = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}


class MnistError(ValueError):
    """The data set can't be read; the message is one sentence for people."""


class Digits(NamedTuple):
    """Pictures and what they show."""

    images: Tensor  # (N, 28, 28) uint8, 0 paper to 255 ink
    labels: Tensor  # (N,) int64, 0 to 9

    def to(self, device: torch.device) -> "Digits":
        return Digits(self.images.to(device), self.labels.to(device))


@functools.cache
def training_and_validation(root: Path = ROOT) -> tuple[Digits, Digits]:
    """The 60,000 training images, split once and for all into 55,000 and 5,000."""
    images, labels = _read(root, train=True)
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(SPLIT_SEED))
    train, validation = order[VALIDATION:], order[:VALIDATION]
    return Digits(images[train], labels[train]), Digits(images[validation], labels[validation])


@functools.cache
def final_test(root: Path = ROOT) -> Digits:
    """The 10,000 test images. Nothing is ever chosen by them."""
    return _read(root, train=False)


def _read(root: Path, train: bool) -> Digits:
    # torchvision costs 1.5 s and 150 MB to import, so only those who read MNIST pay for it.
    from torchvision.datasets import MNIST

    raw = Path(root) / "MNIST" / "raw"
    _check_unpacked(raw, "train" if train else "t10k")
    try:
        # Unpacks the committed .gz files; downloads what is missing or has the wrong checksum.
        data = MNIST(root, train=train, download=True)
    except (RuntimeError, OSError) as fault:
        raise MnistError(f"MNIST in {raw} is missing or damaged: {str(fault).splitlines()[0].rstrip(':')}.") from fault
    return Digits(data.data, data.targets)


def _check_unpacked(raw: Path, prefix: str) -> None:
    """torchvision reads what is unpacked already as it is, however damaged."""
    for name, md5 in UNPACKED.items():
        path = raw / name
        if name.startswith(prefix) and path.exists() and _md5(path) != md5:
            raise MnistError(f"{path} is damaged; delete it and it is unpacked again.")


def _md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
