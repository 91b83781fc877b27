"""Pictures of no digit are made from digits, and what stays a digit keeps its label."""

import pytest
import torch

from lenet.mnist import Digits
from lenet.network.decision import NOT_A_DIGIT
from lenet.reading.preparation import frame
from lenet.training.non_digits import nondigits, scribbles


@pytest.fixture
def digits(few_digits) -> Digits:
    return Digits(frame(few_digits.images).float(), few_digits.labels)


def seeded(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_most_become_no_digit_and_the_others_stay_as_they_are(digits):
    pictures, labels = nondigits(*digits, seeded())
    none = labels == NOT_A_DIGIT
    assert none.float().mean() > 0.7
    assert torch.equal(pictures[~none], digits.images[~none])
    assert torch.equal(labels[~none], digits.labels[~none])


def test_every_picture_has_ink_within_its_levels(digits):
    pictures, _ = nondigits(*digits, seeded())
    assert pictures.shape == digits.images.shape
    assert pictures.min() >= 0
    assert pictures.max() <= 255
    assert (pictures.amax((1, 2, 3)) > 100).all()


def test_the_same_seed_makes_the_same(digits):
    for one, other in zip(nondigits(*digits, seeded()), nondigits(*digits, seeded()), strict=True):
        assert torch.equal(one, other)


def test_scribbles_differ(digits):
    drawn = scribbles(digits.images[:50], seeded())
    assert len(drawn.flatten(1).unique(dim=0)) == 50
