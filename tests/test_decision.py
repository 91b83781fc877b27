"""The decision rule: a digit, or a refusal with its reason."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lenet.network.decision import confidence, decide, with_reject_class

logits = st.lists(st.floats(-15, 15, width=32), min_size=10, max_size=10, unique=True)


def outputs(**heights: float) -> torch.Tensor:
    row = torch.full((1, 10), -5.0)
    for name, height in heights.items():
        row[0, int(name[1:])] = height
    return row


@pytest.mark.parametrize(
    ("heights", "verdict"),
    [
        ({"d7": 6}, (7, None)),
        ({}, (None, "not a digit")),
        ({"d4": 0.3}, (None, "not a digit (closest: 4)")),
        ({"d4": -1, "d9": -1.4}, (None, "not a digit (closest: 4)")),  # 59 % of the ten
        ({"d4": -0.3, "d9": -0.4, "d8": -0.4}, (None, "not a digit")),
        ({"d4": 4, "d9": 3.9}, (None, "not sure: 4 or 9")),
        ({"d4": 3.9, "d9": 4}, (None, "not sure: 9 or 4")),
    ],
)
def test_the_reason_names_the_strongest_other_class(heights, verdict):
    assert decide(outputs(**heights), 0.8) == [verdict]


@given(logits)
def test_confidence_is_the_best_digits_probability_with_a_reject_class_of_logit_0(row):
    for logits in (row, [logit - 16 for logit in row]):  # and where the reject class is the strongest
        shares = [math.exp(logit) for logit in logits]
        assert confidence(torch.tensor([logits])).item() == pytest.approx(max(shares) / (1 + sum(shares)), rel=1e-4)


def test_a_confidence_equal_to_the_threshold_is_enough():
    row = outputs(d7=2)
    assert decide(row, confidence(row).item()) == [(7, None)]


@given(logits)
def test_with_threshold_0_nothing_is_refused(row):
    row = torch.tensor([row])
    assert decide(row, 0.0) == [(int(row.argmax()), None)]


@given(logits, st.floats(0.01, 0.99))
def test_a_digit_is_answered_exactly_if_confidence_reaches_the_threshold(row, threshold):
    row = torch.tensor([row])
    [(digit, reason)] = decide(row, threshold)
    assert (digit is not None) == (confidence(row).item() >= threshold)
    assert (digit is None) == (reason is not None)


@given(logits)
def test_the_eleventh_logit_does_not_change_the_order_of_the_ten(row):
    row = torch.tensor([row])
    ten = with_reject_class(row).softmax(1)[:, :10]
    torch.testing.assert_close(ten / ten.sum(), row.softmax(1), rtol=1e-3, atol=1e-5)


def test_a_batch_is_decided_row_by_row():
    both = torch.cat([outputs(d7=6), outputs()])
    assert decide(both, 0.8) == decide(both[:1], 0.8) + decide(both[1:], 0.8)


@pytest.mark.parametrize("height", [-5.0, -14.0, -17.0, -30.0])
def test_the_closest_digit_does_not_depend_on_the_reject_classs_probability(height):
    for share, reason in ((0.49, "not a digit"), (0.51, "not a digit (closest: 1)")):
        rest = height + math.log((1 - share) / share / 9)
        row = torch.full((1, 10), rest)
        row[0, 1] = height
        assert decide(row, 0.9) == [(None, reason)]
