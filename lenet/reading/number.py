"""Read a whole number from a wide sheet: the network rates all candidates, and the best path through them wins.

LeCun et al. 1998, sections V and VI: the candidates are the arcs of a graph from the left end of the writing to the
right. An arc's penalty is the negative log probability of its digit plus the cost that segments.py gives it. The number
is the path with the smallest sum (Viterbi); the sum over all paths gives its confidence (the forward algorithm).
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lenet.network.decision import NOT_A_DIGIT, decide, with_reject_class
from lenet.network.lenet5 import CLASSES, LeNet
from lenet.reading import drawing as drawings
from lenet.reading import picture
from lenet.reading.answer import NOTHING_DRAWN, answer, as_batch, prepare_picture, under
from lenet.reading.drawing import Drawing
from lenet.reading.preparation import prepare
from lenet.reading.segments import Candidate, candidates

NOT_A_NUMBER = "not a number"
# The largest penalty of a digit in nats, so that an unreadable one does not change how the others are segmented.
WORST = 10.0


@dataclass(frozen=True)
class Digit:
    """One digit of a number."""

    digit: int  # the likeliest
    probabilities: list[float]  # ten, of the digits 0 to 9
    reason: str | None  # why the network refuses this digit
    drawing: Drawing  # its strokes alone, on the whole sheet
    box: tuple[float, float, float, float]  # left, top, right, bottom of the pen's path on the sheet


@dataclass(frozen=True)
class Number:
    """The number that was read."""

    text: str | None  # the digits; None if nothing is drawn, or no digit
    reason: str | None  # why there is no number
    confidence: float | None = None  # from 0 to 1, in the whole number; None if nothing is drawn
    digits: tuple[Digit, ...] = ()


@torch.inference_mode()
def read_number(
    model: LeNet,
    value: Any,
    switches: Mapping[str, Tensor] | None = None,
    find: Callable[[str], np.ndarray] = picture.named,
) -> Number:
    """Read the number in a drawing from JSON in one pass of the network; `find` and errors as in prepare_drawing."""
    drawing = drawings.parse(value)
    ink = under(drawing, find)
    found = candidates(drawing, ink)
    prepared = [prepare(drawings.ink(one.drawing, ink), smallest=drawings.INK_SIDE) for one in found]
    there = [i for i, one in enumerate(prepared) if one is not None]
    if not there:
        return Number(None, NOTHING_DRAWN)
    logits = torch.zeros(len(found), CLASSES)  # candidates without ink are equally likely to be any digit
    logits[there] = model.read(as_batch([prepared[i] for i in there]), switches)
    path, confidence = best_path(found, with_reject_class(logits).log_softmax(1).numpy())
    digits = _digits(found, logits, [i for i in path if prepared[i] is not None], model.threshold)
    if all(one.reason for one in digits):
        return Number(None, NOT_A_NUMBER, confidence, digits)
    return Number("".join(str(one.digit) for one in digits), None, confidence, digits)


def read_number_in_picture(model: LeNet, ink: np.ndarray) -> Number:
    """Read the number in a picture's ink, (H, W) uint8."""
    value = drawings.sheet_with("picture", ink.shape[1] / ink.shape[0])
    return read_number(model, value, find=lambda _: ink)


def is_number(model: LeNet, ink: np.ndarray) -> bool:
    """Whether a picture's ink, (H, W) uint8, is read as several digits rather than as one."""
    number = read_number_in_picture(model, ink)
    if len(number.digits) < 2 or any(one.reason for one in number.digits):
        return False
    alone = answer(model, [prepare_picture(ink)])[0]
    return alone.digit is None or number.confidence > max(alone.probabilities)


def best_path(found: list[Candidate], shares: np.ndarray) -> tuple[list[int], float]:
    """Return the candidates on the best path, and the confidence in it.

    The confidence is the path's share of the probability of all paths, times the probability that all its candidates
    are digits. The candidates are in the order of `candidates`; `shares`, (N, 11), are log probabilities.
    """
    best = shares[:, :NOT_A_DIGIT].max(1).clip(min=-WORST).tolist()
    any_digit = np.logaddexp.reduce(shares[:, :NOT_A_DIGIT], 1).clip(min=-WORST).tolist()
    most, arrived, total = {0: 0.0}, {}, {0: 0.0}
    for i, one in enumerate(found):
        reached = most[one.first] - one.cost + best[i]
        if reached > most.get(one.last, -math.inf):
            most[one.last], arrived[one.last] = reached, i
        ways = total[one.first] - one.cost + any_digit[i]
        total[one.last] = float(np.logaddexp(total.get(one.last, -math.inf), ways))
    path, at = [], found[-1].last
    sure = most[at] - total[at]
    while at:
        path.append(arrived[at])
        at = found[path[-1]].first
        sure += any_digit[path[-1]]
    return path[::-1], math.exp(min(sure, 0))


def _digits(found: list[Candidate], logits: Tensor, path: list[int], threshold: float) -> tuple[Digit, ...]:
    reasons = [reason for _, reason in decide(logits[path], threshold)]
    shares = logits[path].softmax(1)
    return tuple(
        Digit(int(own.argmax()), own.tolist(), reason, found[i].drawing, found[i].box)
        for i, own, reason in zip(path, shares, reasons, strict=True)
    )
