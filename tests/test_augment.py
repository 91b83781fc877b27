"""Distortions change every digit in its own way, and the same way from the same seed."""

import pytest
import torch

from lenet.augment import distort


@pytest.fixture
def digits(few_digits) -> torch.Tensor:
    return torch.nn.functional.pad(few_digits.images[:64], [2] * 4).unsqueeze(1).float()


def seeded(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_a_batch_keeps_its_shape_and_its_levels(digits):
    distorted = distort(digits, seeded())
    assert distorted.shape == digits.shape
    assert distorted.dtype == digits.dtype
    assert distorted.min() >= 0
    assert distorted.max() <= 255.01


def test_the_same_seed_distorts_alike(digits):
    assert torch.equal(distort(digits, seeded()), distort(digits, seeded()))
    assert not torch.equal(distort(digits, seeded(1)), distort(digits, seeded(2)))


def test_every_digit_is_distorted_in_its_own_way(digits):
    alike = digits[:1].expand(8, -1, -1, -1)
    distorted = distort(alike, seeded())
    assert all(not torch.equal(distorted[0], other) for other in distorted[1:])


def test_no_strength_leaves_the_digits_as_they_are(digits):
    torch.testing.assert_close(distort(digits, seeded(), strength=0), digits, rtol=0, atol=0.1)


def test_more_strength_changes_more(digits):
    weak, strong = (distort(digits, seeded(), strength) - digits for strength in (0.3, 1.0))
    assert 0 < weak.abs().mean() < strong.abs().mean()


def test_the_ink_stays_about_as_much(digits):
    """Digits are bent, not lost."""
    assert distort(digits, seeded()).sum() == pytest.approx(digits.sum().item(), rel=0.1)


def test_the_pictures_given_are_left_alone(digits):
    before = digits.clone()
    distort(digits, seeded())
    assert torch.equal(digits, before)
