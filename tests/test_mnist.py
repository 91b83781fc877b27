"""MNIST is read from its archives, always split the same way, and a damaged file is named."""

import re
import shutil
from collections import Counter

import pytest
import torch

from lenet import mnist
from lenet.errors import InputError
from lenet.mnist import Digits
from lenet.network.lenet5 import DEVIATION, MEAN


@pytest.fixture(scope="module")
def split() -> tuple[Digits, Digits]:
    return mnist.training_and_validation()


@pytest.fixture
def root(tmp_path):
    """A temporary data folder with MNIST's archives."""
    raw(tmp_path).mkdir(parents=True)
    for archive in raw(mnist.ROOT).glob("*.gz"):
        shutil.copy(archive, raw(tmp_path))
    return tmp_path


def raw(root):
    return root / "MNIST" / "raw"


def test_the_training_images_are_split_into_55000_and_5000(split):
    training, validation = split
    assert training.images.shape == (55_000, 28, 28)
    assert training.labels.shape == (55_000,)
    assert validation.images.shape == (5_000, 28, 28)
    assert validation.labels.shape == (5_000,)


def test_every_training_image_is_in_exactly_one_split(split):
    def count_images(digits: Digits) -> Counter:
        return Counter(image.tobytes() for image in digits.images.numpy())

    training, validation = map(count_images, split)
    assert training + validation == count_images(mnist._read(mnist.ROOT, "train"))


def test_the_split_never_changes(split):
    training, validation = split
    assert training.labels[:16].tolist() == [2, 7, 1, 6, 9, 4, 5, 1, 2, 0, 8, 2, 8, 3, 0, 6]
    assert validation.labels[:16].tolist() == [0, 7, 3, 6, 1, 4, 0, 8, 2, 0, 5, 4, 3, 6, 9, 5]


def test_mean_and_deviation_are_those_of_the_training_images(split):
    counts = sum(digits.images.flatten().bincount(minlength=256) for digits in split)
    values, share = torch.arange(256).double() / 255, counts / counts.sum()
    mean = (values * share).sum()
    deviation = ((values - mean).square() * share).sum().sqrt()
    assert (round(mean.item(), 4), round(deviation.item(), 4)) == (MEAN, DEVIATION)


def test_reading_does_not_change_the_folder(root):
    before = sorted(raw(root).iterdir())
    digits = mnist.final_test(root)
    assert torch.equal(digits.images, mnist.final_test().images)
    assert torch.equal(digits.labels, mnist.final_test().labels)
    assert sorted(raw(root).iterdir()) == before


def test_digits_move_to_a_device_together(split):
    moved = split[1].to(torch.device("meta"))
    assert (moved.images.device.type, moved.labels.device.type) == ("meta", "meta")


@pytest.mark.parametrize("damage", [b"", b"not what it was"])
def test_a_damaged_archive_is_reported(root, damage):
    path = raw(root) / "t10k-labels-idx1-ubyte.gz"
    path.write_bytes(damage)
    sentence = f"MNIST's {path} is damaged: its checksum is wrong. Get it again from the repository."
    with pytest.raises(InputError, match=f"^{re.escape(sentence)}$"):
        mnist.final_test(root)


def test_a_missing_archive_is_reported(root):
    path = raw(root) / "t10k-images-idx3-ubyte.gz"
    path.unlink()
    sentence = f"MNIST's {path} can't be read: No such file or directory."
    with pytest.raises(InputError, match=f"^{re.escape(sentence)}$"):
        mnist.final_test(root)
