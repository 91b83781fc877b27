"""MNIST is read without a network, parted the same way always, and a damaged file is named."""

import re
import shutil
import urllib.error
from collections import Counter

import pytest
import torch

from lenet import mnist
from lenet.mnist import Digits, MnistError
from lenet.network.lenet5 import DEVIATION, MEAN


@pytest.fixture(scope="module")
def split() -> tuple[Digits, Digits]:
    return mnist.training_and_validation()


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A data folder with nothing but the packed files, on a machine without a network."""

    def no_network(url, **_):
        raise urllib.error.URLError("no network")

    monkeypatch.setattr("torchvision.datasets.utils._get_redirect_url", no_network)
    raw(tmp_path).mkdir(parents=True)
    for packed in raw(mnist.ROOT).glob("*.gz"):
        shutil.copy(packed, raw(tmp_path))
    return tmp_path


def raw(root):
    return root / "MNIST" / "raw"


def test_the_training_images_are_parted_into_55000_and_5000(split):
    training, validation = split
    assert training.images.shape == (55_000, 28, 28)
    assert training.labels.shape == (55_000,)
    assert validation.images.shape == (5_000, 28, 28)
    assert validation.labels.shape == (5_000,)


def test_every_training_image_is_on_one_side_of_the_split(split):
    def counted(digits: Digits) -> Counter:
        return Counter(image.tobytes() for image in digits.images.numpy())

    training, validation = map(counted, split)
    assert training + validation == counted(mnist._read(mnist.ROOT, train=True))


def test_the_split_never_changes(split):
    training, validation = split
    assert training.labels[:16].tolist() == [2, 7, 1, 6, 9, 4, 5, 1, 2, 0, 8, 2, 8, 3, 0, 6]
    assert validation.labels[:16].tolist() == [0, 7, 3, 6, 1, 4, 0, 8, 2, 0, 5, 4, 3, 6, 9, 5]


def test_the_mean_and_deviation_are_the_training_images(split):
    counts = sum(digits.images.flatten().bincount(minlength=256) for digits in split)
    values, share = torch.arange(256).double() / 255, counts / counts.sum()
    mean = (values * share).sum()
    deviation = ((values - mean).square() * share).sum().sqrt()
    assert (round(mean.item(), 4), round(deviation.item(), 4)) == (MEAN, DEVIATION)


def test_the_packed_files_are_enough(root):
    digits = mnist.final_test(root)
    assert torch.equal(digits.images, mnist.final_test().images)
    assert torch.equal(digits.labels, mnist.final_test().labels)


def test_digits_move_to_a_device_together(split):
    moved = split[1].to(torch.device("meta"))
    assert (moved.images.device.type, moved.labels.device.type) == ("meta", "meta")


@pytest.mark.parametrize("damage", [b"", b"half of it", bytes(10_008)])
def test_a_damaged_unpacked_file_is_named(root, damage):
    mnist._read(root, train=False)
    path = raw(root) / "t10k-labels-idx1-ubyte"
    path.write_bytes(damage)
    with pytest.raises(MnistError, match=rf"^{re.escape(str(path))} is damaged; delete it and it is unpacked again\.$"):
        mnist._read(root, train=False)


@pytest.mark.parametrize("damage", ["missing", "damaged"])
def test_a_lost_packed_file_is_named_where_there_is_no_network(root, damage):
    packed = raw(root) / "t10k-images-idx3-ubyte.gz"
    packed.unlink() if damage == "missing" else packed.write_bytes(b"not what it was")
    with pytest.raises(MnistError) as fault:
        mnist.final_test(root)
    assert str(fault.value) == (
        f"MNIST in {raw(root)} is missing or damaged: Error downloading t10k-images-idx3-ubyte.gz."
    )


def test_a_connection_that_breaks_gives_a_sentence_too(root, monkeypatch):
    def broken(url, **_):
        raise ConnectionResetError("Connection reset by peer")

    monkeypatch.setattr("torchvision.datasets.utils._get_redirect_url", broken)
    (raw(root) / "t10k-images-idx3-ubyte.gz").unlink()
    with pytest.raises(MnistError, match=r"is missing or damaged: Connection reset by peer\.$"):
        mnist.final_test(root)
