"""Distortions differ from digit to digit, and depend only on the seed."""

import pytest
import torch

from lenet.network.decision import NOT_A_DIGIT
from lenet.reading.preparation import BOX_SIDE, CENTRE, FAINTEST
from lenet.training.augmentation import NON_DIGITS, _inverse, augment, distort


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


def test_the_same_seed_gives_the_same_distortions(digits):
    assert torch.equal(distort(digits, seeded()), distort(digits, seeded()))
    assert not torch.equal(distort(digits, seeded(1)), distort(digits, seeded(2)))


def test_every_digit_is_distorted_differently(digits):
    copies = digits[:1].expand(8, -1, -1, -1)
    distorted = distort(copies, seeded())
    assert all(not torch.equal(distorted[0], other) for other in distorted[1:])


def test_strength_0_only_places_digits_as_the_preparation_does(digits):
    assert (distort(digits, seeded(), strength=0) - digits).abs().mean() < 8


def test_more_strength_changes_more(digits):
    weak, strong = (distort(digits, seeded(), strength) - digits for strength in (0.3, 1.0))
    assert 0 < weak.abs().mean() < strong.abs().mean()


def test_the_amount_of_ink_stays_about_the_same(digits):
    """Digits are bent, not lost."""
    assert distort(digits, seeded()).sum() == pytest.approx(digits.sum().item(), rel=0.2)


def test_digits_are_fitted_as_the_preparation_fits_them(digits):
    """With any stretch or shear, digits are 20 pixels large and centred by mass; elastic distortions move them a
    little."""
    ink = distort(digits, seeded())[:, 0]
    positions = torch.arange(ink.shape[-1]) + 0.5
    for axis in (1, 2):
        mass = ink.sum(axis)
        assert ((mass * positions).sum(1) / mass.sum(1)).mean() == pytest.approx(CENTRE, abs=0.3)
    sides = torch.stack([(ink.amax(axis) > FAINTEST).sum(1) for axis in (1, 2)]).amax(0).float()
    assert sides.mean() == pytest.approx(BOX_SIDE, abs=1)


def test_small_digits_off_the_middle_are_fitted_too(digits):
    small = torch.zeros_like(digits)
    small[..., :16, :16] = torch.nn.functional.avg_pool2d(digits, 2)
    ink = distort(small, seeded(), strength=0)[:, 0]
    sides = torch.stack([(ink.amax(axis) > FAINTEST).sum(1) for axis in (1, 2)]).amax(0).float()
    assert sides.mean() == pytest.approx(BOX_SIDE, abs=1.5)


def test_some_images_become_non_digits(digits, few_digits):
    _, labels = augment(digits, few_digits.labels[:64], seeded())
    assert 0 < (labels == NOT_A_DIGIT).float().mean() <= NON_DIGITS + 0.01


def test_the_given_labels_are_not_changed(digits, few_digits):
    before = few_digits.labels[:64].clone()
    augment(digits, few_digits.labels[:64], seeded())
    assert torch.equal(few_digits.labels[:64], before)


def test_the_given_images_are_not_changed(digits):
    before = digits.clone()
    distort(digits, seeded())
    assert torch.equal(digits, before)


def test_the_inverses_equal_those_of_linear_algebra():
    maps = torch.randn(100, 2, 2, generator=seeded()) + 2 * torch.eye(2)
    assert torch.allclose(_inverse(maps), torch.linalg.inv(maps), rtol=1e-3, atol=1e-4)
