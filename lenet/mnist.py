"""MNIST as tensors: 55,000 digits for training, 5,000 for validation, 10,000 for the final test."""

import functools
import gzip
import hashlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from lenet.errors import InputError

ROOT = Path(__file__).resolve().parent.parent / "data"
VALIDATION = 5_000
TEST_IMAGES = 10_000
SPLIT_SEED = 1998
# MD5 of the four original archives: see data/MNIST/README.md.
CHECKSUMS = {
    "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
}
# Sizes of the IDX format's header in bytes: four for its type, and four for each dimension.
IMAGES_HEADER, LABELS_HEADER = 16, 8


class Digits(NamedTuple):
    """Images and their labels."""

    images: Tensor  # (N, 28, 28) uint8, 0 paper to 255 ink
    labels: Tensor  # (N,) int64, 0 to 9

    def to(self, device: torch.device) -> "Digits":
        return Digits(self.images.to(device), self.labels.to(device))


@functools.cache
def training_and_validation(root: Path = ROOT) -> tuple[Digits, Digits]:
    """Return the training and the validation split of the 60,000 training images, the same at every call."""
    images, labels = _read(root, "train")
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(SPLIT_SEED))
    train, validation = order[VALIDATION:], order[:VALIDATION]
    return Digits(images[train], labels[train]), Digits(images[validation], labels[validation])


@functools.cache
def final_test(root: Path = ROOT) -> Digits:
    """Return the 10,000 test images. No setting may be chosen by their results."""
    return _read(root, "t10k")


def _read(root: Path, part: str) -> Digits:
    """Read one part of MNIST from its archives, in memory, so that the folder may be read-only."""
    images = _unpacked(root, f"{part}-images-idx3-ubyte.gz")[IMAGES_HEADER:].reshape(-1, 28, 28)
    labels = _unpacked(root, f"{part}-labels-idx1-ubyte.gz")[LABELS_HEADER:]
    return Digits(torch.from_numpy(images), torch.from_numpy(labels).long())


def _unpacked(root: Path, name: str) -> np.ndarray:
    """Return the bytes of one archive's file, as a writable array, which torch needs. Raises InputError."""
    path = Path(root) / "MNIST" / "raw" / name
    try:
        packed = path.read_bytes()
    except OSError as fault:
        raise InputError(f"MNIST's {path} can't be read: {fault.strerror}.") from fault
    if hashlib.md5(packed, usedforsecurity=False).hexdigest() != CHECKSUMS[name]:
        raise InputError(f"MNIST's {path} is damaged: its checksum is wrong. Get it again from the repository.")
    return np.frombuffer(bytearray(gzip.decompress(packed)), np.uint8)
