"""The decision rule: from the network's ten outputs to a digit, to a doubt between two, or to "not a digit"."""

from torch import Tensor
from torch.nn import functional as F

from lenet.network.lenet5 import CLASSES

# The class after the ten digits.
NOT_A_DIGIT = CLASSES
# A refusal names the best digit where it has this share among the ten.
LEADS = 0.5


def with_reject_class(logits: Tensor) -> Tensor:
    """(N, 11) logits: those of the ten digits, and 0 for the reject class. A network trained with them lowers all ten
    where there is no digit, so it needs no eleventh unit."""
    return F.pad(logits, (0, 1))


def confidence(logits: Tensor) -> Tensor:
    """(N,) the probability of the best digit among all eleven classes, which `decide` compares with the threshold."""
    return with_reject_class(logits).softmax(1)[:, :CLASSES].amax(1)


def decide(logits: Tensor, threshold: float) -> list[tuple[int | None, str | None]]:
    """A digit, or None and the reason, for each row of the ten logits, (N, 10).

    The best digit is the answer if its confidence is at least `threshold`. If not, the reason names its strongest
    rival, another digit or the reject class; and where it is the reject class, the digit that leads among the ten.
    """
    shares = with_reject_class(logits).softmax(1)
    ten = shares[:, :CLASSES].sum(1)  # 1 less the reject class's share would be rounded to nothing near 1
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
