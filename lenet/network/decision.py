"""The decision rule: from the ten logits to a digit, or to a refusal: "not sure: 4 or 9", or "not a digit"."""

from torch import Tensor
from torch.nn import functional as F

from lenet.network.lenet5 import CLASSES

# The class after the ten digits.
NOT_A_DIGIT = CLASSES
# A refusal names the best digit if it has at least this share of the ten digits' probability.
LEADS = 0.5


def with_reject_class(logits: Tensor) -> Tensor:
    """Return (N, 11) logits: those of the ten digits, and 0 for the reject class. A network trained with them learns to
    lower all ten for non-digits, so it needs no eleventh unit."""
    return F.pad(logits, (0, 1))


def confidence(logits: Tensor) -> Tensor:
    """Return the probability, (N,), of the best digit among all eleven classes; `decide` compares it with the
    threshold."""
    return with_reject_class(logits).softmax(1)[:, :CLASSES].amax(1)


def decide(logits: Tensor, threshold: float) -> list[tuple[int | None, str | None]]:
    """Return a digit and None, or None and the reason for refusing, for each row of logits, (N, 10).

    The best digit is the answer if its confidence is at least `threshold`. Otherwise the reason names the strongest
    other class, a digit or the reject class; with the reject class it also names the best digit if that leads clearly.
    """
    shares = with_reject_class(logits).softmax(1)
    ten = shares[:, :CLASSES].sum(1)  # 1 minus the reject class's share would be rounded to 0 near 1
    best, classes = shares.topk(3)
    rows = zip(classes.tolist(), best.tolist(), ten.tolist(), strict=True)
    return [_verdict(*row, threshold) for row in rows]


def _verdict(classes: list[int], shares: list[float], ten: float, threshold: float) -> tuple[int | None, str | None]:
    digits = [digit for digit in classes if digit != NOT_A_DIGIT]
    share = shares[classes.index(digits[0])]
    if share >= threshold:
        return digits[0], None
    if NOT_A_DIGIT in classes[:2]:
        return None, f"not a digit (closest: {digits[0]})" if share >= LEADS * ten else "not a digit"
    return None, f"not sure: {digits[0]} or {digits[1]}"
