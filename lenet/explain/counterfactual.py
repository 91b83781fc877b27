"""Counterfactual: a small change of the ink, pixels added and erased, with which the network reads another digit.

A greedy search on the input, after Papernot et al.: "The Limitations of Deep Learning in Adversarial Settings", 2016.
Here the gradient only proposes pixels; each is tried, and the best is changed. The search ends when the changed ink,
prepared again from the start, is read as the other digit. Then every change that was not needed is undone.
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
# The number of pixels tried at each step: those with the most promising gradient.
TRIED = 64
PAPER, INK = 0, 255

Pixel = tuple[int, int]  # row and column of the 32 x 32 input


@dataclass(frozen=True)
class Counterfactual:
    """A change with which the network reads `digit`."""

    digit: int
    added: list[Pixel]
    erased: list[Pixel]
    share: float  # the number of changed pixels divided by the number of the input's inked pixels
    after: list[list[int]]  # the 32 x 32 input of the changed ink, 0 paper to 255 ink
    probability: float  # of the digit, for that input


def find_counterfactual(
    model: LeNet, prepared: Prepared, digit: int, smallest: float = 0, seconds: float = SECONDS
) -> Counterfactual | None:
    """Search a change with which the network reads `digit`; return None if `seconds` of computing don't find one.
    `smallest` is the value that `prepared` was made with."""
    deadline = time.thread_time() + seconds  # CPU time, so that a busy machine finds the same changes
    before = torch.from_numpy(prepared.centred.astype(np.float32)).flatten()
    opposite = torch.where(before < INK / 2, float(INK), float(PAPER))  # each pixel's value when it is changed
    left = set(_changeable(prepared.centred))
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
    """Return the ink that `prepared` was made of, with the areas of these input pixels painted in the given shades."""
    x, y, width, height = prepared.grid
    # The input is larger than the ink, so add a margin of paper.
    margin = int(INPUT_SIDE * max(width, height))
    ink = np.pad(prepared.ink, margin)
    for (row, column), shade in pixels.items():
        rows = slice(margin + round(y + row * height), margin + round(y + (row + 1) * height))
        columns = slice(margin + round(x + column * width), margin + round(x + (column + 1) * width))
        ink[rows, columns] = shade
    return ink


def _changeable(centred: np.ndarray) -> list[int]:
    """Return the pixels that may change: the digit's box, widened to 20 x 20, so that its size stays the same."""
    spans = []
    for places in np.nonzero(centred >= FAINTEST):
        spare = max(0, BOX_SIDE - (np.ptp(places) + 1)) // 2
        spans.append(range(max(0, places.min() - spare), min(INPUT_SIDE, places.max() + spare + 1)))
    return [row * INPUT_SIDE + column for row in spans[0] for column in spans[1]]


def _best(model: LeNet, before: Tensor, opposite: Tensor, changed: list[int], left: list[int], digit: int) -> int:
    """Return the pixel of `left` whose change raises the digit's odds most, with `changed` already changed."""
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
    """Return `prepared` and the digit's probability if the network answers with this digit, else None."""
    logits = model.read(as_batch([prepared]))
    answered, _ = decide(logits, model.threshold)[0]
    return (prepared, float(logits.softmax(1)[0, digit])) if answered == digit else None
