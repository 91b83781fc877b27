"""Non-digits are made from letters, strokes and digits; an image that is still a digit keeps its label."""

import pytest
import torch

from lenet.mnist import Digits
from lenet.network.decision import NOT_A_DIGIT
from lenet.reading.preparation import frame
from lenet.training.non_digits import letters, non_digits, scribbles


@pytest.fixture
def digits(few_digits) -> Digits:
    return Digits(frame(few_digits.images).float(), few_digits.labels)


def seeded(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_most_digits_become_non_digits_and_the_others_stay_the_same(digits):
    pictures, labels = non_digits(*digits, seeded())
    is_non_digit = labels == NOT_A_DIGIT
    assert is_non_digit.float().mean() > 0.7
    assert torch.equal(pictures[~is_non_digit], digits.images[~is_non_digit])
    assert torch.equal(labels[~is_non_digit], digits.labels[~is_non_digit])


def test_every_picture_has_ink_within_its_levels(digits):
    pictures, _ = non_digits(*digits, seeded())
    assert pictures.shape == digits.images.shape
    assert pictures.min() >= 0
    assert pictures.max() <= 255
    assert (pictures.amax((1, 2, 3)) > 100).all()


def test_the_same_seed_gives_the_same_non_digits(digits):
    for one, other in zip(non_digits(*digits, seeded()), non_digits(*digits, seeded()), strict=True):
        assert torch.equal(one, other)


def test_every_scribble_is_different(digits):
    drawn = scribbles(digits.images[:50], seeded())
    assert len(drawn.flatten(1).unique(dim=0)) == 50


def test_some_non_digits_are_letters(digits):
    images, labels = non_digits(*digits, seeded())
    known = {letter.numpy().tobytes() for letter in letters(torch.device("cpu"))}
    are_letters = [image.byte().numpy().tobytes() in known for image in images]
    assert 0.2 < sum(are_letters) / len(are_letters) < 0.45
    assert (labels[torch.tensor(are_letters)] == NOT_A_DIGIT).all()
