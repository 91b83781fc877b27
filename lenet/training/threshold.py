"""Choose the confidence threshold below which a network refuses, on digits that it was not trained on."""

import torch

from lenet.mnist import Digits
from lenet.network.decision import confidence
from lenet.network.lenet5 import LeNet
from lenet.reading.preparation import frame
from lenet.training.evaluation import BATCH

# The share of the correctly read digits that stay answered, as with the shipped weights.
KEPT = 0.995
# The least share of correct answers. A network that no threshold makes this accurate refuses everything.
RIGHT = 0.99


@torch.inference_mode()
def choose_threshold(model: LeNet, digits: Digits) -> float:
    """Return the highest threshold that keeps KEPT of the correct answers, or, if then less than RIGHT of the answers
    are correct, the lowest threshold with which RIGHT are."""
    batches = frame(digits.images).split(BATCH)
    logits = torch.cat([model.read(batch) for batch in batches])
    scores, order = confidence(logits).sort(descending=True)
    right = (logits.argmax(1) == digits.labels)[order]
    kept = scores[right][: max(1, round(KEPT * int(right.sum())))]
    shares = right.cumsum(0) / torch.arange(1, len(right) + 1)
    reliable = scores[shares >= RIGHT]
    return max(float(kept[-1]) if len(kept) else 1.0, float(reliable[-1]) if len(reliable) else 1.0)
