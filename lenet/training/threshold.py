"""Choosing the threshold below which a network declines to answer, on digits that it was not trained on."""

import torch

from lenet.mnist import Digits
from lenet.network.decision import confidence
from lenet.network.lenet5 import LeNet
from lenet.reading.preparation import frame
from lenet.training.evaluation import BATCH

# The share of the rightly read digits that stay answered, as with the shipped weights.
KEPT = 0.995
# The share of the answers that must be right. A network for which no threshold does that declines everything.
RIGHT = 0.99


@torch.inference_mode()
def choose_threshold(model: LeNet, digits: Digits) -> float:
    """The highest threshold that keeps KEPT of the right answers, or if more answers are wrong than RIGHT allows, the
    lowest one that allows no more."""
    batches = frame(digits.images).split(BATCH)
    logits = torch.cat([model.read(batch) for batch in batches])
    scores, order = confidence(logits).sort(descending=True)
    right = (logits.argmax(1) == digits.labels)[order]
    kept = scores[right][: max(1, round(KEPT * int(right.sum())))]
    shares = right.cumsum(0) / torch.arange(1, len(right) + 1)
    reliable = scores[shares >= RIGHT]
    return max(float(kept[-1]) if len(kept) else 1.0, float(reliable[-1]) if len(reliable) else 1.0)
