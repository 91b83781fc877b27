"""The spot of the drawing that a decision hangs on most: proposed by the contributions, chosen by covering it."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from lenet.explain.ablation import log_odds
from lenet.network.lenet5 import INPUT_SIDE, LeNet

SIDE = 5
# So many places where the contributions are largest are covered in turn.
PROPOSED = 16


@dataclass(frozen=True)
class Spot:
    """A square of the input, SIDE pixels wide, and what is left of the class when it is covered with paper."""

    top: int
    left: int
    probability: float


@torch.no_grad()
def find_spot(model: LeNet, x: Tensor, contributions: Tensor, digit: int) -> Spot:
    """Where covering the drawing hurts the class `digit` most, for one input and its contributions, (1, 1, 32, 32)."""
    sums = F.avg_pool2d(contributions.float(), SIDE, 1)
    peaks = sums.masked_fill(sums < F.max_pool2d(sums, 3, 1, 1), -torch.inf)
    places = peaks.flatten().topk(PROPOSED).indices
    logits = model(torch.where(squares(places), model.normalise(torch.zeros_like(x)), x))
    hardest = int(log_odds(logits, digit).argmin())
    top, left = divmod(int(places[hardest]), sums.shape[-1])
    return Spot(top, left, float(logits.softmax(1)[hardest, digit]))


def squares(places: Tensor) -> Tensor:
    """(N, 1, 32, 32) true in the square at each place, counted along the rows of possible places."""
    side = INPUT_SIDE - SIDE + 1
    corners = F.one_hot(places, side**2).view(-1, 1, side, side).float()
    return F.conv_transpose2d(corners, torch.ones(1, 1, SIDE, SIDE)) > 0
