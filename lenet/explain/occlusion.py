"""Occlusion: the spot of the drawing that a class loses most by when it is covered."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from lenet.explain.ablation import log_odds
from lenet.network.lenet5 import INPUT_SIDE, LeNet

SIDE = 5
# The number of places that are covered in turn: those with the largest contributions.
PROPOSED = 16


@dataclass(frozen=True)
class Spot:
    """A square of the input, and the class's probability when paper covers it."""

    top: int
    left: int
    side: int
    probability: float


@torch.no_grad()
def find_spot(model: LeNet, x: Tensor, contributions: Tensor, digit: int) -> Spot:
    """Return the spot that the class `digit` needs most, for one input and its contributions, (1, 1, 32, 32) each."""
    sums = F.avg_pool2d(contributions.float(), SIDE, 1)
    peaks = sums.masked_fill(sums < F.max_pool2d(sums, 3, 1, 1), -torch.inf)
    places = peaks.flatten().topk(PROPOSED).indices
    logits = model(torch.where(squares(places), model.normalise(torch.zeros_like(x)), x))
    worst = int(log_odds(logits, digit).argmin())
    top, left = divmod(int(places[worst]), sums.shape[-1])
    return Spot(top, left, SIDE, float(logits.softmax(1)[worst, digit]))


def squares(places: Tensor) -> Tensor:
    """Return masks, (N, 1, 32, 32), of the square at each place; places are numbered row by row."""
    side = INPUT_SIDE - SIDE + 1
    corners = F.one_hot(places, side**2).view(-1, 1, side, side).float()
    return F.conv_transpose2d(corners, torch.ones(1, 1, SIDE, SIDE)) > 0
