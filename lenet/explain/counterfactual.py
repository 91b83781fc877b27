"""Counterfactual: a small change of the ink, pixels added and erased, that makes the network read another digit.

A greedy search on the input, after Papernot et al.: "The Limitations of Deep Learning in Adversarial Settings", 2016.
Here the gradient only proposes pixels, and the one that helps most is measured. A change counts only when the changed
ink, prepared again from the start, is read as the other digit. Then every pixel that was not needed is taken back.
"""

import time
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lenet.explain.ablation import log_odds
from lenet.network.decision import decide, with_reject_class
from lenet.network.lenet5 import INPUT_SIDE, LeNet
from lenet.reading.answer import as_batch
from lenet.reading.preparation import BOX_SIDE, FAINTEST, Prepared, prepare

SECONDS = 1.0
# How many pixels are tried at each step: those that the gradient favours.
TRIED = 64
PAPER, INK = 0, 255

Pixel = tuple[int, int]  # row and column of the 32 x 32 input


@dataclass(frozen=True)
class Counterfactual:
    """A change that makes the network read `digit`."""

    digit: int
    added: list[Pixel]
    erased: list[Pixel]
    share: float  # the number of changed pixels over that of the input's pixels with ink
    after: list[list[int]]  # the 32 x 32 input that the changed ink gives, 0 paper to 255 ink
    probability: float  # of the digit, read from that


def find_counterfactual(
    model: LeNet, prepared: Prepared, digit: int, smallest: float = 0, seconds: float = SECONDS
) -> Counterfactual | None:
    """A change that makes the network read `digit`; None if none is found in this many `seconds` of computing.
    `smallest` is the value that `prepared` was made with."""
    deadline = time.thread_time() + seconds  # so that a busy machine finds the same changes
    before = torch.from_numpy(prepared.centred.astype(np.float32)).flatten()
    opposite = torch.where(before < INK / 2, float(INK), float(PAPER))  # what a pixel becomes when it is changed
    left = set(_room(prepared.centred))
    changed: list[int] = []

    def read(pixels: list[int]) -> tuple[Prepared, float] | None:
        again = prepare(repainted(prepared, {divmod(i, INPUT_SIDE): int(opposite[i]) for i in pixels}), smallest)
        return _read_as(model, again, digit) if again else None

    while (found := read(changed)) is None:
        if not left or time.thread_time() > deadline:
            return None
        changed.append(_best(model, before, opposite, changed, sorted(left), digit))
        left.remove(changed[-1])
    for pixel in list(changed):
        fewer = [other for other in changed if other != pixel]
        if still := read(fewer):
            changed, found = fewer, still
    added, erased = ([divmod(i, INPUT_SIDE) for i in changed if opposite[i] == shade] for shade in (INK, PAPER))
    share = len(changed) / int((prepared.centred >= FAINTEST).sum())
    return Counterfactual(digit, added, erased, share, found[0].centred.tolist(), found[1])


def repainted(prepared: Prepared, pixels: dict[Pixel, int]) -> np.ndarray:
    """The ink that `prepared` was made of, with the squares behind these pixels of the input in other shades."""
    x, y, width, height = prepared.grid
    # A margin of paper, because the input is larger than the ink.
    margin = int(INPUT_SIDE * max(width, height))
    ink = np.pad(prepared.ink, margin)
    for (row, column), shade in pixels.items():
        rows = slice(margin + round(y + row * height), margin + round(y + (row + 1) * height))
        columns = slice(margin + round(x + column * width), margin + round(x + (column + 1) * width))
        ink[rows, columns] = shade
    return ink


def _room(centred: np.ndarray) -> list[int]:
    """The pixels that may change: the digit's box, widened to 20 x 20, so that its size stays the same."""
    spans = []
    for places in np.nonzero(centred >= FAINTEST):
        spare = max(0, BOX_SIDE - (np.ptp(places) + 1)) // 2
        spans.append(range(max(0, places.min() - spare), min(INPUT_SIDE, places.max() + spare + 1)))
    return [row * INPUT_SIDE + column for row in spans[0] for column in spans[1]]


def _best(model: LeNet, before: Tensor, opposite: Tensor, changed: list[int], left: list[int], digit: int) -> int:
    """The pixel of `left` that raises the digit's odds most, on top of those already changed."""
    now = before.clone()
    now[changed] = opposite[changed]
    pixels = now.clone().requires_grad_()
    slope = torch.autograd.grad(_log_odds(model, pixels[None], digit).sum(), pixels)[0]
    promise = (slope * (opposite - before))[left]
    tried = torch.tensor(left)[promise.topk(min(TRIED, len(left))).indices]
    each = now.repeat(len(tried), 1)
    each[range(len(tried)), tried] = opposite[tried]
    with torch.no_grad():
        return int(tried[_log_odds(model, each, digit).argmax()])


def _log_odds(model: LeNet, pixels: Tensor, digit: int) -> Tensor:
    return log_odds(with_reject_class(model.read(pixels.view(-1, 1, INPUT_SIDE, INPUT_SIDE))), digit)


@torch.no_grad()
def _read_as(model: LeNet, prepared: Prepared, digit: int) -> tuple[Prepared, float] | None:
    """`prepared` and the digit's probability, if the network answers with this digit."""
    logits = model.read(as_batch([prepared]))
    answered, _ = decide(logits, model.threshold)[0]
    return (prepared, float(logits.softmax(1)[0, digit])) if answered == digit else None
