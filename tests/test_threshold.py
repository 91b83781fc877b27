"""The choice of the confidence threshold."""

import pytest
import torch

from lenet.mnist import Digits
from lenet.network.decision import confidence
from lenet.training.threshold import KEPT, RIGHT, choose_threshold

COUNT = 400
DIGITS = Digits(torch.zeros(COUNT, 28, 28, dtype=torch.uint8), torch.zeros(COUNT, dtype=torch.long))


class FixedLogits:
    """A stand-in for a network that returns these logits."""

    def __init__(self, logits: torch.Tensor):
        self.remaining = logits

    def read(self, batch: torch.Tensor) -> torch.Tensor:
        batch_logits, self.remaining = self.remaining.split([len(batch), len(self.remaining) - len(batch)])
        return batch_logits


def logits_of(accuracy: float, seed: int = 1) -> torch.Tensor:
    """Return logits that are correct for this share of the digits, mostly for the more confident ones."""
    generator = torch.Generator().manual_seed(seed)
    right = torch.arange(COUNT) < round(accuracy * COUNT)
    values = torch.rand(COUNT, generator=generator) * 3 + right
    logits = torch.zeros(COUNT, 10)
    logits[torch.arange(COUNT), (~right).long()] = values
    return logits


def shares(logits: torch.Tensor, threshold: float) -> tuple[float, float]:
    """Return the share of correct answers that are kept, and the share of answers that are correct."""
    right, answered = logits.argmax(1) == DIGITS.labels, confidence(logits) >= threshold
    return float((answered & right).sum() / right.sum()), float((answered & right).sum() / answered.sum())


def test_the_threshold_of_a_good_network_is_the_highest_that_keeps_its_correct_answers():
    logits = logits_of(1.0)
    threshold = choose_threshold(FixedLogits(logits), DIGITS)
    kept, _ = shares(logits, threshold)
    assert kept >= KEPT
    higher = confidence(logits)[confidence(logits) > threshold].min()
    assert shares(logits, float(higher))[0] < KEPT


@pytest.mark.parametrize("accuracy", [0.24, 0.7, 0.95])
def test_a_poor_network_refuses_until_its_answers_are_correct(accuracy):
    logits = logits_of(accuracy)
    threshold = choose_threshold(FixedLogits(logits), DIGITS)
    assert shares(logits, threshold)[1] >= RIGHT
    lower = confidence(logits)[confidence(logits) < threshold].max()
    candidates = confidence(logits)[confidence(logits) < threshold].unique()
    assert all(shares(logits, float(each))[1] < RIGHT for each in candidates) or shares(logits, float(lower))[0] > KEPT


def test_a_network_that_is_always_wrong_refuses_everything():
    assert choose_threshold(FixedLogits(logits_of(0.0)), DIGITS) == 1.0
