"""Answers: prepare a drawing or a picture, run the network, decide."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from lenet.network.decision import decide
from lenet.network.lenet5 import INPUT, LeNet
from lenet.reading import drawing as drawings
from lenet.reading import picture
from lenet.reading.preparation import Prepared, prepare

NOTHING_DRAWN = "nothing drawn"


class Seen(NamedTuple):
    """A prepared digit and a network's values for it."""

    prepared: Prepared
    values: dict[str, Tensor]  # of the normalised input, (1, 32, 32), and of every stage


@dataclass(frozen=True)
class Answer:
    """A network's answer to one digit."""

    digit: int | None  # None if nothing is drawn or the network refuses
    probabilities: list[float] | None  # of the digits 0 to 9; None if nothing is drawn
    reason: str | None  # why there is no digit
    seen: Seen | None = None  # None if nothing is drawn


def prepare_drawing(value: Any, find: Callable[[str], np.ndarray] = picture.named) -> Prepared | None:
    """Check and prepare a drawing from JSON; return None if nothing is drawn. `find` returns the ink, (H, W) uint8, of
    the picture that the drawing names. Raises InputError."""
    drawing = drawings.parse(value)
    return prepare(drawings.ink(drawing, under(drawing, find)), smallest=drawings.INK_SIDE)


def prepare_picture(ink: np.ndarray) -> Prepared | None:
    """Prepare a picture's ink, (H, W) uint8, as the page does: under an empty sheet; None if there is no ink."""
    return prepare_drawing(drawings.sheet_with("picture", 1), lambda _: ink)


def grid_on_sheet(
    value: Any, prepared: Prepared, find: Callable[[str], np.ndarray] = picture.named
) -> tuple[float, float, float, float]:
    """Return the position of a prepared drawing's pixels on its sheet: x and y of the first, width and height of
    each."""
    drawing = drawings.parse(value)
    place = drawings.placement(drawing, under(drawing, find))
    x, y, width, height = (length / place.scale for length in prepared.grid)
    return float(place.origin[0] + x), float(place.origin[1] + y), width, height


def under(drawing: drawings.Drawing, find: Callable[[str], np.ndarray]) -> np.ndarray | None:
    """Return the ink of the picture under the strokes, if there is one."""
    return find(drawing.picture) if drawing.picture else None


def as_batch(inputs: list[Prepared]) -> Tensor:
    """Return the pixels of prepared digits, (N, 1, 32, 32), from 0 paper to 255 ink."""
    return torch.from_numpy(np.stack([prepared.centred for prepared in inputs])).unsqueeze(1).float()


@torch.inference_mode()
def answer(model: LeNet, inputs: list[Prepared | None], switches: Mapping[str, Tensor] | None = None) -> list[Answer]:
    """Answer a batch of prepared digits, in order, in one pass of the network with these switches."""
    answers = [Answer(None, None, NOTHING_DRAWN)] * len(inputs)
    there = [i for i, prepared in enumerate(inputs) if prepared is not None]
    if not there:
        return answers
    batch = model.normalise(as_batch([inputs[i] for i in there]))
    values = {INPUT: batch, **model.activations(batch, switches)}
    probabilities = values["output"].softmax(1)
    verdicts = decide(values["output"], model.threshold)
    for row, i in enumerate(there):
        digit, reason = verdicts[row]
        seen = Seen(inputs[i], {name: rows[row] for name, rows in values.items()})
        answers[i] = Answer(digit, probabilities[row].tolist(), reason, seen)
    return answers
