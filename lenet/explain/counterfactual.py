"""What would change the network's mind: the fewest pixels to ink or to erase until it reads another digit.

A greedy search on the input, after Papernot et al.: "The Limitations of Deep Learning in Adversarial Settings",
2016, but the gradient only proposes pixels: which of them helps most is measured. An answer counts only where the
changed ink, prepared again from the start, is read as wanted; then every pixel that was not needed goes back.
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
# So many of the pixels that the gradient finds most promising are tried at each step.
TRIED = 64
PAPER, INK = 0, 255

Pixel = tuple[int, int]  # row and column in the 32 x 32 input


@dataclass(frozen=True)
class Change:
    """What makes the network read `digit`."""

    digit: int
    added: list[Pixel]
    erased: list[Pixel]
    share: float  # changed pixels for each of the input's pixels that have ink
    after: Prepared  # the changed ink, prepared from the start
    probability: float  # of the digit, read from that


def change_mind(
    model: LeNet, prepared: Prepared, digit: int, smallest: float = 0, seconds: float = SECONDS
) -> Change | None:
    """A small change that makes the network read `digit`, or None where none was found in time.

    `smallest` is what `prepared` was made with.
    """
    deadline = time.monotonic() + seconds
    before = torch.from_numpy(prepared.centred.astype(np.float32)).flatten()
    after = torch.where(before < INK / 2, float(INK), float(PAPER))
    left = set(_room(prepared.centred))
    changed: list[int] = []

    def read(pixels: list[int]) -> tuple[Prepared, float] | None:
        again = prepare(_changed_ink(prepared, pixels, after), smallest)
        return again and _as_wanted(model, again, digit)

    while (found := read(changed)) is None:
        if not left or time.monotonic() > deadline:
            return None
        changed.append(_best(model, before, after, changed, sorted(left), digit))
        left.remove(changed[-1])
    for pixel in list(changed):
        fewer = [other for other in changed if other != pixel]
        if still := read(fewer):
            changed, found = fewer, still
    added, erased = ([divmod(i, INPUT_SIDE) for i in changed if after[i] == shade] for shade in (INK, PAPER))
    return Change(digit, added, erased, len(changed) / int((prepared.centred >= FAINTEST).sum()), *found)


def _room(centred: np.ndarray) -> list[int]:
    """The pixels that may change: the digit's box, widened to 20 x 20, so that its size stays what it is."""
    spans = []
    for places in np.nonzero(centred >= FAINTEST):
        spare = max(0, BOX_SIDE - (np.ptp(places) + 1)) // 2
        spans.append(range(max(0, places.min() - spare), min(INPUT_SIDE, places.max() + spare + 1)))
    return [row * INPUT_SIDE + column for row in spans[0] for column in spans[1]]


def _best(model: LeNet, before: Tensor, after: Tensor, changed: list[int], left: list[int], digit: int) -> int:
    """Which of the pixels `left` raises the digit's odds most, on top of those already changed."""
    now = before.clone()
    now[changed] = after[changed]
    pixels = now.clone().requires_grad_()
    slope = torch.autograd.grad(_log_odds(model, pixels[None], digit).sum(), pixels)[0]
    promise = (slope * (after - before))[left]
    tried = torch.tensor(left)[promise.topk(min(TRIED, len(left))).indices]
    each = now.repeat(len(tried), 1)
    each[range(len(tried)), tried] = after[tried]
    with torch.no_grad():
        return int(tried[_log_odds(model, each, digit).argmax()])


def _log_odds(model: LeNet, pixels: Tensor, digit: int) -> Tensor:
    return log_odds(with_reject_class(model.read(pixels.view(-1, 1, INPUT_SIDE, INPUT_SIDE))), digit)


def _changed_ink(prepared: Prepared, pixels: list[int], after: Tensor) -> np.ndarray:
    """The ink that `prepared` was made of, with the squares that these pixels of the input stand for repainted."""
    x, y, width, height = prepared.grid
    # Paper all around, since the input reaches further than the ink.
    margin = int(INPUT_SIDE * max(width, height))
    ink = np.pad(prepared.ink, margin)
    for pixel in pixels:
        row, column = divmod(pixel, INPUT_SIDE)
        rows = slice(margin + round(y + row * height), margin + round(y + (row + 1) * height))
        columns = slice(margin + round(x + column * width), margin + round(x + (column + 1) * width))
        ink[rows, columns] = int(after[pixel])
    return ink


@torch.no_grad()
def _as_wanted(model: LeNet, prepared: Prepared, digit: int) -> tuple[Prepared, float] | None:
    """What was prepared and the digit's probability, where it is the digit that is answered."""
    logits = model.read(as_batch([prepared]))
    answered, _ = decide(logits, model.threshold)[0]
    return (prepared, float(logits.softmax(1)[0, digit])) if answered == digit else None
